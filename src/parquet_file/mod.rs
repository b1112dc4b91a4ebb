//! Parquet files: choosing the row groups to read, decoding them, encoding new ones.
//!
//! Reading, from the outside in: [`Scan`] turns several [`ParquetFile`]s, whose `footer` and
//! `file_path`s are checked first, into one sequence of batches. `files` decides which of them are
//! opened at all, `survey` finds the schema that all of them are read as, and `adapt` maps one file
//! to it, with `constants` for columns that have the same value in all its rows; `in_order` opens
//! files ahead of time. `plan` decides what is read in which order: `columns` which leaves, `prune`
//! which row groups and pages, by bloom filters and by the statistics that `trust` believes
//! (`writer_bugs` lists the writers whose statistics are wrong), `row_size` how many rows at a
//! time. `workers` are the threads that do the work, in the order given by `ahead`: `select`
//! evaluates a predicate, `decode` reads a column from its `pages` with the `parquet` crate, and
//! `coded` reads flat columns without it. Writing is in `write`, with `storable` for the types that
//! Parquet can hold, `store` for converting rows to them, and `intervals` for one of these types.
//! Not for command-line options.

mod bit_packed;
pub(crate) mod bloom_filter;
mod cause;
mod checked_pages;
mod chunk;
mod columns;
mod encryption;
mod file;
mod file_path;
pub(crate) mod footer;
mod int96_unit;
mod intervals;
mod logical_type;
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
