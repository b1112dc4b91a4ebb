//! Sorts rows by partition, a few megabytes at a time: the rows of a partition are then one slice,
//! in input order.

use crate::batch::{batch_bytes, compact};
use crate::error::{Error, Result, guard};
use crate::schema::batch_of;
use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use std::ops::Range;

/// Rows in input order, with the partition of each.
#[derive(Debug, Default)]
pub(super) struct UnsortedRows {
    pub(super) batches: Vec<RecordBatch>,
    pub(super) partitions: Vec<u32>,
    pub(super) bytes: usize,
}

/// Rows sorted by partition.
#[derive(Debug)]
pub(super) struct SortedRows {
    batch: RecordBatch,
    parts: Parts,
    bytes: usize,
}

/// The partitions in some rows, in the order of their numbers, and the start of each.
#[derive(Debug, Default)]
pub(super) struct Parts {
    partitions: Vec<u32>,
    starts: Vec<u32>,
    rows: u32,
}

impl UnsortedRows {
    pub(super) fn rows(&self) -> usize {
        self.partitions.len()
    }

    /// Sorts the rows by partition; the partition numbers are below `partitions`.
    ///
    /// # Errors
    /// Values that Arrow cannot copy.
    pub(super) fn sort(self, schema: &SchemaRef, partitions: usize) -> Result<SortedRows> {
        let Self { batches, partitions: of_rows, .. } = self;
        let parts = Parts::of(&of_rows, partitions);
        let places = (!of_rows.is_sorted()).then(|| places(&of_rows, &parts, partitions));
        drop(of_rows);
        guard("cannot move rows", || {
            let columns = (0..schema.fields().len()).map(|column| {
                let arrays = batches.iter().map(|batch| batch.column(column).as_ref());
                gathered(&arrays.collect::<Vec<_>>(), places.as_ref())
            });
            let columns = columns.collect::<Result<Vec<ArrayRef>, ArrowError>>();
            let batch = columns.and_then(|columns| batch_of(schema, columns, parts.rows()));
            let batch = compact(&batch.map_err(|e| cannot_move(&e))?);
            let bytes = batch_bytes(&batch);
            Ok(SortedRows { batch, parts, bytes })
        })
    }
}

impl SortedRows {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The rows of a partition, if it has any here.
    pub(super) fn rows_of(&self, partition: u32) -> Option<RecordBatch> {
        let rows = self.parts.rows_of(partition)?;
        Some(self.batch.slice(rows.start, rows.len()))
    }
}

impl Parts {
    fn of(of_rows: &[u32], partitions: usize) -> Self {
        let mut counts = vec![0_u32; partitions];
        of_rows.iter().for_each(|partition| counts[*partition as usize] += 1);
        let mut parts = Self::default();
        for (partition, rows) in (0..).zip(counts) {
            parts.add(partition, rows as usize);
        }
        parts
    }

    /// Appends the rows of a partition; does nothing if there are none.
    pub(super) fn add(&mut self, partition: u32, rows: usize) {
        if rows > 0 {
            if self.partitions.last() != Some(&partition) {
                self.partitions.push(partition);
                self.starts.push(self.rows);
            }
            self.rows += rows as u32;
        }
    }

    /// The partitions with their rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, Range<usize>)> {
        let ends = self.starts.iter().skip(1).chain([&self.rows]);
        let rows = self.starts.iter().zip(ends).map(|(start, end)| *start as usize..*end as usize);
        self.partitions.iter().copied().zip(rows)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows as usize
    }

    /// The smallest and the largest partition number.
    pub(super) fn ends(&self) -> Option<(u32, u32)> {
        Some((*self.partitions.first()?, *self.partitions.last()?))
    }

    pub(super) fn rows_of(&self, partition: u32) -> Option<Range<usize>> {
        let place = self.partitions.binary_search(&partition).ok()?;
        let end = self.starts.get(place + 1).unwrap_or(&self.rows);
        Some(self.starts[place] as usize..*end as usize)
    }
}

/// The row numbers sorted by partition: a counting sort.
fn places(of_rows: &[u32], parts: &Parts, partitions: usize) -> UInt32Array {
    let mut next = vec![0_u32; partitions];
    for (partition, rows) in parts.iter() {
        next[partition as usize] = rows.start as u32;
    }
    let mut places = vec![0_u32; of_rows.len()];
    for (row, partition) in (0..).zip(of_rows) {
        let place = &mut next[*partition as usize];
        places[*place as usize] = row;
        *place += 1;
    }
    places.into()
}

fn gathered(arrays: &[&dyn Array], places: Option<&UInt32Array>) -> Result<ArrayRef, ArrowError> {
    let whole = concat(arrays)?;
    match places {
        None => Ok(whole),
        Some(places) => take(&whole, places, None),
    }
}

pub(super) fn cannot_move(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot move rows: {cause}"))
}
