//! Parquet files: which row groups to read, decoding them, encoding others.
//!
//! Reading, from the outside in: [`Scan`] makes one sequence of batches out of several
//! [`ParquetFile`]s, whose `footer` is checked first. `plan` says what is read in which order: `leaves`
//! which columns, `prune` which row groups, and by `page_bounds` which pages, as far as statistics
//! that `trust` believes and `bloom` filters tell, `row_size` how many rows at a time. `workers` are
//! the threads that do it, in the order that `ahead` has for them: `select` evaluates a predicate,
//! `decode` reads a column from its `pages` by way of the library, `coded` flat columns without it, in
//! the encodings that `encoded_columns` chose.
//! Writing: [`Encoder`], with `storable` for what Parquet can hold, `properties` for the format's settings, and `advice`
//! for what the first rows tell about encoding; `row_groups` cuts rows into row groups and writes
//! these, `columns` encodes them in threads. Not for options of the command line.

mod advice;
mod ahead;
mod bloom;
mod cause;
mod coded;
mod coded_keys;
mod coded_output;
mod coded_runs;
#[cfg(test)]
mod coded_tests;
mod coded_values;
mod column_decoder;
mod columns;
mod decode;
mod dictionary_page;
mod encode;
mod encoded_columns;
mod file;
pub(crate) mod footer;
mod hybrid;
mod leaves;
mod page_bounds;
mod page_values;
mod pages;
mod plan;
mod properties;
mod prune;
mod row_groups;
mod row_size;
mod scan;
#[cfg(test)]
mod scan_tests;
mod select;
mod sink;
mod storable;
pub(crate) mod trust;
mod workers;

pub use encode::Encoder;
pub use encoded_columns::EncodedColumns;
pub use file::ParquetFile;
pub use properties::{Compression, DictionaryColumns, EncodeOptions, Statistics};
pub use scan::{Scan, ScanOptions};
