//! Writes Parquet. [`Encoder`] accepts batches of any size; `properties` has the format's settings,
//! and `choose_encoding` chooses encodings from the first rows. `row_groups` cuts rows into row
//! groups and writes them to the `sink`; `columns` encodes them in threads.

mod bounds;
mod checksum;
mod choose_encoding;
mod column_chunk;
mod column_encoder;
mod column_encoding;
mod column_orders;
mod columns;
mod compression;
mod content_defined;
pub(crate) mod encode;
mod encoders;
mod encodings;
mod file_schema;
mod footers;
mod gathered;
mod geospatial;
mod leaf_paths;
mod logical_types;
mod options;
mod page_memory;
mod prepare;
mod properties;
mod queues;
mod row_groups;
mod sink;
mod target;

pub use column_encoding::ColumnEncoding;
pub use compression::Compression;
pub use encode::Encoder;
pub use footers::{Footer, Footers};
pub use options::{DictionaryColumns, EncodeOptions, KeepMetadata, Statistics};
pub use page_memory::PageMemory;
pub use target::Target;
