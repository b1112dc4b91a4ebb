//! Parquet files: reading with pruning, and writing.
//!
//! - [`ParquetFile`] (`file`) is an open file: its `footer`, checked and repaired, and its
//!   `columns` as Arrow types. `int96_unit` looks into pages for the unit of INT96 columns,
//!   `encryption` decrypts.
//! - Column chunks: `chunk` reads the pages of one. `pages` are those of the mapping,
//!   `checked_pages`, `page_header` and `bit_packed` check and correct them, `page_check` checks
//!   what they hold (`level_runs`, `row_values`, `delta_lengths`), `page_budget` bounds their memory, and
//!   `one_chunk` passes a chunk to the `parquet` crate. `bloom_filter` reads filters.
//! - Statistics: `statistics_validity` decides which are believed, by the table `writer_bugs` and
//!   the `writer_version`.
//! - `read` scans files, and `write` encodes them. Types in both directions: `storable` (what
//!   Parquet can hold), `store` (rows of these types), `intervals`.
//! - `thrift` is the protocol of footers and headers; `cause` rewords errors of the crate.
//!
//! Independent of the options of the command line.

mod bit_packed;
pub(crate) mod bloom_filter;
mod cause;
pub(crate) mod checked_pages;
pub(crate) mod chunk;
mod chunk_front;
mod columns;
mod delta_lengths;
mod encryption;
pub(crate) mod file;
pub(crate) mod footer;
mod int96_unit;
mod intervals;
mod level_runs;
mod one_chunk;
mod page_budget;
pub(crate) mod page_check;
pub(crate) mod page_header;
mod page_places;
pub(crate) mod pages;
mod read;
mod row_values;
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
pub use read::scan_head::ScanHead;
pub use storable::stored_schema;
pub use store::store;
pub use write::{
    ColumnEncoding, Compression, DictionaryColumns, EncodeOptions, Encoder, Footer, Footers,
    KeepMetadata, PageMemory, Statistics, Target,
};
