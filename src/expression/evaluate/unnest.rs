//! Rows for the elements of lists: `unnest(list)` and `generate_subscripts(list, 1)`.
//!
//! As in DuckDB, a row becomes as many as its longest list has elements, none if all lists are empty
//! or null; shorter lists are filled up with nulls, and the other columns are repeated.

use crate::error::{Error, Result, guard};
use crate::expression::values::lists::{Ranges, ranges};
use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};

/// The values that a list is replaced by, one in each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unnest {
    Elements,
    /// The positions of the elements, from 1.
    Positions,
}

/// The results for a batch, in parts.
#[derive(Debug)]
pub struct Selected {
    schema: SchemaRef,
    /// The columns before unnesting.
    columns: Vec<(ArrayRef, Option<Unnest>)>,
    /// The longest list of each row; none if nothing is unnested.
    lengths: Option<Vec<usize>>,
    rows: usize,
    /// The next result: its row, and its position in the lists.
    next: (usize, usize),
}

/// The rows of a part: as many as a batch usually has.
const PART_ROWS: usize = 8192;

/// The most bytes of one repeated row in a part, such as a row that also keeps the list itself.
const PART_BYTES: usize = 16 << 20;

/// A row that is repeated less often is not measured.
const FEW: usize = 64;

impl Selected {
    /// The results of a batch with this number of rows.
    ///
    /// # Errors
    /// None in practice: what is unnested is a list.
    pub(crate) fn new(
        schema: SchemaRef,
        columns: Vec<(ArrayRef, Option<Unnest>)>,
        rows: usize,
    ) -> Result<Self> {
        let mut lengths: Option<Vec<usize>> = None;
        for (column, _) in columns.iter().filter(|(_, unnest)| unnest.is_some()) {
            let longest = lengths.get_or_insert_with(|| vec![0; rows]);
            let (_, range) = lists(column)?;
            for (row, longest) in longest.iter_mut().enumerate() {
                if column.is_valid(row) {
                    *longest = range(row).len().max(*longest);
                }
            }
        }
        Ok(Self { schema, columns, lengths, rows, next: (0, 0) })
    }

    /// The rows and positions of the next part.
    fn places(&mut self, lengths: &[usize]) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        let (mut row, mut position) = self.next;
        while row < self.rows && places.len() < PART_ROWS {
            let room = PART_ROWS - places.len();
            let mut more = (lengths[row] - position).min(room);
            if FEW < more {
                more = more.min(FEW.max(PART_BYTES / self.row_bytes(row).max(1)));
            }
            places.extend((position..position + more).map(|position| (row, position)));
            position += more;
            if position == lengths[row] {
                (row, position) = (row + 1, 0);
            } else if more < room {
                break;
            }
        }
        self.next = (row, position);
        places
    }

    /// About how many bytes are repeated with a row. Values of dictionaries and of runs are not.
    fn row_bytes(&self, row: usize) -> usize {
        let repeated = self.columns.iter().filter(|(_, unnest)| unnest.is_none());
        let bytes = |(column, _): &(ArrayRef, _)| match column.data_type() {
            DataType::Dictionary(..) | DataType::RunEndEncoded(..) => size_of::<u64>(),
            _ => column.slice(row, 1).to_data().get_slice_memory_size().unwrap_or(0),
        };
        repeated.map(bytes).sum()
    }

    fn batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
    }
}

impl Iterator for Selected {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(lengths) = self.lengths.take() else {
            let columns = std::mem::take(&mut self.columns).into_iter().map(|(column, _)| column);
            let is_first = std::mem::replace(&mut self.next, (1, 0)) == (0, 0);
            return is_first.then(|| self.batch(columns.collect(), self.rows));
        };
        let places = self.places(&lengths);
        self.lengths = Some(lengths);
        if places.is_empty() {
            return None;
        }
        let columns = self.columns.iter().map(|(column, unnest)| {
            guard("cannot unnest", || match unnest {
                None => repeated(column, &places),
                Some(Unnest::Elements) => elements(column, &places),
                Some(Unnest::Positions) => positions(column, &places),
            })
        });
        let columns: Result<Vec<ArrayRef>> = columns.collect();
        Some(columns.and_then(|columns| self.batch(columns, places.len())))
    }
}

fn lists(column: &ArrayRef) -> Result<Ranges<'_>> {
    ranges(column).ok_or_else(|| Error::failed("cannot unnest what is not a list"))
}

fn taken(values: &dyn Array, places: impl Iterator<Item = Option<u64>>) -> Result<ArrayRef> {
    take(values, &UInt64Array::from_iter(places), None)
        .map_err(|error| Error::failed(format!("cannot unnest: {error}")))
}

fn repeated(column: &ArrayRef, places: &[(usize, usize)]) -> Result<ArrayRef> {
    taken(column, places.iter().map(|(row, _)| Some(*row as u64)))
}

fn elements(column: &ArrayRef, places: &[(usize, usize)]) -> Result<ArrayRef> {
    let (elements, range) = lists(column)?;
    let element = |(row, position): &(usize, usize)| {
        let range = range(*row);
        let is_there = column.is_valid(*row) && *position < range.len();
        is_there.then(|| (range.start + position) as u64)
    };
    taken(&elements, places.iter().map(element))
}

fn positions(column: &ArrayRef, places: &[(usize, usize)]) -> Result<ArrayRef> {
    let (_, range) = lists(column)?;
    let number = |(row, position): &(usize, usize)| {
        let is_there = column.is_valid(*row) && *position < range(*row).len();
        is_there.then_some(*position as i64 + 1)
    };
    Ok(std::sync::Arc::new(places.iter().map(number).collect::<Int64Array>()))
}
