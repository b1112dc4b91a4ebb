//! Rows into Parquet files: a tree of directories by the values of some columns, files of a size.
//!
//! From the outside in: [`Partitioner`] numbers the partition of each row (`keys`), puts a few
//! megabytes of rows at a time in the order of partitions (`chunk`), keeps them until the stream ends
//! or memory does (`held`), and writes partition by partition (`files`) into the [`Tree`], the directory
//! that appears at once, or is added to what `addition` has looked at, with `tree_names` for its files and [`TreeSummary`] for what was written. Not
//! for encoding: `parquet_file` does that. Not for options of the command line.

mod addition;
mod chunk;
mod files;
mod held;
mod keys;
mod open_files;
mod partitioner;
mod threads;
mod tree;
mod tree_names;
mod tree_summary;

pub use files::FileLimits;
pub use partitioner::{PartitionOptions, Partitioner};
pub use tree::{Publish, Tree, TreeOptions, refuse_directory};
pub use tree_names::NameTemplate;
pub use tree_summary::{PartitionSummary, TreeSummary};
