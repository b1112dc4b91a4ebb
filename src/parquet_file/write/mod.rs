//! Writes Parquet. [`Encoder`] accepts batches of any size; `properties` has the format's settings,
//! and `advice` chooses encodings from the first rows. `row_groups` cuts rows into row groups and
//! writes them to the `sink`; `columns` encodes them in threads.

mod advice;
mod bounds;
mod checksum;
mod column_chunk;
mod column_encoder;
mod column_orders;
mod columns;
mod content_defined;
pub(super) mod encode;
mod encoders;
mod encodings;
mod file_schema;
mod footers;
mod geospatial;
mod logical_types;
mod page_memory;
mod prepare;
mod properties;
mod queues;
mod row_groups;
mod shortened;
mod sink;
mod target;
mod text_bounds;

pub use encode::Encoder;
pub use encodings::ColumnEncoding;
pub use footers::{Footer, Footers};
pub use page_memory::PageMemory;
pub use properties::{Compression, DictionaryColumns, EncodeOptions, KeepMetadata, Statistics};
pub use target::Target;
