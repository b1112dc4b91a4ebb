//! Writing Parquet files.
//!
//! - [`Encoder`] (`encode`) accepts batches of any size, with the `options`; `prepare` and
//!   `file_schema` (with `logical_types` and `geospatial`) make the schema to store.
//! - Settings of the crate: `properties`, from `encodings`, `column_encoding`, `compression`,
//!   `target`; `choose_encoding` looks at the first rows.
//! - `row_groups` cuts rows into row groups (`gathered` merges small batches) and writes them to
//!   the `sink`. `columns` encodes them in threads, by the `queues` of the leaf columns.
//! - One leaf column: `encoders` makes its `column_encoder` (`byte_column` for text and binary
//!   values, `number_column` for numbers, `boolean_column`, `content_defined` for pages cut by
//!   content),
//!   `page_memory` holds its pages, and `column_chunk` is the result. `checksum` completes page
//!   headers, `bounds` completes statistics.
//! - After the last row: `column_orders` completes the footer; `footers` writes `_metadata`.

mod boolean_column;
mod bounds;
mod byte_column;
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
mod logical_types;
mod number_column;
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
