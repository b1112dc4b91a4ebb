//! The distinct values of a column and their numbers of rows: all of them while they are few, then
//! sketches.
//!
//! Values are counted up to the row in which there are too many. So neither batches nor encodings
//! make a difference.

use super::failure::failed;
use super::found::{Estimate, Top};
use super::values::Values;
use crate::batch::{KeyNumbers, canonical};
use crate::error::Result;
use crate::sketch::{Distinct, Frequent, Hashes, Pick};
use arrow::array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::row::{RowConverter, SortField};
use std::sync::Arc;

/// Up to this many distinct values are counted one by one.
const MOST_COUNTED: usize = 10_000;

/// The number of the most frequent values.
const TOP: usize = 10;

/// The binary digits of the number of counters for distinct values: 16 KiB, and an error of 0.8 %.
const DIGITS: u8 = 14;

#[derive(Debug)]
pub(super) struct Tally {
    schema: SchemaRef,
    state: State,
}

#[derive(Debug)]
enum State {
    Counted(Counted),
    Estimated(Box<Estimated>),
}

/// Distinct values with their numbers of rows.
#[derive(Debug)]
struct Counted {
    keys: KeyNumbers,
    rows: Vec<u64>,
}

#[derive(Debug)]
struct Estimated {
    hashes: Hashes,
    distinct: Distinct,
    frequent: Frequent,
}

impl Tally {
    /// No values of a type that is not encoded.
    ///
    /// # Errors
    /// A type whose values cannot be compared.
    pub(super) fn try_new(data_type: &DataType) -> Result<Self> {
        let schema = Arc::new(Schema::new(vec![Field::new("", data_type.clone(), true)]));
        let counted = Counted { keys: KeyNumbers::try_new(&schema, &[0])?, rows: Vec::new() };
        Ok(Self { schema, state: State::Counted(counted) })
    }

    /// Adds values, some rows of which were picked for sketches.
    ///
    /// # Errors
    /// More distinct values than can be numbered.
    pub(super) fn add(&mut self, values: &Values, picks: &[Pick]) -> Result<()> {
        match &mut self.state {
            State::Counted(counted) => {
                let known = counted.keys.count();
                let numbers = counted.number(&self.schema, &values.array)?;
                if counted.keys.count() <= MOST_COUNTED {
                    counted.count(numbers.into_iter().zip(values.weights()));
                    return Ok(());
                }
                let rows = values.at(0..values.rows())?;
                let numbers = counted.number(&self.schema, &rows)?;
                let end = full_at(&numbers, known);
                counted.count(numbers[..end].iter().map(|number| (*number, 1)));
                let mut estimated = counted.estimated(&self.schema)?;
                estimated.add(&rows.slice(end, rows.len() - end))?;
                let picks: Vec<Pick> =
                    picks.iter().copied().filter(|(row, _)| end <= *row).collect();
                estimated.add_picks(values, &picks)?;
                self.state = State::Estimated(Box::new(estimated));
                Ok(())
            }
            State::Estimated(estimated) => {
                estimated.add(&values.array)?;
                estimated.add_picks(values, picks)
            }
        }
    }

    /// The number of distinct values and the most frequent ones.
    ///
    /// # Errors
    /// None in practice: the values were encoded by the same converter.
    pub(super) fn found(&self) -> Result<(Estimate, Top)> {
        match &self.state {
            State::Counted(Counted { keys, rows }) => {
                let all = plain(&self.schema, keys)?;
                let mut places = in_order(&all)?;
                places.sort_by_key(|place| std::cmp::Reverse(rows[*place as usize]));
                places.truncate(TOP);
                let top_rows = places.iter().map(|place| rows[*place as usize]).collect();
                let values = take(&all, &UInt64Array::from(places), None).map_err(failed)?;
                let count = Estimate { value: keys.count() as u64, is_exact: true };
                Ok((count, Top { values, rows: top_rows, is_exact: true }))
            }
            State::Estimated(estimated) => {
                let Estimated { distinct, frequent, .. } = &**estimated;
                let top = frequent.values(TOP)?;
                let values = cast(&top.values, self.schema.field(0).data_type());
                let values = values.map_err(failed)?;
                let count = Estimate { value: distinct.count(), is_exact: false };
                Ok((count, Top { values, rows: top.rows, is_exact: false }))
            }
        }
    }
}

/// The first row with one distinct value too many, if there are `known` values before the rows.
fn full_at(numbers: &[u32], known: usize) -> usize {
    let mut is_seen = vec![false; numbers.len()];
    let mut left = MOST_COUNTED - known;
    let is_over = |number: &u32| {
        let Some(place) = (*number as usize).checked_sub(known) else { return false };
        if std::mem::replace(&mut is_seen[place], true) {
            return false;
        }
        let is_over = left == 0;
        left = left.saturating_sub(1);
        is_over
    };
    numbers.iter().position(is_over).unwrap_or(numbers.len())
}

impl Counted {
    fn number(&mut self, schema: &SchemaRef, values: &ArrayRef) -> Result<Vec<u32>> {
        let batch = RecordBatch::try_new(schema.clone(), vec![values.clone()]).map_err(failed)?;
        let mut numbers = Vec::with_capacity(values.len());
        self.keys.number(&batch, &mut numbers)?;
        Ok(numbers)
    }

    fn count(&mut self, numbers: impl Iterator<Item = (u32, u64)>) {
        self.rows.resize(self.keys.count(), 0);
        numbers.for_each(|(number, weight)| self.rows[number as usize] += weight);
    }

    fn estimated(&self, schema: &SchemaRef) -> Result<Estimated> {
        let values = plain(schema, &self.keys)?;
        let places = in_order(&values)?.into_iter();
        let places: Vec<u64> = places.filter(|place| self.rows[*place as usize] > 0).collect();
        let rows = places.iter().map(|place| self.rows[*place as usize]);
        let values = take(&values, &UInt64Array::from_iter_values(places.iter().copied()), None);
        let values = values.map_err(failed)?;
        let mut estimated = Estimated {
            hashes: Hashes::try_new(values.data_type())?,
            distinct: Distinct::try_new(DIGITS)?,
            frequent: Frequent::try_new(values.data_type())?,
        };
        estimated.add(&values)?;
        estimated.frequent.add(&values, rows)?;
        Ok(estimated)
    }
}

impl Estimated {
    fn add(&mut self, values: &ArrayRef) -> Result<()> {
        self.hashes.each(values, |_, value| self.distinct.add(value))
    }

    fn add_picks(&mut self, values: &Values, picks: &[Pick]) -> Result<()> {
        let picked = values.at(picks.iter().map(|(row, _)| *row))?;
        self.frequent.add(&picked, picks.iter().map(|(_, weight)| *weight))
    }
}

/// All values, in the type of the column.
fn plain(schema: &SchemaRef, keys: &KeyNumbers) -> Result<ArrayRef> {
    let values = keys.values_from(0)?;
    let first = values.into_iter().next().ok_or_else(|| failed("no values"))?;
    match schema.field(0).data_type() {
        same if same == first.data_type() => Ok(first),
        other => cast(&first, other).map_err(failed),
    }
}

/// The places of values in their order.
fn in_order(values: &ArrayRef) -> Result<Vec<u64>> {
    let values = canonical(values).map_err(failed)?;
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())]);
    let rows = converter.and_then(|converter| converter.convert_columns(&[values]));
    let rows = rows.map_err(failed)?;
    let mut places: Vec<u64> = (0..rows.num_rows() as u64).collect();
    places.sort_unstable_by_key(|place| rows.row(*place as usize));
    Ok(places)
}
