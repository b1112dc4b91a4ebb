//! Parquet files: which row groups to read, decoding them, encoding others.
//!
//! Reading, from the outside in: [`Scan`] makes one sequence of batches out of several
//! [`ParquetFile`]s, whose `footer` is checked first; `leaves` says which columns, `prune` which row
//! groups by the statistics that `trust` believes and by `bloom` filters; `decode` reads one of them. Writing: [`Encoder`],
//! with `storable` for what Parquet can hold, `properties` for the format's settings, and `advice`
//! for what the first rows tell about encoding; `row_groups` cuts rows into row groups and writes
//! these, `columns` encodes them in threads. Not for options of the command line.

mod advice;
mod ahead;
mod bloom;
mod cause;
mod columns;
mod decode;
mod encode;
mod file;
pub(crate) mod footer;
mod leaves;
mod pages;
mod plan;
mod properties;
mod prune;
mod row_groups;
mod scan;
#[cfg(test)]
mod scan_tests;
mod select;
mod sink;
mod storable;
pub(crate) mod trust;
mod workers;

pub use encode::Encoder;
pub use file::ParquetFile;
pub use properties::{Compression, DictionaryColumns, EncodeOptions, Statistics};
pub use scan::{Scan, ScanOptions};
