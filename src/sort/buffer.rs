//! Rows in memory with their keys, and the same rows in order.

use super::gather::{Place, gather, held_bytes};
use super::keys::SortKeys;
use super::places::{ITEM_BYTES, SortedPlaces};
use crate::error::Result;
use arrow::array::RecordBatch;
use arrow::row::Rows;

/// Batches that wait to be sorted, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    batches: Vec<RecordBatch>,
    keys: Vec<Rows>,
    rows: usize,
    bytes: usize,
}

impl Buffer {
    /// The memory that a batch and its keys need while they are sorted.
    pub(super) fn needed_bytes(batch: &RecordBatch, keys: &Rows) -> usize {
        held_bytes(batch) + keys.size() + batch.num_rows() * ITEM_BYTES
    }

    pub(super) fn push(&mut self, batch: RecordBatch, keys: Rows) {
        self.rows += batch.num_rows();
        self.bytes += Self::needed_bytes(&batch, &keys);
        self.batches.push(batch);
        self.keys.push(keys);
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The approximate number of rows in this many bytes; at least one.
    pub(super) fn rows_of(&self, bytes: usize) -> usize {
        let row_bytes = (self.bytes / self.rows.max(1)).max(1);
        (bytes / row_bytes).max(1)
    }

    /// Sorts the rows, and selects those that the sort keeps.
    pub(super) fn sorted(self, keys: &SortKeys) -> SortedBuffer {
        let places = SortedPlaces::of(&self.keys.iter().collect::<Vec<_>>());
        let (unique, left) = (keys.unique, keys.limit);
        SortedBuffer { buffer: self, places, next: 0, last: None, unique, left }
    }
}

/// Rows in memory, in order.
#[derive(Debug)]
pub(super) struct SortedBuffer {
    buffer: Buffer,
    places: SortedPlaces,
    next: usize,
    /// The row returned last.
    last: Option<Place>,
    unique: bool,
    left: Option<u64>,
}

impl SortedBuffer {
    /// Copies the next rows, at most `most_rows`, into batches of at most about `most_bytes`; none
    /// at the end.
    ///
    /// # Errors
    /// A row that cannot be copied.
    pub(super) fn next_batches(
        &mut self,
        most_rows: usize,
        most_bytes: usize,
    ) -> Result<Vec<RecordBatch>> {
        let places = self.next_places(most_rows);
        gather(&self.buffer.batches.iter().collect::<Vec<_>>(), &places, most_bytes)
    }

    /// The positions of the next rows.
    fn next_places(&mut self, most_rows: usize) -> Vec<Place> {
        let left = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let most_rows = most_rows.min(left);
        let mut places = Vec::with_capacity(most_rows.min(self.places.len() - self.next));
        while places.len() < most_rows
            && let Some(place) = self.places.get(self.next)
        {
            self.next += 1;
            if self.unique && self.last.is_some_and(|last| self.key(last) == self.key(place)) {
                continue;
            }
            self.last = Some(place);
            places.push(place);
        }
        if let Some(left) = &mut self.left {
            *left -= places.len() as u64;
        }
        places
    }

    /// The key of the last row, once all requested rows have been returned: later rows are needed
    /// only if their keys are smaller.
    pub(super) fn bound(&self) -> Option<Vec<u8>> {
        let last = self.last.filter(|_| self.left == Some(0))?;
        Some(self.key(last).to_vec())
    }

    fn key(&self, (batch, row): Place) -> &[u8] {
        self.buffer.keys[batch].row(row).data()
    }
}
