//! Groups rows with equal values, numbered in the order of their first occurrence.
//!
//! Equality follows the rules of all tools: nulls are values, NaN equals NaN, -0 equals 0, and
//! dictionary- and run-end-encoded values are compared by the values they represent.
//!
//! Each row costs one comparison with the previous row. Only where a value changes is anything
//! encoded and looked up, so sorted data is processed at the speed of that comparison.
//!
//! The keys are byte strings that are equal exactly when the values are, in Arrow's row format. It
//! is self-delimiting, so columns follow one another.

pub(super) mod runs;

use super::canonical::{cannot_compare, canonical};
use super::numbering::{Key, Numbering};
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{ArrayRef, RecordBatch, UInt64Array, new_empty_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use std::ops::Range;

/// Finds the groups of equal values in some columns of a stream.
#[derive(Debug)]
pub(super) struct Groups {
    columns: Vec<usize>,
    converter: RowConverter,
    /// The keys of the last batch, kept to reuse its memory; unused if there are no columns.
    rows: Rows,
    numbering: Numbering,
}

/// Consecutive rows of one group: the group and the range of rows.
pub(super) struct GroupRange {
    pub(super) group: u32,
    pub(super) rows: Range<usize>,
}

impl Groups {
    /// Groups by the columns with these numbers; without any, all rows are one group.
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub(super) fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let fields = columns.iter().map(|column| key_field(schema, *column));
        let converter =
            RowConverter::new(fields.collect::<Result<_>>()?).map_err(cannot_compare)?;
        let rows = converter.empty_rows(0, 0);
        Ok(Self { columns: columns.to_vec(), converter, rows, numbering: Numbering::default() })
    }

    /// The number of groups so far.
    pub(super) fn len(&self) -> usize {
        self.numbering.len()
    }

    /// Whether there are no columns, so that all rows are one group.
    pub(super) fn is_one(&self) -> bool {
        self.columns.is_empty()
    }

    /// One bit per row except the first: whether its group may differ from that of the previous
    /// row.
    pub(super) fn changes(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        runs::changes(&self.arrays(batch), batch.num_rows()).map_err(cannot_compare)
    }

    /// Splits the rows of the next batch into runs of one group each, at the changes.
    ///
    /// # Errors
    /// More groups than can be numbered.
    pub(super) fn runs(
        &mut self,
        batch: &RecordBatch,
        changes: &BooleanBuffer,
    ) -> Result<Vec<GroupRange>> {
        let starts = runs::starts(changes, batch.num_rows());
        let rows = runs::ranges(&starts, batch.num_rows());
        let mut runs: Vec<GroupRange> = rows.map(|rows| GroupRange { group: 0, rows }).collect();
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
        runs: &mut [GroupRange],
        mut look: impl FnMut(&mut Numbering, Key<'_>, &mut GroupRange) -> Result<()>,
    ) -> Result<()> {
        if !self.is_one() {
            let arrays = self.key_arrays(batch, starts).map_err(cannot_compare)?;
            self.rows.clear();
            self.converter.append(&mut self.rows, &arrays).map_err(cannot_compare)?;
        }
        let rows = (!self.is_one()).then_some(&self.rows);
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

    /// The keys of the groups, in the order of their numbers, for decoding.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.numbering.keys()
    }

    /// Decodes the keys of groups, to one array for each column. If a type has several
    /// representations of one value (dictionaries, run ends, maps, -0), the plain one is returned.
    ///
    /// # Errors
    /// A key of other groups.
    pub(super) fn decode<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let parser = self.converter.parser();
        self.converter.convert_rows(keys.map(|key| parser.parse(key))).map_err(cannot_compare)
    }

    fn arrays(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.columns.iter().map(|column| batch.column(*column).clone()).collect()
    }

    /// The columns at the rows with these numbers, in their canonical representation.
    fn key_arrays(
        &self,
        batch: &RecordBatch,
        row_numbers: &[usize],
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut arrays = self.arrays(batch);
        if row_numbers.len() < batch.num_rows() {
            let rows = UInt64Array::from_iter_values(row_numbers.iter().map(|row| *row as u64));
            for array in &mut arrays {
                *array = take(array, &rows, None)?;
            }
        }
        arrays.iter().map(canonical).collect()
    }
}

fn key_field(schema: &Schema, column: usize) -> Result<SortField> {
    let field = schema.fields().get(column).ok_or_else(|| {
        Error::usage(format!("no column {column}: there are {}", schema.fields().len()))
    })?;
    let (name, data_type) = (escaped(field.name()), field.data_type());
    canonical(&new_empty_array(data_type))
        .ok()
        .map(|empty| SortField::new(empty.data_type().clone()))
        .filter(|key| RowConverter::supports_fields(std::slice::from_ref(key)))
        .ok_or_else(|| {
            Error::usage(format!("cannot group by column \"{name}\": its type is {data_type}"))
        })
}
