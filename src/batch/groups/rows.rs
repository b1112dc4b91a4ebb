//! Numbers the distinct keys of any columns, encoded.
//!
//! The keys are byte strings that are equal exactly when the values are, in Arrow's row format. It
//! is self-delimiting, so columns follow one another.

use super::numbered::ABSENT;
use super::runs::GroupRange;
use crate::batch::canonical::{cannot_compare, canonical};
use crate::batch::numbering::{Key, Numbering};
use crate::error::Result;
use arrow::array::ArrayRef;
use arrow::row::{RowConverter, Rows, SortField};

/// The distinct keys of some columns and their numbers.
#[derive(Debug)]
pub(in crate::batch) struct RowKeys {
    converter: RowConverter,
    /// The keys of the last batch, kept to reuse its memory; unused if there are no columns.
    rows: Rows,
    numbering: Numbering,
    /// Whether no key gets a new number.
    is_closed: bool,
}

impl RowKeys {
    pub(super) fn try_new(fields: Vec<SortField>) -> Result<Self> {
        let converter = RowConverter::new(fields).map_err(cannot_compare)?;
        let rows = converter.empty_rows(0, 0);
        Ok(Self { converter, rows, numbering: Numbering::default(), is_closed: false })
    }

    pub(super) fn len(&self) -> usize {
        self.numbering.len()
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.numbering.bytes()
    }

    /// Calls `look` with the key of each run; the arrays have one row for each run.
    ///
    /// # Errors
    /// Those of `look`.
    pub(super) fn each(
        &mut self,
        arrays: &[ArrayRef],
        runs: &mut [GroupRange],
        mut look: impl FnMut(&mut Numbering, Key<'_>, &mut GroupRange) -> Result<()>,
    ) -> Result<()> {
        if !arrays.is_empty() {
            let arrays = arrays.iter().map(canonical).collect::<std::result::Result<Vec<_>, _>>();
            let arrays = arrays.map_err(cannot_compare)?;
            self.rows.clear();
            self.converter.append(&mut self.rows, &arrays).map_err(cannot_compare)?;
        }
        let rows = (!arrays.is_empty()).then_some(&self.rows);
        let key = |place| rows.map_or(&[][..], |rows| rows.row(place).data());
        for (part, runs) in runs.chunks_mut(Numbering::FETCHED).enumerate() {
            let place = part * Numbering::FETCHED;
            let keys: Vec<Key<'_>> = (place..)
                .zip(&*runs)
                .map(|(place, run)| self.numbering.key(run.group, key(place)))
                .collect();
            self.numbering.fetch(&keys);
            for (key, run) in keys.into_iter().zip(runs) {
                look(&mut self.numbering, key, run)?;
            }
        }
        Ok(())
    }

    /// Gives no new numbers from now on: [`ABSENT`] is the number of other keys.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Numbers the key of each run.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn number(&mut self, arrays: &[ArrayRef], runs: &mut [GroupRange]) -> Result<()> {
        if self.is_closed {
            return self.each(arrays, runs, |numbering, key, run| {
                run.group = numbering.number(key).unwrap_or(ABSENT);
                Ok(())
            });
        }
        self.each(arrays, runs, |numbering, key, run| {
            (run.group, _) = numbering.insert(key)?;
            Ok(())
        })
    }

    /// Adds keys, one in each row.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn insert(&mut self, arrays: &[ArrayRef]) -> Result<()> {
        let rows = arrays.first().map_or(0, |array| array.len());
        let runs = (0..rows).map(|row| GroupRange { group: 0, rows: row..row + 1 });
        self.number(arrays, &mut runs.collect::<Vec<_>>())
    }

    /// The keys, in the order of their numbers, for [`RowKeys::decode`].
    pub(super) fn keys(&self) -> Vec<&[u8]> {
        self.numbering.keys().collect()
    }

    /// Decodes keys, to one array for each column.
    ///
    /// # Errors
    /// Keys of other columns.
    pub(super) fn decode<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let parser = self.converter.parser();
        self.converter.convert_rows(keys.map(|key| parser.parse(key))).map_err(cannot_compare)
    }
}
