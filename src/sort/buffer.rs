//! Rows in memory, and the same rows in order.

use super::gather::{Place, gather, held_bytes};
use super::keys::{OwnedKey, SortKeys};
use super::number_places;
use super::places::{ITEM_BYTES, SortedPlaces};
use crate::batch::Dictionaries;
use crate::error::Result;
use crate::threads::Threads;
use crate::threads::in_order::{Effort, Given, InOrder};
use arrow::array::RecordBatch;
use arrow::row::Rows;
use std::sync::Arc;

/// Batches that wait to be sorted, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    batches: Vec<RecordBatch>,
    /// The keys of each batch, unless they are numbers, which are made when they are needed.
    keys: Vec<Rows>,
    rows: usize,
    bytes: usize,
}

/// The size of the batches that are made of sorted rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchSize {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Buffer {
    /// The memory that a batch and its keys need while they are sorted.
    pub(super) fn needed_bytes(batch: &RecordBatch, keys: Option<&Rows>) -> usize {
        held_bytes(batch) + keys.map_or(0, Rows::size) + batch.num_rows() * ITEM_BYTES
    }

    /// Adds a batch with its keys, unless they are numbers.
    pub(super) fn push(&mut self, batch: RecordBatch, keys: Option<Rows>) {
        self.rows += batch.num_rows();
        self.bytes += Self::needed_bytes(&batch, keys.as_ref());
        self.batches.push(batch);
        self.keys.extend(keys);
    }

    pub(super) fn batches(&self) -> &[RecordBatch] {
        &self.batches
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

    /// Sorts the rows, and selects those that the sort keeps. Of their columns it returns these, or
    /// all.
    ///
    /// # Errors
    /// Values that cannot be compared after all.
    pub(super) fn sorted(
        self,
        keys: &SortKeys,
        columns: Option<&[usize]>,
        size: BatchSize,
        threads: &Threads,
    ) -> Result<SortedBuffer> {
        let Self { mut batches, keys: rows, .. } = self;
        let (unique, left) = (keys.unique, keys.limit);
        let limit = left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let places = match keys.numbers() {
            Some(numbers) => {
                let needed = if unique { usize::MAX } else { limit };
                number_places::sorted(&batches, numbers, needed, threads)?
            }
            None => SortedPlaces::of(&rows.iter().collect::<Vec<_>>()),
        };
        if let Some(columns) = columns {
            batches =
                batches.iter().map(|batch| projected(batch, columns)).collect::<Result<_>>()?;
        }
        let most = if unique { places.len() } else { places.len().min(limit) };
        let sources = Sources { batches, keys: if unique { rows } else { Vec::new() }, places };
        let parts = most.div_ceil(size.rows);
        let sources = Arc::new(sources);
        let job = move |part: usize| {
            let rows = part * size.rows..most.min((part + 1) * size.rows);
            let places: Vec<Place> = rows
                .filter(|row| !unique || !sources.is_like_last(*row))
                .filter_map(|row| sources.places.get(row))
                .collect();
            gather(&sources.batches, &places, size.bytes)
        };
        let parts = InOrder::with_most_ahead(MOST_AHEAD, parts, threads, job);
        Ok(SortedBuffer { parts, left, last: None })
    }
}

/// The batch with these columns alone.
///
/// # Errors
/// A column that does not exist.
pub(super) fn projected(batch: &RecordBatch, columns: &[usize]) -> Result<RecordBatch> {
    let projected = batch.project(columns);
    projected.map_err(|e| crate::Error::failed(format!("cannot sort rows: {e}")))
}

/// Rows that are copied ahead by other threads take memory; this much for each part.
const MOST_AHEAD: usize = 4;

/// The rows in memory, and their order.
struct Sources {
    batches: Vec<RecordBatch>,
    /// The keys, if they are byte strings and needed.
    keys: Vec<Rows>,
    places: SortedPlaces,
}

impl Sources {
    /// Whether the key of a row in sorted order equals that of the row before.
    fn is_like_last(&self, row: usize) -> bool {
        let key = |row| {
            let (batch, row) = self.places.get(row)?;
            Some(self.keys.get(batch)?.row(row).data())
        };
        match row.checked_sub(1) {
            None => false,
            Some(_) if self.keys.is_empty() => self.places.is_like_last(row),
            Some(last) => key(last) == key(row),
        }
    }
}

/// Rows in memory, in order.
pub(super) struct SortedBuffer {
    /// The rows that the sort keeps, with as many more as the last part has.
    parts: InOrder<Vec<RecordBatch>>,
    left: Option<u64>,
    /// The last row returned.
    last: Option<RecordBatch>,
}

impl SortedBuffer {
    /// Copies the next rows into batches; `None` at the end.
    ///
    /// # Errors
    /// A row that cannot be copied.
    pub(super) fn next_batches(&mut self) -> Result<Option<Vec<RecordBatch>>> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let mut batches = match self.parts.next(Effort::Wait) {
            Given::Result(batches) => batches?,
            Given::NotYet | Given::End => return Ok(None),
        };
        if let Some(left) = &mut self.left {
            for batch in &mut batches {
                let rows = (batch.num_rows() as u64).min(*left);
                *batch = batch.slice(0, rows as usize);
                *left -= rows;
            }
            batches.retain(|batch| batch.num_rows() > 0);
            if let Some(batch) = batches.last() {
                self.last = Some(batch.slice(batch.num_rows() - 1, 1));
            }
        }
        Ok(Some(batches))
    }

    /// The key of the last row, once all requested rows have been returned: later rows are needed
    /// only if their keys are smaller.
    ///
    /// # Errors
    /// Values that cannot be compared after all.
    pub(super) fn bound(
        &self,
        keys: &SortKeys,
        dictionaries: &Dictionaries,
    ) -> Result<Option<OwnedKey>> {
        let Some(last) = self.last.as_ref().filter(|_| self.left == Some(0)) else {
            return Ok(None);
        };
        let keys = keys.of(last, dictionaries)?;
        Ok(Some(keys.get(0).to_owned()))
    }
}
