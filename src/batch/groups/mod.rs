//! Groups rows with equal values, numbered in the order of their first occurrence.
//!
//! Equality follows the rules of all tools: nulls are values, NaN equals NaN, -0 equals 0, and
//! dictionary- and run-end-encoded values are compared by the values they represent.
//!
//! Each row costs one comparison with the previous row. Only where a value changes is anything
//! encoded and looked up, so sorted data is processed at the speed of that comparison.

mod keys;
pub(super) mod runs;

use crate::batch::numbering::{Key, Numbering};
use crate::error::Result;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::Schema;
use keys::Keys;
use std::ops::Range;

/// Finds the groups of equal values in some columns of a stream.
#[derive(Debug)]
pub(super) struct Groups {
    keys: Keys,
    numbering: Numbering,
}

/// Consecutive rows of one group: the group and the range of rows.
pub(super) struct Run {
    pub(super) group: u32,
    pub(super) rows: Range<usize>,
}

impl Groups {
    /// Groups by the columns with these numbers; without any, all rows are one group.
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub(super) fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        Ok(Self { keys: Keys::try_new(schema, columns)?, numbering: Numbering::default() })
    }

    /// The number of groups so far.
    pub(super) fn len(&self) -> usize {
        self.numbering.len()
    }

    /// Whether there are no columns, so that all rows are one group.
    pub(super) fn is_one(&self) -> bool {
        self.keys.is_empty()
    }

    /// One bit per row except the first: whether its group may differ from that of the previous
    /// row.
    pub(super) fn changes(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        self.keys.changes(batch)
    }

    /// Splits the rows of the next batch into runs of one group each, at the changes.
    ///
    /// # Errors
    /// More groups than can be numbered.
    pub(super) fn runs(
        &mut self,
        batch: &RecordBatch,
        changes: &BooleanBuffer,
    ) -> Result<Vec<Run>> {
        let starts = runs::starts(changes);
        let rows = runs::ranges(&starts, batch.num_rows());
        let mut runs: Vec<Run> = rows.map(|rows| Run { group: 0, rows }).collect();
        self.each(batch, &starts, &mut runs, |numbering, key, run| {
            (run.group, _) = numbering.insert(key)?;
            Ok(())
        })?;
        Ok(runs)
    }

    /// Calls `look` with the key of each run, which is that of its first row.
    ///
    /// # Errors
    /// Those of `look`.
    pub(super) fn each(
        &mut self,
        batch: &RecordBatch,
        starts: &[usize],
        runs: &mut [Run],
        mut look: impl FnMut(&mut Numbering, Key<'_>, &mut Run) -> Result<()>,
    ) -> Result<()> {
        let keys = self.keys.encode(batch, starts)?;
        for (part, runs) in runs.chunks_mut(Numbering::FETCHED).enumerate() {
            let place = part * Numbering::FETCHED;
            let keys: Vec<Key<'_>> = (place..)
                .zip(&*runs)
                .map(|(place, run)| self.numbering.key(run.group, keys.key(place)))
                .collect();
            self.numbering.fetch(&keys);
            for (key, run) in keys.into_iter().zip(runs) {
                look(&mut self.numbering, key, run)?;
            }
        }
        Ok(())
    }

    /// The keys of the groups, in the order of their numbers, for decoding.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.numbering.keys()
    }

    /// Decodes the keys of groups, to one array for each column. If a type has several
    /// representations of one value (dictionaries, run ends, maps, -0), the plain one is returned.
    ///
    /// # Errors
    /// Keys that do not belong to these groups.
    pub(super) fn decode<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        self.keys.decode(keys)
    }
}
