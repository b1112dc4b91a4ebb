//! Parquet files: reading with pruning, and writing.
//!
//! [`ParquetFile`] is an open file: its `footer`, checked and repaired, its `columns` as Arrow
//! types, and the `chunk`s and `pages` of its columns.
//! `encryption` decrypts. `statistics_validity` says which statistics can be believed, and
//! `writer_bugs` lists the writers whose statistics are wrong. `read` scans files, `write` encodes
//! them, with `storable` for the types that Parquet can hold, `store` for rows of these types, and
//! `intervals` for one of them. Independent of the options of the command line.

mod bit_packed;
pub(crate) mod bloom_filter;
mod cause;
mod checked_pages;
mod chunk;
mod columns;
mod encryption;
mod file;
pub(crate) mod footer;
mod int96_unit;
mod intervals;
mod one_chunk;
mod page_header;
mod pages;
mod read;
pub(crate) mod statistics_validity;
mod storable;
mod store;
pub(crate) mod thrift;
mod write;
pub(crate) mod writer_bugs;
mod writer_version;

/// The unit of INT96 timestamps.
pub use arrow::datatypes::TimeUnit as Int96Unit;
pub(crate) use columns::nanoseconds_since_1970;
pub use columns::options::{InvalidText, ReadOptions};
pub use encryption::KeyFile;
pub use file::ParquetFile;
pub use read::common_schema::check_same_columns;
pub use read::encoded::EncodedColumns;
pub use read::options::{ScanFile, ScanOptions};
pub use read::scan::Scan;
pub use storable::stored_schema;
pub use store::store;
pub use write::{
    ColumnEncoding, Compression, DictionaryColumns, EncodeOptions, Encoder, Footer, Footers,
    KeepMetadata, PageMemory, Statistics, Target,
};
