//! Writes rows into Parquet files: a tree of directories by the values of some columns, or files of
//! a given size.
//!
//! From the outside in: [`Partitioner`] numbers the partition of each row (`keys`), sorts a few
//! megabytes of rows at a time by partition (`sorted_rows`), keeps them until the stream ends or
//! memory is full (`row_buffer`), and writes partition by partition (`files`) into the [`Tree`].
//! Its `tree_place` is a directory that appears at once, or a prefix of names in a store; files are
//! added to both after checks by `addition`. `tree_options` are plain data, `tree_names` names the files
//! and [`TreeSummary`] counts what was written. Encoding is in `parquet_file`; command-line options are
//! elsewhere.

mod addition;
mod files;
mod keys;
mod open_files;
mod partition_options;
mod partition_work;
mod partitioner;
mod row_buffer;
mod sorted_rows;
mod tree;
mod tree_names;
mod tree_options;
mod tree_place;
mod tree_summary;

pub use files::FileLimits;
pub use partition_options::PartitionOptions;
pub use partitioner::Partitioner;
pub use tree::{Tree, refuse_directory};
pub use tree_names::NameTemplate;
pub use tree_options::{Publish, TreeOptions};
pub use tree_summary::{PartitionSummary, TreeSummary};
