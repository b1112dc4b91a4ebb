//! The files of a partition, one after another: each ends when it reaches its limit.

use super::row_buffer::row_bytes;
use super::tree::Tree;
use crate::error::{Error, Result};
use crate::parquet_file::{EncodeOptions, Encoder, PageMemory};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Writes the files of all partitions; shared by the threads that do so.
pub(super) struct PartitionFiles {
    tree: Mutex<Tree>,
    /// The schema of the stream, without columns that are left out of the files.
    schema: Schema,
    encode: EncodeOptions,
    limits: FileLimits,
    /// The maximum memory for the rows of a row group before they are encoded.
    row_group_bytes: usize,
    /// Shared by all files: otherwise the system would provide fresh memory for each row group.
    page_memory: PageMemory,
}

/// The maximum size of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileLimits {
    /// The number of rows.
    pub rows: Option<u64>,
    /// The approximate number of bytes as stored.
    pub bytes: Option<u64>,
}

/// The files of one partition: the open one, if any, and their number.
#[derive(Debug, Default)]
pub(super) struct WrittenFiles {
    file: Option<OpenFile>,
    files: u64,
}

#[derive(Debug)]
struct OpenFile {
    encoder: Encoder,
    rows: u64,
    row_group_rows: usize,
    /// The maximum number of rows in a row group.
    most_row_group_rows: usize,
}

/// A limit in bytes is checked this many times while a file grows to it.
const LOOKS: usize = 8;

/// A last row group with fewer rows gets some from the previous one.
pub(super) const LEAST_ROWS: usize = 1000;

impl PartitionFiles {
    /// # Errors
    /// Row groups of no rows.
    pub(super) fn new(
        tree: Tree,
        schema: Schema,
        encode: EncodeOptions,
        limits: FileLimits,
        row_group_bytes: usize,
    ) -> Result<Self> {
        if encode.row_group_rows == 0 {
            return Err(Error::usage("row groups of 0 rows are not allowed: use 1 or more"));
        }
        let page_memory = PageMemory::default();
        Ok(Self { tree: Mutex::new(tree), schema, encode, limits, row_group_bytes, page_memory })
    }

    /// Adds rows to the current file of a partition, or to a new one; `after` is the number of rows
    /// known to follow them. The contents of files do not depend on `threads`.
    ///
    /// # Errors
    /// I/O errors; a value that Parquet cannot represent.
    pub(super) fn write(
        &self,
        written: &mut WrittenFiles,
        path: &Path,
        batch: &RecordBatch,
        after: Option<usize>,
        threads: &Threads,
    ) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            let mut file = match written.file.take() {
                Some(file) => file,
                None => self.create(written, path, threads, row_bytes(batch))?,
            };
            let left = batch.num_rows() - start;
            let (rows, ends) = self.next_rows(&file, left, after, row_bytes(batch));
            file.encoder.write(&batch.slice(start, rows))?;
            start += rows;
            file.rows += rows as u64;
            file.row_group_rows = (file.row_group_rows + rows) % file.most_row_group_rows;
            if ends {
                file.end_row_group()?;
            }
            if self.is_full(&mut file)? {
                self.close(file, path)?
            } else {
                written.file = Some(file)
            }
        }
        Ok(())
    }

    /// Finishes a partition.
    ///
    /// # Errors
    /// Those of [`PartitionFiles::write`].
    pub(super) fn finish(&self, written: WrittenFiles, path: &Path) -> Result<()> {
        written.file.map_or(Ok(()), |file| self.close(file, path))
    }

    /// Writes a file without rows, for a stream that has none.
    ///
    /// # Errors
    /// Those of [`PartitionFiles::write`].
    pub(super) fn write_empty(&self) -> Result<()> {
        let path = Path::new("");
        let file = self.create(&mut WrittenFiles::default(), path, &Threads::one(), 1)?;
        self.close(file, path)
    }

    /// The tree with all its files.
    pub(super) fn into_tree(self) -> Tree {
        self.tree.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates the next file; `row_bytes` is the memory per row of the first batch.
    fn create(
        &self,
        written: &mut WrittenFiles,
        path: &Path,
        threads: &Threads,
        row_bytes: usize,
    ) -> Result<OpenFile> {
        let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        let output = tree.create_file(path, written.files)?;
        drop(tree);
        written.files += 1;
        let rows = (self.row_group_bytes / row_bytes).max(2 * LEAST_ROWS);
        let row_group_rows = self.encode.row_group_rows.min(rows);
        let threads = threads.clone();
        let options = EncodeOptions { threads, row_group_rows, ..self.encode.clone() };
        let encoder = Encoder::create(output, &self.schema, &options)?.sharing(&self.page_memory);
        let most_row_group_rows = row_group_rows;
        Ok(OpenFile { encoder, rows: 0, row_group_rows: 0, most_row_group_rows })
    }

    fn close(&self, file: OpenFile, path: &Path) -> Result<()> {
        let (output, footer) = file.encoder.close()?;
        let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        tree.finish_file(output, path, footer)
    }

    /// The number of the `left` rows to write next, and whether the row group should end after
    /// them.
    fn next_rows(
        &self,
        file: &OpenFile,
        left: usize,
        after: Option<usize>,
        row_bytes: usize,
    ) -> (usize, bool) {
        let mut rows = left;
        let mut room = usize::MAX;
        if let Some(most) = self.limits.rows {
            room = usize::try_from(most.saturating_sub(file.rows)).unwrap_or(usize::MAX);
            rows = rows.min(room);
        }
        if let Some(most) = self.limits.bytes {
            let piece = usize::try_from(most).unwrap_or(usize::MAX) / LOOKS / row_bytes;
            rows = rows.min(piece.max(LEAST_ROWS));
        }
        let Some(after) = after else { return (rows, false) };
        // The rows of the file after its current row group, if that grows to its maximum size.
        let rest = left.saturating_add(after).min(room);
        let row_group_room = file.most_row_group_rows - file.row_group_rows;
        let tail = rest.saturating_sub(row_group_room);
        let is_small = 0 < tail && tail < LEAST_ROWS && self.encode.row_group_bytes.is_none();
        if !is_small || file.most_row_group_rows < 2 * LEAST_ROWS {
            return (rows.min(row_group_room), false);
        }
        match rest.saturating_sub(LEAST_ROWS) {
            0 => (rows, false),
            last if last <= rows && LEAST_ROWS <= file.row_group_rows + last => (last, true),
            _ => (rows, false),
        }
    }

    fn is_full(&self, file: &mut OpenFile) -> Result<bool> {
        if self.limits.rows.is_some_and(|most| most <= file.rows) {
            return Ok(true);
        }
        match self.limits.bytes {
            None => Ok(false),
            Some(most) => Ok(most <= file.encoder.stored_bytes()? as u64),
        }
    }
}

impl WrittenFiles {
    /// Ends the current row group, and releases its threads.
    ///
    /// # Errors
    /// Those of [`PartitionFiles::write`].
    pub(super) fn end_row_group(&mut self) -> Result<()> {
        self.file.as_mut().map_or(Ok(()), OpenFile::end_row_group)
    }

    /// Closes the current file until more is written to it.
    ///
    /// # Errors
    /// Those of [`PartitionFiles::write`].
    pub(super) fn suspend(&mut self) -> Result<()> {
        let file = self.file.as_mut();
        file.map_or(Ok(()), |file| file.encoder.output()?.suspend())
    }
}

impl OpenFile {
    fn end_row_group(&mut self) -> Result<()> {
        self.row_group_rows = 0;
        self.encoder.end_row_group()
    }
}
