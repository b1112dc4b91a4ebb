//! One sort of all rows within a memory budget.

use super::buffer::{BatchSize, Buffer, SortedBuffer};
use super::gather::{Place, gather};
use super::keys::{OwnedKey, SortKeys};
use super::merge::{Merge, SortedRun};
use crate::batch::Dictionaries;
use crate::error::Result;
use crate::spill::Spill;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;

/// The memory limit of a pass, the directory for data that exceeds it, and its threads.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    pub(super) memory_bytes: usize,
    pub(super) directory: Option<PathBuf>,
    pub(super) threads: Threads,
}

/// Rows being collected.
pub(super) struct Pass {
    schema: SchemaRef,
    keys: SortKeys,
    budget: Budget,
    buffer: Buffer,
    spill: Option<Spill>,
    runs: Vec<SortedRun>,
    /// With a limit: rows with keys that are not smaller than this cannot be in the result.
    bound: Option<OwnedKey>,
    batch_rows: usize,
}

/// The sorted rows.
pub(super) struct Sorted {
    keys: SortKeys,
    from: From,
}

enum From {
    Memory(SortedBuffer, VecDeque<RecordBatch>),
    Runs(Merge),
}

/// The first rows are selected again when there are this many more.
const SPARE_ROWS: u64 = 1 << 16;

/// The size of output batches, including temporary ones: large enough that the cost per batch is
/// negligible, small enough that many runs can be merged at once.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_ROWS: usize = 1 << 16;

impl Budget {
    /// A run that is merged needs three batches (one being read, one whose rows wait to be copied,
    /// and their keys); at least 16 runs should fit.
    fn batch_bytes(&self) -> usize {
        (self.memory_bytes / 64).clamp(1, BATCH_BYTES)
    }

    fn merged_runs(&self) -> usize {
        (self.memory_bytes / (4 * self.batch_bytes())).max(2)
    }
}

impl Pass {
    pub(super) fn new(schema: &SchemaRef, keys: SortKeys, budget: Budget) -> Self {
        Self {
            schema: schema.clone(),
            keys,
            budget,
            buffer: Buffer::default(),
            spill: None,
            runs: Vec::new(),
            bound: None,
            batch_rows: BATCH_ROWS,
        }
    }

    /// Adds the rows of a batch after the previous ones.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub(super) fn push(&mut self, batch: RecordBatch, dictionaries: &Dictionaries) -> Result<()> {
        let numbers = self.keys.numbers();
        if numbers.map_or(Ok(true), |numbers| numbers.can_number(batch.columns()))? {
            self.add_below_bound(batch, dictionaries)
        } else {
            self.use_bytes(dictionaries)?;
            self.add_below_bound(batch, dictionaries)
        }
    }

    /// Goes on with byte strings as keys; the buffered rows get theirs.
    fn use_bytes(&mut self, dictionaries: &Dictionaries) -> Result<()> {
        self.keys.use_bytes();
        self.bound = None;
        let buffer = std::mem::take(&mut self.buffer);
        for batch in buffer.batches() {
            self.add(batch.clone(), dictionaries)?;
        }
        Ok(())
    }

    fn add_below_bound(&mut self, batch: RecordBatch, dictionaries: &Dictionaries) -> Result<()> {
        if let Some(bound) = &self.bound {
            let keys = self.keys.of(&batch, dictionaries)?;
            let is_below = |row: &usize| keys.get(*row) < bound.as_key();
            let below = (0..batch.num_rows()).filter(is_below);
            let wanted: Vec<Place> = below.map(|row| (0, row)).collect();
            if wanted.len() < batch.num_rows() {
                for batch in gather(&[batch], &wanted, usize::MAX)? {
                    self.add(batch, dictionaries)?;
                }
                return Ok(());
            }
        }
        self.add(batch, dictionaries)
    }

    /// Returns the sorted rows, with these of their columns, or all.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub(super) fn finish(
        mut self,
        dictionaries: &Dictionaries,
        columns: Option<&[usize]>,
    ) -> Result<Sorted> {
        let bytes = self.budget.batch_bytes();
        if self.spill.is_some() {
            self.spill_buffer(dictionaries)?;
        }
        let Self { schema, keys, budget, buffer, spill, mut runs, batch_rows, .. } = self;
        let Some(spill) = spill else {
            let size = BatchSize { rows: buffer.rows_of(bytes).min(BATCH_ROWS), bytes: 2 * bytes };
            let sorted = buffer.sorted(&keys, columns, size, &budget.threads)?;
            return Ok(Sorted { keys, from: From::Memory(sorted, VecDeque::new()) });
        };
        let mut spill = Rc::new(spill);
        let batch = BatchSize { rows: batch_rows, bytes: 2 * bytes };
        // Too many runs at once would need too much memory: adjacent runs are merged, all of them
        // once, into another file.
        while budget.merged_runs() < runs.len() {
            let mut merged = Spill::create(&schema, budget.directory.as_deref())?;
            let mut longer = Vec::new();
            let mut left = runs.into_iter().peekable();
            while left.peek().is_some() {
                let neighbours = left.by_ref().take(budget.merged_runs()).collect();
                let mut merge =
                    Merge::start(spill.clone(), neighbours, &keys, dictionaries, None, batch)?;
                let mut run = SortedRun::new();
                while let Some(batch) = merge.next_batch(&keys, dictionaries)? {
                    run.push_back(merged.write(&batch)?);
                }
                longer.push(run);
            }
            (runs, spill) = (longer, Rc::new(merged));
        }
        let merge = Merge::start(spill, runs, &keys, dictionaries, columns, batch)?;
        Ok(Sorted { keys, from: From::Runs(merge) })
    }

    fn add(&mut self, batch: RecordBatch, dictionaries: &Dictionaries) -> Result<()> {
        let keys = match self.keys.numbers() {
            Some(_) => None,
            None => Some(self.keys.bytes_of(&batch, dictionaries)?),
        };
        let bytes = self.buffer.bytes() + Buffer::needed_bytes(&batch, keys.as_ref());
        let rows = (self.buffer.rows() + batch.num_rows()) as u64;
        let is_enough = |limit: u64| limit.saturating_mul(2).saturating_add(SPARE_ROWS) < rows;
        if self.budget.memory_bytes < bytes && self.buffer.rows() > 0 {
            self.make_room(dictionaries)?;
        }
        self.buffer.push(batch, keys);
        match self.keys.limit {
            Some(limit) if is_enough(limit) && self.fit_in_memory(limit) => {
                self.keep_first(dictionaries)
            }
            _ => Ok(()),
        }
    }

    fn make_room(&mut self, dictionaries: &Dictionaries) -> Result<()> {
        match self.keys.limit {
            Some(limit) if self.fit_in_memory(limit) => self.keep_first(dictionaries),
            _ => self.spill_buffer(dictionaries),
        }
    }

    /// Whether this many rows need no more than half of the memory, so that others can be compared
    /// with them.
    fn fit_in_memory(&self, rows: u64) -> bool {
        rows <= self.buffer.rows_of(self.budget.memory_bytes / 2) as u64
    }

    /// Drops all rows that cannot be in the result.
    fn keep_first(&mut self, dictionaries: &Dictionaries) -> Result<()> {
        let bytes = self.budget.batch_bytes();
        let size = BatchSize { rows: self.buffer.rows_of(bytes).min(BATCH_ROWS), bytes };
        let mut sorted = self.sorted_buffer(size)?;
        while let Some(batches) = sorted.next_batches()? {
            for batch in batches {
                let keys = match self.keys.numbers() {
                    Some(_) => None,
                    None => Some(self.keys.bytes_of(&batch, dictionaries)?),
                };
                self.buffer.push(batch, keys);
            }
        }
        self.bound = sorted.bound(&self.keys, dictionaries)?.or(self.bound.take());
        Ok(())
    }

    /// Writes the buffered rows as a sorted run.
    fn spill_buffer(&mut self, dictionaries: &Dictionaries) -> Result<()> {
        let bytes = self.budget.batch_bytes();
        self.batch_rows = self.buffer.rows_of(bytes).min(BATCH_ROWS);
        let mut sorted =
            self.sorted_buffer(BatchSize { rows: self.batch_rows, bytes: 2 * bytes })?;
        let mut run = SortedRun::new();
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => none.insert(Spill::create(&self.schema, self.budget.directory.as_deref())?),
        };
        while let Some(batches) = sorted.next_batches()? {
            for batch in batches {
                run.push_back(spill.write(&batch)?);
            }
        }
        self.bound = sorted.bound(&self.keys, dictionaries)?.or(self.bound.take());
        self.runs.push(run);
        Ok(())
    }

    /// Takes the buffered rows, and sorts them.
    fn sorted_buffer(&mut self, size: BatchSize) -> Result<SortedBuffer> {
        let buffer = std::mem::take(&mut self.buffer);
        buffer.sorted(&self.keys, None, size, &self.budget.threads)
    }
}

impl Sorted {
    /// Returns the next rows; `None` at the end.
    ///
    /// # Errors
    /// I/O errors in the temporary file.
    pub(super) fn next_batch(
        &mut self,
        dictionaries: &Dictionaries,
    ) -> Result<Option<RecordBatch>> {
        match &mut self.from {
            From::Runs(merge) => merge.next_batch(&self.keys, dictionaries),
            From::Memory(sorted, ready) => {
                while ready.is_empty()
                    && let Some(batches) = sorted.next_batches()?
                {
                    ready.extend(batches);
                }
                Ok(ready.pop_front())
            }
        }
    }
}
