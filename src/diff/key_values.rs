//! The keys of rows, compared as numbers if they have a fixed width, and otherwise as byte strings.

use crate::batch::{Numbers, OrderKeys, OrderNumbers};
use crate::error::Result;
use crate::schema::{OrderColumn, holds};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use arrow::row::Rows;
use std::cmp::Ordering;

/// The order of the keys: ascending, nulls last.
#[derive(Debug)]
pub(super) struct KeyOrder {
    bytes: OrderKeys,
    numbers: Option<OrderNumbers>,
}

/// The keys of a batch.
pub(super) enum KeyValues {
    Numbers(Numbers),
    Bytes(Rows),
}

impl KeyOrder {
    /// The order of the first columns of a schema.
    ///
    /// # Errors
    /// A column whose values have no order (a usage error).
    pub(super) fn try_new(schema: &Schema, key_count: usize) -> Result<Self> {
        let column = |place: usize| OrderColumn {
            path: vec![place],
            name: schema.field(place).name().clone(),
            descending: false,
            nulls_first: false,
        };
        let columns: Vec<OrderColumn> = (0..key_count).map(column).collect();
        // A decimal may have more digits than its type allows, and then has no number.
        let is_decimal = |data_type: &DataType| matches!(data_type, DataType::Decimal128(..));
        let has_decimal =
            (0..key_count).any(|place| holds(schema.field(place).data_type(), is_decimal));
        let numbers = OrderNumbers::of_columns(schema, &columns).filter(|_| !has_decimal);
        Ok(Self { bytes: OrderKeys::try_new(schema, &columns)?, numbers })
    }

    /// The keys of a batch.
    ///
    /// # Errors
    /// Values that Arrow cannot compare after all.
    pub(super) fn keys(&self, batch: &RecordBatch) -> Result<KeyValues> {
        match &self.numbers {
            Some(numbers) => numbers.numbers(batch.columns()).map(KeyValues::Numbers),
            None => self.bytes.rows(batch.columns()).map(KeyValues::Bytes),
        }
    }
}

impl KeyValues {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Bytes(rows) => rows.num_rows(),
        }
    }

    pub(super) fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        match (self, other) {
            (Self::Numbers(one), Self::Numbers(two)) => one.get(row).cmp(&two.get(other_row)),
            (Self::Bytes(one), Self::Bytes(two)) => one.row(row).cmp(&two.row(other_row)),
            // Both are made by one order.
            _ => Ordering::Equal,
        }
    }

    /// How many rows from `row` on have the same keys as those of `other` from `other_row` on, at
    /// most `most`.
    pub(super) fn equal_rows(
        &self,
        row: usize,
        other: &Self,
        other_row: usize,
        most: usize,
    ) -> usize {
        if let (Self::Numbers(one), Self::Numbers(two)) = (self, other)
            && one.nulls.is_none()
            && two.nulls.is_none()
        {
            let (one, two) = (&one.values[row..][..most], &two.values[other_row..][..most]);
            if one == two {
                return most;
            }
            return one.iter().zip(two).take_while(|(one, two)| one == two).count();
        }
        (0..most)
            .take_while(|next| self.compare(row + next, other, other_row + next) == Ordering::Equal)
            .count()
    }

    /// The first row that is not above its predecessor, and how it compares with it.
    pub(super) fn first_not_ascending(&self) -> Option<(usize, Ordering)> {
        if let Self::Numbers(numbers) = self
            && numbers.nulls.is_none()
            && numbers.values.windows(2).all(|pair| pair[0] < pair[1])
        {
            return None;
        }
        let compared = |row| (row, self.compare(row, self, row - 1));
        (1..self.len()).map(compared).find(|(_, order)| *order != Ordering::Greater)
    }

    /// The first row from `row` on whose key is not below that of another row.
    pub(super) fn end_below(&self, row: usize, other: &Self, other_row: usize) -> usize {
        let is_below = |row| self.compare(row, other, other_row) == Ordering::Less;
        let (mut start, mut step) = (row, 1);
        while start + step < self.len() && is_below(start + step) {
            start += step;
            step *= 2;
        }
        let (mut low, mut high) = (start, (start + step).min(self.len()));
        while low < high {
            let middle = low + (high - low) / 2;
            if is_below(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }
}
