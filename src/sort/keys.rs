//! The sort keys of one pass, and the selection of its rows.

use crate::batch::{Dictionaries, Numbers, OrderKeys, OrderNumber, OrderNumbers};
use crate::error::Result;
use crate::schema::OrderColumn;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use arrow::row::Rows;
use std::collections::BTreeSet;

/// The order of a pass.
#[derive(Debug)]
pub(super) struct SortKeys {
    bytes: OrderKeys,
    /// If the columns can be numbered: numbers need less memory and time.
    numbers: Option<OrderNumbers>,
    /// The columns that the keys come from.
    places: BTreeSet<usize>,
    /// Whether only the first of several rows with equal keys is kept.
    pub(super) unique: bool,
    /// The total number of rows to keep.
    pub(super) limit: Option<u64>,
}

/// The keys of a batch's rows.
#[derive(Debug)]
pub(super) enum Keys {
    Bytes(Rows),
    Numbers(Numbers),
}

/// The key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Bytes(&'a [u8]),
    Number(OrderNumber),
}

/// A key that outlives its batch.
#[derive(Debug, Clone)]
pub(super) enum OwnedKey {
    Bytes(Vec<u8>),
    Number(OrderNumber),
}

impl SortKeys {
    /// # Errors
    /// A column whose values have no order.
    pub(super) fn try_new(
        schema: &Schema,
        columns: &[OrderColumn],
        unique: bool,
        limit: Option<u64>,
    ) -> Result<Self> {
        let places = columns.iter().filter_map(|column| column.path.first().copied()).collect();
        let numbers = OrderNumbers::of_columns(schema, columns);
        Ok(Self { bytes: OrderKeys::try_new(schema, columns)?, numbers, places, unique, limit })
    }

    /// The converter of rows to numbers, unless the keys are byte strings.
    pub(super) fn numbers(&self) -> Option<&OrderNumbers> {
        self.numbers.as_ref()
    }

    /// From now on the keys are byte strings, which have the same order.
    pub(super) fn use_bytes(&mut self) {
        self.numbers = None;
    }

    /// The keys of a batch whose dictionaries were lowered.
    ///
    /// # Errors
    /// Values that cannot be compared after all.
    pub(super) fn of(&self, batch: &RecordBatch, dictionaries: &Dictionaries) -> Result<Keys> {
        match &self.numbers {
            // No column that is numbered holds a dictionary.
            Some(numbers) => numbers.numbers(batch.columns()).map(Keys::Numbers),
            None => self.bytes_of(batch, dictionaries).map(Keys::Bytes),
        }
    }

    /// The keys of a batch as byte strings.
    ///
    /// # Errors
    /// Values that cannot be compared after all.
    pub(super) fn bytes_of(
        &self,
        batch: &RecordBatch,
        dictionaries: &Dictionaries,
    ) -> Result<Rows> {
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        for place in &self.places {
            columns[*place] = dictionaries.resolved(batch, *place)?;
        }
        self.bytes.rows(&columns)
    }
}

impl Keys {
    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Bytes(rows) => rows.num_rows(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// The key of a row.
    pub(super) fn get(&self, row: usize) -> Key<'_> {
        match self {
            Self::Bytes(rows) => Key::Bytes(rows.row(row).data()),
            Self::Numbers(numbers) => Key::Number(numbers.get(row)),
        }
    }

    /// The key of a row, if it is a number.
    pub(super) fn number(&self, row: usize) -> Option<OrderNumber> {
        match self {
            Self::Bytes(_) => None,
            Self::Numbers(numbers) => Some(numbers.get(row)),
        }
    }
}

impl Key<'_> {
    pub(super) fn to_owned(self) -> OwnedKey {
        match self {
            Key::Bytes(bytes) => OwnedKey::Bytes(bytes.to_vec()),
            Key::Number(number) => OwnedKey::Number(number),
        }
    }
}

impl OwnedKey {
    pub(super) fn as_key(&self) -> Key<'_> {
        match self {
            Self::Bytes(bytes) => Key::Bytes(bytes),
            Self::Number(number) => Key::Number(*number),
        }
    }
}
