//! Merges several sorted runs into one.

use super::buffer::{BatchSize, projected};
use super::gather::{Place, gather};
use super::keys::{Key, Keys, OwnedKey, SortKeys};
use crate::batch::{Dictionaries, OrderNumber};
use crate::error::Result;
use crate::spill::{Extent, Spill};
use arrow::array::RecordBatch;
use std::cmp::Ordering;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

/// A sorted run: the positions of its batches in the temporary file, in order.
pub(super) type SortedRun = VecDeque<Extent>;

/// Runs being merged; equal rows of earlier runs come first.
pub(super) struct Merge {
    spill: Rc<Spill>,
    size: BatchSize,
    /// The columns of the rows that are returned, if not all.
    columns: Option<Vec<usize>>,
    /// The run with the smallest next row is on top.
    cursors: BinaryHeap<Box<Cursor>>,
    /// The batches that `places` and the cursors refer to.
    batches: Vec<RecordBatch>,
    places: Vec<Place>,
    ready: VecDeque<RecordBatch>,
    unique: bool,
    /// The last key returned, if duplicates are left out.
    last: Option<OwnedKey>,
    left: u64,
}

/// The next row of a run.
struct Cursor {
    run: usize,
    rest: SortedRun,
    /// The current batch, as a position in `batches`.
    batch: usize,
    keys: Keys,
    row: usize,
    /// The key of the row, if it is a number: it is compared several times.
    number: Option<OrderNumber>,
}

impl Merge {
    /// Starts with the first batch of each run, in the order of the runs.
    pub(super) fn start(
        spill: Rc<Spill>,
        runs: Vec<SortedRun>,
        keys: &SortKeys,
        dictionaries: &Dictionaries,
        columns: Option<&[usize]>,
        size: BatchSize,
    ) -> Result<Self> {
        let (mut cursors, mut batches) = (BinaryHeap::new(), Vec::new());
        for (run, mut rest) in runs.into_iter().enumerate() {
            let Some(extent) = rest.pop_front() else { continue };
            let batch = spill.read(extent)?;
            let keys = keys.of(&batch, dictionaries)?;
            let number = keys.number(0);
            let batch_number = batches.len();
            cursors.push(Box::new(Cursor { run, rest, batch: batch_number, keys, row: 0, number }));
            batches.push(selected(batch, columns)?);
        }
        Ok(Self {
            spill,
            size,
            columns: columns.map(<[usize]>::to_vec),
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
        if !self.unique || self.last.as_ref().map(OwnedKey::as_key) != Some(key) {
            if self.unique {
                self.last = Some(key.to_owned());
            }
            self.places.push((top.batch, top.row));
            self.left -= 1;
        }
        if top.row + 1 < top.keys.len() {
            top.row += 1;
            top.number = top.keys.number(top.row);
        } else if let Some(extent) = top.rest.pop_front() {
            let batch = self.spill.read(extent)?;
            top.keys = keys.of(&batch, dictionaries)?;
            (top.batch, top.row) = (self.batches.len(), 0);
            top.number = top.keys.number(0);
            self.batches.push(selected(batch, self.columns.as_deref())?);
        } else {
            PeekMut::pop(top);
        }
        Ok(true)
    }

    /// Copies the rows taken so far, and releases the batches that no run needs any more.
    fn copy_rows(&mut self) -> Result<()> {
        self.ready = gather(&self.batches, &self.places, self.size.bytes)?.into();
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
    fn key(&self) -> Key<'_> {
        self.number.map_or_else(|| self.keys.get(self.row), Key::Number)
    }
}

fn selected(batch: RecordBatch, columns: Option<&[usize]>) -> Result<RecordBatch> {
    columns.map_or(Ok(batch.clone()), |columns| projected(&batch, columns))
}

// The heap has its maximum on top: the smallest key, and of equal keys the earliest run.
impl Ord for Cursor {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key()).then(other.run.cmp(&self.run))
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
