//! Two tables whose rows are in the order of their keys, compared.
//!
//! Most rows of two tables are equal, so they are compared by whole stretches: the keys, then each
//! column. Single rows are looked at where something differs.

use super::ahead::Ahead;
use super::cells::{Stretch, differing};
use super::changes::{Changes, Counts, Kind, Wanted};
use super::failed;
use super::layout::Rows;
use super::meeting::Values;
use super::options::Report;
use crate::error::Result;
use crate::schema::batch_of;
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{filter, filter_record_batch};
use std::cmp::Ordering;

/// A stretch after a key that only one table has is short: another such key may be near.
const FIRST_ROWS: usize = 64;

/// A comparison of two tables.
pub(super) struct Merge<'a> {
    pub(super) old: Ahead<'a>,
    pub(super) new: Ahead<'a>,
    pub(super) tolerance: Option<f64>,
    pub(super) report: &'a mut Report<'a>,
    pub(super) wanted: Wanted,
    pub(super) counts: Counts,
}

impl Merge<'_> {
    /// Compares all rows.
    ///
    /// # Errors
    /// Those of the inputs and of the report; rows in another order; duplicate keys.
    pub(super) fn finish(mut self) -> Result<Counts> {
        let mut most_rows = usize::MAX;
        while self.wanted != Wanted::Nothing {
            let (old_rows, new_rows) = (self.old.fill()?, self.new.fill()?);
            match (old_rows, new_rows) {
                (0, 0) => break,
                (rows, 0) => self.alone(Kind::Removed, rows)?,
                (0, rows) => self.alone(Kind::Added, rows)?,
                _ => {
                    let most = old_rows.min(new_rows).min(most_rows);
                    let equal = self.equal(most)?;
                    most_rows = most_rows.saturating_mul(2);
                    if equal < most && self.wanted != Wanted::Nothing {
                        most_rows = FIRST_ROWS;
                        self.unequal()?;
                    }
                }
            }
        }
        Ok(self.counts)
    }

    /// Compares rows as long as both tables have the same keys, and returns their number.
    fn equal(&mut self, most: usize) -> Result<usize> {
        let (Some((old, from)), Some((new, to))) = (self.old.next(), self.new.next()) else {
            return Ok(0);
        };
        let rows = old.keys.equal_rows(from, &new.keys, to, most);
        if rows == 0 {
            return Ok(0);
        }
        let stretch = Stretch { old: from, new: to, rows };
        let found = changed(&old.values, &new.values, stretch, self.tolerance)?;
        let is_shown = self.wanted == Wanted::Rows;
        let changes = match &found {
            Some(found) if is_shown => Some(found.changes(old, new, stretch)?),
            _ => None,
        };
        let changed = found.as_ref().map_or(0, |found| found.rows.count_set_bits());
        self.counts.same += (rows - changed) as u64;
        if let Some(found) = found {
            self.counts.changed += changed as u64;
            for (cells, column) in self.counts.cells.iter_mut().zip(&found.columns) {
                *cells += column.as_ref().map_or(0, |bits| bits.count_set_bits() as u64);
            }
            self.put(changes)?;
        }
        self.old.pass(rows);
        self.new.pass(rows);
        Ok(rows)
    }

    /// Passes the rows of one table whose keys are below the next key of the other.
    fn unequal(&mut self) -> Result<()> {
        let (Some((old, from)), Some((new, to))) = (self.old.next(), self.new.next()) else {
            return Ok(());
        };
        let (kind, rows) = match old.keys.compare(from, &new.keys, to) {
            Ordering::Less => (Kind::Removed, old.keys.end_below(from, &new.keys, to) - from),
            _ => (Kind::Added, new.keys.end_below(to, &old.keys, from) - to),
        };
        self.alone(kind, rows)
    }

    /// Passes rows that only one table has.
    fn alone(&mut self, kind: Kind, rows: usize) -> Result<()> {
        let side = if kind == Kind::Removed { &mut self.old } else { &mut self.new };
        let batch = side.next().map(|(next, at)| next.batch.slice(at, rows));
        side.pass(rows);
        self.counts.add(kind, rows);
        let changes = (self.wanted == Wanted::Rows).then(|| match kind {
            Kind::Removed => Changes { kind, old: batch, new: None, differing: Vec::new() },
            _ => Changes { kind, old: None, new: batch, differing: Vec::new() },
        });
        self.put(changes)
    }

    fn put(&mut self, changes: Option<Changes>) -> Result<()> {
        if let Some(changes) = changes {
            self.wanted = (self.report)(&changes)?;
        }
        Ok(())
    }
}

/// The rows of a stretch that differ, and the columns in which they do.
pub(super) struct Found {
    pub(super) rows: BooleanBuffer,
    columns: Vec<Option<BooleanBuffer>>,
}

/// Compares the values of rows with equal keys; `None` if all are equal.
///
/// # Errors
/// Values that Arrow cannot compare.
pub(super) fn changed(
    old: &[Values],
    new: &[Values],
    stretch: Stretch,
    tolerance: Option<f64>,
) -> Result<Option<Found>> {
    let (mut columns, mut rows): (_, Option<BooleanBuffer>) = (Vec::new(), None);
    for (old, new) in old.iter().zip(new) {
        let column = differing(old, new, stretch, tolerance)?;
        if let Some(column) = &column {
            rows = Some(rows.map_or_else(|| column.clone(), |rows| &rows | column));
        }
        columns.push(column);
    }
    Ok(rows.map(|rows| Found { rows, columns }))
}

impl Found {
    fn changes(&self, old: &Rows, new: &Rows, stretch: Stretch) -> Result<Changes> {
        let rows = BooleanArray::new(self.rows.clone(), None);
        let count = self.rows.count_set_bits();
        let differing = self.columns.iter().map(|column| match column {
            None => Ok(BooleanBuffer::new_unset(count)),
            Some(bits) => {
                let bits = filter(&BooleanArray::new(bits.clone(), None), &rows).map_err(failed)?;
                Ok(BooleanArray::from(bits.to_data()).values().clone())
            }
        });
        Ok(Changes {
            kind: Kind::Changed,
            differing: differing.collect::<Result<_>>()?,
            old: Some(kept(&old.batch.slice(stretch.old, stretch.rows), &rows)?),
            new: Some(kept(&new.batch.slice(stretch.new, stretch.rows), &rows)?),
        })
    }
}

/// The rows of a batch for which a condition is true.
///
/// # Errors
/// Values that Arrow cannot copy.
pub(super) fn kept(batch: &RecordBatch, rows: &BooleanArray) -> Result<RecordBatch> {
    if batch.num_columns() == 0 {
        let columns: Vec<ArrayRef> = Vec::new();
        return batch_of(&batch.schema(), columns, rows.true_count()).map_err(failed);
    }
    filter_record_batch(batch, rows).map_err(failed)
}
