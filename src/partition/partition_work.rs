//! Writes the rows of one partition, in one of several threads.

use super::files::PartitionFiles;
use super::open_files::PartitionState;
use super::row_buffer::{Recent, RowBuffer};
use crate::batch::Dictionaries;
use crate::error::Result;
use crate::threads::Threads;
use std::path::Path;

/// The number of tasks per thread, so that all threads finish at about the same time.
pub(crate) const TASKS: usize = 32;

/// The state shared by the threads that write partitions.
pub(crate) struct PartitionWork<'a> {
    pub(crate) buffer: &'a RowBuffer,
    pub(crate) files: &'a PartitionFiles,
    pub(crate) dictionaries: &'a Dictionaries,
}

/// A partition that a thread writes.
pub(crate) struct PartitionWriter<'a> {
    pub(crate) number: u32,
    /// Its directory in the tree.
    pub(crate) path: &'a Path,
    pub(crate) state: PartitionState,
}

impl PartitionWork<'_> {
    /// Writes the next `left` rows of a partition.
    pub(crate) fn write(
        &self,
        to: &mut PartitionWriter<'_>,
        mut left: usize,
        recent: &mut Recent,
        threads: &Threads,
    ) -> Result<()> {
        self.buffer.each_piece(to.number, to.state.generation, recent, |piece| {
            let piece = piece.slice(0, left.min(piece.num_rows()));
            for batch in self.dictionaries.raise(&piece, None)? {
                left -= batch.num_rows();
                self.files.write(&mut to.state.written, to.path, &batch, Some(left), threads)?;
            }
            Ok(())
        })
    }

    /// Writes the last `rows` rows of a partition.
    pub(crate) fn finish(
        &self,
        mut to: PartitionWriter<'_>,
        rows: usize,
        recent: &mut Recent,
        threads: &Threads,
    ) -> Result<()> {
        self.write(&mut to, rows, recent, threads)?;
        self.files.finish(to.state.written, to.path)
    }
}
