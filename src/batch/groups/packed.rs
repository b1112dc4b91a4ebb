//! Numbers the distinct keys of a few columns by the numbers of their values.
//!
//! Each column numbers its values as if it were alone, and the numbers of a row, 32 bits each, are a
//! value of a fixed width. Tables of few values stay in the cache, so a row takes about as long as
//! one look-up for each column; keys in the row format take several times as long.

use super::column::{ColumnKeys, ColumnValues};
use super::table::{CHUNK, Table, Wide};
use crate::batch::canonical::cannot_compare;
use crate::error::{Error, Result};
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

/// The distinct keys of two to four columns.
#[derive(Debug)]
pub(super) struct PackedKeys {
    columns: Vec<ColumnKeys>,
    keys: Packed,
    /// The numbers of the values of a batch, for each column, kept to reuse their memory.
    numbers: Vec<Vec<u32>>,
}

/// The numbers of two columns, or of up to four.
#[derive(Debug)]
enum Packed {
    Two(Table<u64>),
    Four(Table<Wide>),
}

/// The values of [`PackedKeys`], to be returned as arrays.
#[derive(Debug)]
pub(in crate::batch) struct PackedValues<'a> {
    keys: &'a PackedKeys,
    columns: Vec<ColumnValues<'a>>,
}

impl PackedKeys {
    /// For columns of these types without encodings; `None` if there are more, or one does not
    /// allow it.
    pub(super) fn try_new(plain: Vec<DataType>) -> Option<Self> {
        let keys = match plain.len() {
            2 => Packed::Two(Table::new()),
            3 | 4 => Packed::Four(Table::new()),
            _ => return None,
        };
        let numbers = vec![Vec::new(); plain.len()];
        let columns = plain.into_iter().map(ColumnKeys::try_new).collect::<Option<_>>()?;
        Some(Self { columns, keys, numbers })
    }

    /// The number of distinct keys.
    pub(super) fn len(&self) -> usize {
        match &self.keys {
            Packed::Two(table) => table.values().len(),
            Packed::Four(table) => table.values().len(),
        }
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        let keys = match &self.keys {
            Packed::Two(table) => table.bytes(),
            Packed::Four(table) => table.bytes(),
        };
        keys + self.columns.iter().map(ColumnKeys::bytes).sum::<usize>()
    }

    /// Gives no new numbers from now on. A value that its column does not know is in no key.
    pub(super) fn close(&mut self) {
        self.columns.iter_mut().for_each(ColumnKeys::close);
        match &mut self.keys {
            Packed::Two(table) => table.close(),
            Packed::Four(table) => table.close(),
        }
    }

    /// Appends the number of the key in each row of the columns.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn number(&mut self, arrays: &[ArrayRef], numbers: &mut Vec<u32>) -> Result<()> {
        for ((keys, array), numbers) in self.columns.iter_mut().zip(arrays).zip(&mut self.numbers) {
            numbers.clear();
            keys.number(array, numbers)?;
        }
        let rows = arrays.first().map_or(0, |array| array.len());
        numbers.reserve(rows);
        let (mut two, mut four) = ([0; CHUNK], [Wide::default(); CHUNK]);
        for start in (0..rows).step_by(CHUNK) {
            let length = CHUNK.min(rows - start);
            // A missing column has the number 0 in all rows.
            let of = |column: usize, row: usize| {
                self.numbers.get(column).map_or(0, |numbers| u64::from(numbers[start + row]))
            };
            match &mut self.keys {
                Packed::Two(table) => {
                    for (row, key) in two[..length].iter_mut().enumerate() {
                        *key = of(0, row) << u32::BITS | of(1, row);
                    }
                    table.number(&two[..length], 0, numbers, |_, _| Err(no_slot()))?;
                }
                Packed::Four(table) => {
                    for (row, key) in four[..length].iter_mut().enumerate() {
                        *key = [
                            of(0, row) << u32::BITS | of(1, row),
                            of(2, row) << u32::BITS | of(3, row),
                        ];
                    }
                    table.number(&four[..length], 0, numbers, |_, _| Err(no_slot()))?;
                }
            }
        }
        Ok(())
    }

    /// The values of the keys, to be returned as arrays.
    pub(super) fn values(&self) -> PackedValues<'_> {
        PackedValues { keys: self, columns: self.columns.iter().map(ColumnKeys::values).collect() }
    }

    /// The number of a key's value in a column.
    fn value(&self, key: u32, column: usize) -> u32 {
        let word = match &self.keys {
            Packed::Two(table) => table.values()[key as usize],
            Packed::Four(table) => table.values()[key as usize][column / 2],
        };
        if column.is_multiple_of(2) { (word >> u32::BITS) as u32 } else { word as u32 }
    }
}

impl PackedValues<'_> {
    /// The values of the keys with these numbers, one array for each column.
    ///
    /// # Errors
    /// More bytes of text than an array can have.
    pub(super) fn arrays(&self, keys: &[u32]) -> Result<Vec<ArrayRef>> {
        let arrays = self.columns.iter().enumerate().map(|(place, column)| {
            let numbers: Vec<u32> = keys.iter().map(|key| self.keys.value(*key, place)).collect();
            column.array(&numbers).map_err(cannot_compare)
        });
        arrays.collect()
    }
}

/// Every key has a slot in the table, so this does not happen.
fn no_slot() -> Error {
    Error::failed("a key has no place in its table")
}
