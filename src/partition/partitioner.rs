//! Writes a stream into a tree of Parquet files.

use super::files::{LEAST_ROWS, PartitionFiles};
use super::keys::PartitionKeys;
use super::open_files::OpenFiles;
use super::partition_options::{Budget, PartitionOptions, refuse_left_out};
use super::partition_work::{PartitionWork, PartitionWriter, TASKS};
use super::row_buffer::{Recent, RowBuffer, ranges};
use super::sorted_rows::{SortedRows, UnsortedRows};
use super::tree::Tree;
use super::tree_summary::TreeSummary;
use crate::batch::{Dictionaries, batch_bytes};
use crate::error::{Error, Result};
use crate::parquet_file::{store, stored_schema};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::thread::{Builder, JoinHandle};

/// A stream being written into a tree of files.
pub struct Partitioner {
    keys: Option<PartitionKeys>,
    /// The columns in the files.
    columns: Vec<usize>,
    stored: SchemaRef,
    dictionaries: Dictionaries,
    lowered: SchemaRef,
    unsorted: UnsortedRows,
    sorting: VecDeque<JoinHandle<Result<SortedRows>>>,
    buffer: RowBuffer,
    files: PartitionFiles,
    open_files: OpenFiles,
    budget: Budget,
    row_group_rows: usize,
    threads: Threads,
    rows: u64,
}

/// When memory is full, a partition with at least this many rows there gets a row group of them;
/// the rows of others go to temporary files. `file-inspect` reports row groups of 10,000 rows as
/// too small. Twenty million rows of nine columns in 200 partitions, under 512 MiB: with row groups
/// of 23,000 rows it takes 4.5 s, with temporary files and one row group per file 5.5 to 7.6 s.
const LARGE_ROWS: usize = 20_000;
const LARGE_BYTES: usize = 1 << 20;

/// The number of chunks sorted at the same time, if there are threads: one is usually as fast as
/// the stream is read.
const MOST_SORTING: usize = 2;

impl Partitioner {
    /// Starts writing a stream with this schema into the tree.
    ///
    /// # Errors
    /// Columns that cannot be partition columns; columns that Parquet cannot represent; conflicting
    /// options.
    pub fn try_new(tree: Tree, schema: &SchemaRef, options: &PartitionOptions) -> Result<Self> {
        let keys = match &options.by[..] {
            [] => None,
            by => Some(PartitionKeys::try_new(schema, by)?),
        };
        let left_out = keys.as_ref().filter(|_| !options.keep_columns).map(PartitionKeys::columns);
        if left_out.is_some() {
            refuse_left_out(&options.by, &options.encode)?;
        }
        let is_kept = |column: &usize| left_out.is_none_or(|left_out| !left_out.contains(column));
        let columns: Vec<usize> = (0..schema.fields().len()).filter(is_kept).collect();
        if columns.is_empty() && !schema.fields().is_empty() {
            return Err(Error::usage(
                "--partition-by: no column is left for the files: give --keep-partition-columns",
            ));
        }
        let kept = schema.project(&columns).map_err(|e| Error::failed(e.to_string()))?;
        let stored = stored_schema(&kept)?;
        tree.check_schema(&options.by, &kept)?;
        let dictionaries = Dictionaries::try_new(&stored)?;
        let lowered = dictionaries.lowered_schema().clone();
        let directory = options.temporary_directory.clone();
        let encode = &options.encode;
        // Consecutive files need as much as a single one.
        let row_group_bytes = keys.as_ref().map_or(usize::MAX, |_| options.memory_bytes / 4);
        Ok(Self {
            keys,
            columns,
            unsorted: UnsortedRows::default(),
            sorting: VecDeque::new(),
            buffer: RowBuffer::new(&lowered, directory),
            files: PartitionFiles::new(
                tree,
                kept,
                encode.clone(),
                options.limits,
                row_group_bytes,
            )?,
            open_files: OpenFiles::new(options.most_open_files),
            budget: Budget::of(options.memory_bytes),
            row_group_rows: encode.row_group_rows,
            threads: encode.threads.clone(),
            stored,
            dictionaries,
            lowered,
            rows: 0,
        })
    }

    /// Adds the next batch of the stream.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; a partition key that cannot be a directory name; a value
    /// that Parquet cannot represent.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let first_row = self.rows;
        self.rows += batch.num_rows() as u64;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let kept = batch.project(&self.columns).map_err(|e| Error::failed(e.to_string()))?;
        let stored = store(&kept, &self.stored, first_row)?;
        let Some(keys) = &mut self.keys else {
            // All rows go to the same place, so they need not be moved.
            let mut state = self.open_files.take(0);
            self.files.write(&mut state.written, Path::new(""), &stored, None, &self.threads)?;
            self.open_files.put(0, state);
            return Ok(());
        };
        keys.number(batch, &mut self.unsorted.partitions)?;
        let lowered = self.dictionaries.lower(&stored)?;
        self.unsorted.bytes += batch_bytes(&lowered);
        self.unsorted.batches.push(lowered);
        if self.unsorted.bytes < self.budget.chunk_bytes { Ok(()) } else { self.sort() }
    }

    /// Writes everything that is left, and puts the tree in its place.
    ///
    /// # Errors
    /// Those of [`Partitioner::write`].
    pub fn finish(mut self) -> Result<TreeSummary> {
        if self.unsorted.rows() > 0 {
            self.sort()?;
        }
        self.hold_sorted(0)?;
        self.write_rest()?;
        if self.keys.is_none() && self.rows == 0 {
            self.files.write_empty()?;
        }
        self.files.into_tree().commit()
    }

    /// Sorts the collected rows by partition, in another thread if one is free.
    fn sort(&mut self) -> Result<()> {
        let unsorted = std::mem::take(&mut self.unsorted);
        let partitions = self.keys.as_ref().map_or(0, PartitionKeys::len);
        self.hold_sorted(MOST_SORTING.min(self.threads.count() - 1))?;
        let Some(working) = self.threads.take() else {
            self.hold_sorted(0)?;
            return self.hold(unsorted.sort(&self.lowered, partitions)?);
        };
        let schema = self.lowered.clone();
        let sort = move || {
            let _working = working;
            unsorted.sort(&schema, partitions)
        };
        let thread = Builder::new().name("sort".to_owned()).spawn(sort);
        self.sorting.push_back(thread.map_err(|e| Error::io("cannot start a thread", &e))?);
        Ok(())
    }

    /// Keeps sorted chunks, until fewer than `most` are being sorted.
    fn hold_sorted(&mut self, most: usize) -> Result<()> {
        while most <= self.sorting.len()
            && let Some(oldest) = self.sorting.pop_front()
        {
            let sorted = oldest.join();
            self.hold(sorted.unwrap_or_else(|_| Err(Error::failed("cannot move rows")))?)?;
        }
        Ok(())
    }

    /// Keeps a chunk. If memory is full, partitions with many rows are written, and the rest goes
    /// to temporary files.
    fn hold(&mut self, chunk: SortedRows) -> Result<()> {
        self.buffer.push(chunk);
        if self.buffer.bytes() < self.budget.held_bytes {
            return Ok(());
        }
        let rows = self.buffer.rows_in_memory();
        let row_bytes = (self.buffer.bytes() / rows.iter().sum::<usize>().max(1)).max(1);
        let is_large = |rows: usize| {
            self.row_group_rows.max(2 * LEAST_ROWS) <= rows
                || rows >= LARGE_ROWS && rows * row_bytes >= LARGE_BYTES
        };
        let large = (0..).zip(rows).filter(|(_, rows)| is_large(*rows));
        // The last rows wait, so that no row group is small when the stream ends.
        let large: BTreeMap<u32, usize> =
            large.map(|(partition, rows)| (partition, rows - LEAST_ROWS)).collect();
        self.write_large(&large)?;
        self.buffer.spill(&large, &self.threads)
    }

    /// Writes the rows of some partitions in temporary files, and the given numbers of those in
    /// memory: one partition per thread if there are enough, else one after another in all threads.
    fn write_large(&mut self, large: &BTreeMap<u32, usize>) -> Result<()> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let (buffer, files, dictionaries) = (&self.buffer, &self.files, &self.dictionaries);
        let work = PartitionWork { buffer, files, dictionaries };
        let (workers, threads) = if 2 * self.threads.count() <= large.len() {
            (self.threads.count(), &Threads::one())
        } else {
            (1, &self.threads)
        };
        // If not all can stay open, none does.
        let stays_open = large.len() <= self.open_files.most;
        self.open_files.make_room(if stays_open { large.len() } else { workers })?;
        let tasks = large.iter().map(|(p, rows)| (*p, *rows, self.open_files.take(*p)));
        let tasks: Vec<_> = tasks.collect();
        let mut workers = vec![(); workers];
        let done =
            self.threads.each("cannot write", &mut workers, tasks.into_iter(), |(), task| {
                let (number, rows, state) = task;
                let mut to = PartitionWriter { number, path: keys.path(number), state };
                // Rows in temporary files come first, and all of them are needed.
                let rows = rows + buffer.rows_in_files(number, to.state.generation);
                work.write(&mut to, rows, &mut Recent::default(), threads)?;
                to.state.written.end_row_group()?;
                to.state.generation = buffer.generation();
                to.state.is_open = true;
                if !stays_open {
                    to.state.suspend()?;
                }
                Ok((number, to.state))
            })?;
        done.into_iter().for_each(|(number, state)| self.open_files.put(number, state));
        Ok(())
    }

    /// Writes the held rows, partition by partition: one per thread, or one in all threads if it
    /// has more rows than a thread's share of all.
    fn write_rest(&mut self) -> Result<()> {
        let mut states = std::mem::take(&mut self.open_files.by_partition);
        let Some(keys) = &self.keys else {
            let state = states.remove(&0).unwrap_or_default();
            return self.files.finish(state.written, Path::new(""));
        };
        let rows = self.buffer.rows_left(keys.len(), |partition| {
            states.get(&partition).map_or(0, |state| state.generation)
        });
        let all: usize = rows.iter().sum();
        let threads = self.threads.count();
        let is_large = |partition: usize| all / (2 * threads) < rows[partition];
        let work = PartitionWork {
            buffer: &self.buffer,
            files: &self.files,
            dictionaries: &self.dictionaries,
        };
        let large = (0..rows.len()).filter(|partition| is_large(*partition));
        for partition in large.clone() {
            let number = partition as u32;
            let state = states.remove(&number).unwrap_or_default();
            let to = PartitionWriter { number, path: keys.path(number), state };
            work.finish(to, rows[partition], &mut Recent::default(), &self.threads)?;
        }
        let small: Vec<usize> =
            (0..).zip(&rows).map(|(p, n)| if is_large(p) { 0 } else { *n }).collect();
        let large: Vec<u32> = large.map(|partition| partition as u32).collect();
        let tasks = ranges(&small, all / (TASKS * threads)).into_iter().map(|partitions| {
            let partitions = partitions.filter(|partition| !large.contains(partition));
            let state = |partition| (partition, states.remove(&partition).unwrap_or_default());
            partitions.map(state).collect::<Vec<_>>()
        });
        let mut workers: Vec<Recent> = (0..threads).map(|_| Recent::default()).collect();
        let alone = Threads::one();
        let done = self.threads.each("cannot write", &mut workers, tasks, |recent, partitions| {
            for (number, state) in partitions {
                let to = PartitionWriter { number, path: keys.path(number), state };
                work.finish(to, rows[number as usize], recent, &alone)?;
            }
            Ok(())
        });
        done.map(drop)
    }
}

impl std::fmt::Debug for Partitioner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Partitioner").field("rows", &self.rows).finish_non_exhaustive()
    }
}
