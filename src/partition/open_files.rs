//! Partitions whose files got row groups before the stream ended. Their files are not all open: the
//! least recently written ones are closed temporarily.

use super::files::WrittenFiles;
use crate::error::Result;
use std::collections::BTreeMap;

/// The partitions of which something was written.
#[derive(Debug)]
pub(super) struct OpenFiles {
    pub(super) by_partition: BTreeMap<u32, PartitionState>,
    /// The maximum number of open files.
    pub(super) most: usize,
    /// A counter of writes, to find the least recently written file.
    now: u64,
}

/// A partition of which something was written.
#[derive(Debug, Default)]
pub(super) struct PartitionState {
    pub(super) written: WrittenFiles,
    /// Rows of generations before this one were written.
    pub(super) generation: usize,
    last_used: u64,
    pub(super) is_open: bool,
}

impl OpenFiles {
    /// Limits the number of open files.
    pub(super) fn new(most: usize) -> Self {
        Self { by_partition: BTreeMap::new(), most, now: 0 }
    }

    /// Takes the state of a partition.
    pub(super) fn take(&mut self, partition: u32) -> PartitionState {
        self.by_partition.remove(&partition).unwrap_or_default()
    }

    /// Closes files until `more` can be opened.
    ///
    /// # Errors
    /// I/O errors while pending data is written.
    pub(super) fn make_room(&mut self, more: usize) -> Result<()> {
        let mut open: Vec<&mut PartitionState> =
            self.by_partition.values_mut().filter(|state| state.is_open).collect();
        let too_many = (open.len() + more).saturating_sub(self.most);
        open.sort_by_key(|state| state.last_used);
        open.into_iter().take(too_many).try_for_each(PartitionState::suspend)
    }

    /// Puts the state of a partition back.
    pub(super) fn put(&mut self, partition: u32, mut state: PartitionState) {
        self.now += 1;
        state.last_used = self.now;
        self.by_partition.insert(partition, state);
    }
}

impl PartitionState {
    /// Closes the file until more is written to it.
    ///
    /// # Errors
    /// I/O errors while pending data is written.
    pub(super) fn suspend(&mut self) -> Result<()> {
        self.is_open = false;
        self.written.suspend()
    }
}
