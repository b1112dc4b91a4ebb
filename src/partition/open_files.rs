//! Partitions whose files got row groups before the stream ended. Their files are not all open:
//! those that were written longest ago are closed for a while.

use super::files::Written;
use crate::error::Result;
use std::collections::BTreeMap;

/// The partitions of which something was written.
#[derive(Debug)]
pub(super) struct OpenFiles {
    by_partition: BTreeMap<u32, Begun>,
    most: usize,
    /// Counts what was written, so that the one written longest ago is found.
    now: u64,
}

/// A partition of which something was written.
#[derive(Debug, Default)]
pub(super) struct Begun {
    pub(super) written: Written,
    /// Rows of generations before this one were written.
    pub(super) generation: usize,
    last_used: u64,
    is_open: bool,
}

impl OpenFiles {
    /// At most so many files are open.
    pub(super) fn new(most: usize) -> Self {
        Self { by_partition: BTreeMap::new(), most, now: 0 }
    }

    /// Takes what was begun of a partition.
    pub(super) fn take(&mut self, partition: u32) -> Begun {
        self.by_partition.remove(&partition).unwrap_or_default()
    }

    /// Puts it back, with its file open.
    ///
    /// # Errors
    /// A file that refuses to be closed.
    pub(super) fn put(&mut self, partition: u32, mut begun: Begun) -> Result<()> {
        self.now += 1;
        (begun.last_used, begun.is_open) = (self.now, true);
        self.by_partition.insert(partition, begun);
        let open = || self.by_partition.values().filter(|begun| begun.is_open).count();
        if open() <= self.most {
            return Ok(());
        }
        let open = self.by_partition.values_mut().filter(|begun| begun.is_open);
        match open.min_by_key(|begun| begun.last_used) {
            Some(begun) => {
                begun.is_open = false;
                begun.written.suspend()
            }
            None => Ok(()),
        }
    }

    /// All that was begun.
    pub(super) fn into_map(self) -> BTreeMap<u32, Begun> {
        self.by_partition
    }
}
