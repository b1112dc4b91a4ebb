//! What was written, partition by partition.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of a tree, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeSummary {
    /// By the paths of the partitions' directories in the tree; a flat tree has one, with an empty path.
    pub partitions: BTreeMap<PathBuf, PartitionSummary>,
}

/// The files of a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartitionSummary {
    /// How many there are.
    pub files: u64,
    /// The rows in all of them.
    pub rows: u64,
    /// Their length.
    pub bytes: u64,
}

impl TreeSummary {
    pub(super) fn add(&mut self, partition: &Path, rows: u64, bytes: u64) {
        let one = PartitionSummary { files: 1, rows, bytes };
        match self.partitions.get_mut(partition) {
            Some(sum) => sum.add(one),
            None => drop(self.partitions.insert(partition.to_owned(), one)),
        }
    }
}

impl PartitionSummary {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}
