//! A stream as many Parquet files: the directory they make, and what is in it.
//!
//! [`Tree`] is the directory that appears at once, with `tree_names` for its files and
//! [`TreeSummary`] for what was written. Not for options of the command line.

mod tree;
mod tree_names;
mod tree_summary;

pub use tree::{Tree, TreeOptions};
pub use tree_names::NameTemplate;
pub use tree_summary::{PartitionSummary, TreeSummary};
