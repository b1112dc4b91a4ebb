//! Parquet files: which row groups to read, decoding them, encoding others.
//!
//! Reading, from the outside in: [`Scan`] makes one sequence of batches out of several
//! [`ParquetFile`]s; `projection` says which columns, `row_groups` and `prune` which row groups;
//! `decode` reads one of them. Writing: [`Encoder`], with `properties` for the format's settings
//! and `storable` for what Parquet can hold. Not for options of the command line.

mod cause;
mod decode;
mod file;
#[cfg(test)]
mod golden;
mod projection;
mod prune;
mod row_groups;
mod scan;

pub use file::ParquetFile;
pub use row_groups::RowGroups;
pub use scan::{Scan, ScanOptions};
