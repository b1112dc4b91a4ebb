//! Merges several sorted runs into one.

use super::gather::{Place, gather};
use super::keys::SortKeys;
use crate::batch::Dictionaries;
use crate::error::Result;
use crate::spill::{Extent, Spill};
use arrow::array::RecordBatch;
use arrow::row::Rows;
use std::cmp::Ordering;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

/// A sorted run: the positions of its batches in the temporary file, in order.
pub(super) type SortedRun = VecDeque<Extent>;

/// The maximum size of batches in a sort.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchSize {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

/// Runs being merged; equal rows of earlier runs come first.
pub(super) struct Merge {
    spill: Rc<Spill>,
    size: BatchSize,
    /// The run with the smallest next row is on top.
    cursors: BinaryHeap<Box<Cursor>>,
    /// The batches that `places` and the cursors refer to.
    batches: Vec<RecordBatch>,
    places: Vec<Place>,
    ready: VecDeque<RecordBatch>,
    unique: bool,
    /// The last key returned, if duplicates are left out.
    last: Option<Vec<u8>>,
    left: u64,
}

/// The next row of a run.
struct Cursor {
    run: usize,
    rest: SortedRun,
    /// The current batch, as a position in `batches`.
    batch: usize,
    keys: Rows,
    row: usize,
}

impl Merge {
    /// Starts with the first batch of each run, in the order of the runs.
    pub(super) fn start(
        spill: Rc<Spill>,
        runs: Vec<SortedRun>,
        keys: &SortKeys,
        dictionaries: &Dictionaries,
        size: BatchSize,
    ) -> Result<Self> {
        let (mut cursors, mut batches) = (BinaryHeap::new(), Vec::new());
        for (run, mut rest) in runs.into_iter().enumerate() {
            let Some(extent) = rest.pop_front() else { continue };
            let batch = spill.read(extent)?;
            let keys = keys.of(&batch, dictionaries)?;
            cursors.push(Box::new(Cursor { run, rest, batch: batches.len(), keys, row: 0 }));
            batches.push(batch);
        }
        Ok(Self {
            spill,
            size,
            cursors,
            batches,
            places: Vec::with_capacity(size.rows),
            ready: VecDeque::new(),
            unique: keys.unique,
            last: None,
            left: keys.limit.unwrap_or(u64::MAX),
        })
    }

    /// Returns the next batch; `None` at the end.
    pub(super) fn next_batch(
        &mut self,
        keys: &SortKeys,
        dictionaries: &Dictionaries,
    ) -> Result<Option<RecordBatch>> {
        // In addition to one batch per run, as many again may wait for their rows to be copied.
        let most_batches = 2 * self.cursors.len() + 2;
        while self.ready.is_empty() {
            if self.places.len() < self.size.rows
                && self.batches.len() < most_batches
                && self.left > 0
                && self.take_row(keys, dictionaries)?
            {
                continue;
            }
            if self.places.is_empty() && (self.left == 0 || self.cursors.is_empty()) {
                return Ok(None);
            }
            self.copy_rows()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Takes the smallest row; returns whether there was one.
    fn take_row(&mut self, keys: &SortKeys, dictionaries: &Dictionaries) -> Result<bool> {
        let Some(mut top) = self.cursors.peek_mut() else { return Ok(false) };
        let key = top.key();
        if !self.unique || self.last.as_deref() != Some(key) {
            if self.unique {
                let last = self.last.get_or_insert_default();
                last.clear();
                last.extend_from_slice(key);
            }
            self.places.push((top.batch, top.row));
            self.left -= 1;
        }
        if top.row + 1 < top.keys.num_rows() {
            top.row += 1;
        } else if let Some(extent) = top.rest.pop_front() {
            let batch = self.spill.read(extent)?;
            top.keys = keys.of(&batch, dictionaries)?;
            (top.batch, top.row) = (self.batches.len(), 0);
            self.batches.push(batch);
        } else {
            PeekMut::pop(top);
        }
        Ok(true)
    }

    /// Copies the rows taken so far, and releases the batches that no run needs any more.
    fn copy_rows(&mut self) -> Result<()> {
        let sources: Vec<&RecordBatch> = self.batches.iter().collect();
        self.ready = gather(&sources, &self.places, self.size.bytes)?.into();
        self.places.clear();
        let mut cursors = std::mem::take(&mut self.cursors).into_vec();
        let mut kept = Vec::with_capacity(cursors.len());
        for cursor in &mut cursors {
            kept.push(self.batches[cursor.batch].clone());
            cursor.batch = kept.len() - 1;
        }
        self.batches = kept;
        self.cursors = cursors.into();
        Ok(())
    }
}

impl Cursor {
    fn key(&self) -> &[u8] {
        self.keys.row(self.row).data()
    }
}

// The heap has its maximum on top: the smallest key, and of equal keys the earliest run.
impl Ord for Cursor {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(self.key()).then(other.run.cmp(&self.run))
    }
}

impl PartialOrd for Cursor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cursor {}
