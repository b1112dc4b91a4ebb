//! Writing Parquet: [`Encoder`] takes batches of any size, with `properties` for the format's
//! settings and `advice` for what the first rows tell about encoding; `row_groups` cuts rows into row
//! groups and writes these to the `sink`, `columns` encodes them in threads.

mod advice;
mod bounds;
mod checksum;
mod column_chunk;
mod column_encoder;
mod column_orders;
mod columns;
pub(super) mod encode;
mod encoders;
mod file_schema;
mod footers;
mod geospatial;
mod logical_types;
mod page_memory;
mod properties;
mod queues;
mod row_groups;
mod shortened;
mod sink;
mod text_bounds;

pub use encode::Encoder;
pub use footers::{Footer, Footers};
pub use page_memory::PageMemory;
pub use properties::{Compression, DictionaryColumns, EncodeOptions, Statistics};
