//! Numbers the distinct keys of several columns by the numbers of their values.
//!
//! Each column numbers its values as if it were alone, and the numbers of a row, each as wide as its
//! column needs, are a value of a fixed width: one word of 64 bits, or two. Tables of few values stay
//! in the cache, so a row takes about as long as one look-up for each column; keys in the row format
//! take several times as long.
//!
//! When the numbers of a column outgrow their width, all keys are packed again. Free bits are shared
//! out among the columns, so this happens at most once for each bit of a key.

use super::column::{ColumnKeys, ColumnValues};
use super::rows::RowKeys;
use super::table::{CHUNK, Table, Wide};
use crate::batch::canonical::cannot_compare;
use crate::error::{Error, Result};
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::row::SortField;
use std::mem::replace;

/// The distinct keys of several columns.
#[derive(Debug)]
pub(super) struct PackedKeys {
    columns: Vec<ColumnKeys>,
    fields: Vec<SortField>,
    layout: Layout,
    keys: Packed,
    /// The numbers of the values of a batch, for each column, kept to reuse their memory.
    numbers: Vec<Vec<u32>>,
}

/// Keys of one word, or of two.
#[derive(Debug)]
enum Packed {
    Narrow(Table<u64>),
    Wide(Table<Wide>),
}

/// The bits of a number of each column; the first one has the upper bits of a key. All of them are
/// set in no key: with fewer bits, that is the number of a value that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layout(Vec<u32>);

/// The values of [`PackedKeys`], to be returned as arrays.
#[derive(Debug)]
pub(in crate::batch) struct PackedValues<'a> {
    keys: &'a PackedKeys,
    columns: Vec<ColumnValues<'a>>,
}

/// The keys that are decoded at a time if they get too wide.
const DECODED: usize = 1 << 13;

impl PackedKeys {
    /// For columns of these types without encodings; `None` if one does not allow it.
    pub(super) fn try_new(plain: Vec<DataType>) -> Option<Self> {
        if plain.len() < 2 {
            return None;
        }
        let numbers = vec![Vec::new(); plain.len()];
        let fields = plain.iter().cloned().map(SortField::new).collect();
        let columns = plain.into_iter().map(ColumnKeys::try_new).collect::<Option<Vec<_>>>()?;
        let layout = Layout::of(&vec![0; columns.len()], u64::BITS)?;
        Some(Self { columns, fields, layout, keys: Packed::Narrow(Table::new()), numbers })
    }

    /// The number of distinct keys.
    pub(super) fn len(&self) -> usize {
        match &self.keys {
            Packed::Narrow(table) => table.values().len(),
            Packed::Wide(table) => table.values().len(),
        }
    }

    /// Whether a key is one word.
    #[cfg(test)]
    pub(super) fn is_narrow(&self) -> bool {
        matches!(self.keys, Packed::Narrow(_))
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        let keys = match &self.keys {
            Packed::Narrow(table) => table.bytes(),
            Packed::Wide(table) => table.bytes(),
        };
        keys + self.columns.iter().map(ColumnKeys::bytes).sum::<usize>()
    }

    /// Gives no new numbers from now on. A value that its column does not know is in no key.
    pub(super) fn close(&mut self) {
        self.columns.iter_mut().for_each(ColumnKeys::close);
        match &mut self.keys {
            Packed::Narrow(table) => table.close(),
            Packed::Wide(table) => table.close(),
        }
    }

    /// Appends the number of the key in each row of the columns. Returns whether it did: keys may
    /// have become too wide.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub(super) fn number(&mut self, arrays: &[ArrayRef], numbers: &mut Vec<u32>) -> Result<bool> {
        for ((keys, array), numbers) in self.columns.iter_mut().zip(arrays).zip(&mut self.numbers) {
            numbers.clear();
            keys.number(array, numbers)?;
        }
        let counts: Vec<usize> = self.columns.iter().map(ColumnKeys::len).collect();
        if !self.layout.holds(&counts) && !self.repack(&counts) {
            return Ok(false);
        }
        let rows = arrays.first().map_or(0, |array| array.len());
        numbers.reserve(rows);
        let (mut narrow, mut wide) = ([0; CHUNK], [Wide::default(); CHUNK]);
        for start in (0..rows).step_by(CHUNK) {
            let rows = start..rows.min(start + CHUNK);
            let length = rows.len();
            let columns = self.numbers.iter().map(|numbers| &numbers[rows.clone()]);
            match &mut self.keys {
                Packed::Narrow(table) => {
                    let keys = &mut narrow[..length];
                    self.layout.pack_narrow(columns, keys);
                    table.number(keys, 0, numbers, |_, _| Err(no_slot()))?;
                }
                Packed::Wide(table) => {
                    let keys = &mut wide[..length];
                    self.layout.pack_wide(columns, keys);
                    table.number(keys, 0, numbers, |_, _| Err(no_slot()))?;
                }
            }
        }
        Ok(true)
    }

    /// Packs all keys again, with room for these numbers of values. Returns whether there is any.
    #[cold]
    fn repack(&mut self, counts: &[usize]) -> bool {
        let is_narrow = matches!(self.keys, Packed::Narrow(_));
        let narrow = Layout::of(counts, u64::BITS).filter(|_| is_narrow);
        let is_widened = narrow.is_none();
        let Some(layout) = narrow.or_else(|| Layout::of(counts, u128::BITS)) else { return false };
        let before = replace(&mut self.layout, layout);
        let change = |key: u128| self.layout.pack(before.unpack(key));
        let keys = replace(&mut self.keys, Packed::Narrow(Table::new()));
        self.keys = match keys {
            Packed::Narrow(table) if is_widened => {
                Packed::Wide(table.map(|key| words(change(key.into()))))
            }
            Packed::Narrow(table) => Packed::Narrow(table.map(|key| change(key.into()) as u64)),
            Packed::Wide(table) => Packed::Wide(table.map(|key| words(change(joined(key))))),
        };
        true
    }

    /// The same keys with the same numbers, encoded.
    ///
    /// # Errors
    /// Columns that cannot be encoded.
    pub(super) fn to_rows(&self) -> Result<RowKeys> {
        let mut keys = RowKeys::try_new(self.fields.clone())?;
        let (values, count) = (self.values(), self.len() as u32);
        for start in (0..count).step_by(DECODED) {
            let part: Vec<u32> = (start..count).take(DECODED).collect();
            keys.insert(&values.arrays(&part)?)?;
        }
        Ok(keys)
    }

    /// The values of the keys, to be returned as arrays.
    pub(super) fn values(&self) -> PackedValues<'_> {
        PackedValues { keys: self, columns: self.columns.iter().map(ColumnKeys::values).collect() }
    }
}

impl PackedValues<'_> {
    /// The values of the keys with these numbers, one array for each column.
    ///
    /// # Errors
    /// More bytes of text than an array can have.
    pub(super) fn arrays(&self, keys: &[u32]) -> Result<Vec<ArrayRef>> {
        let layout = &self.keys.layout;
        let arrays = self.columns.iter().enumerate().map(|(place, column)| {
            let (shift, mask) = (layout.shift(place), mask(layout.0[place]));
            let numbers: Vec<u32> = match &self.keys.keys {
                Packed::Narrow(table) => {
                    let values = table.values();
                    keys.iter().map(|key| (values[*key as usize] >> shift) as u32 & mask).collect()
                }
                Packed::Wide(table) => {
                    let values = table.values();
                    let value = |key: &u32| (joined(values[*key as usize]) >> shift) as u32 & mask;
                    keys.iter().map(value).collect()
                }
            };
            column.array(&numbers).map_err(cannot_compare)
        });
        arrays.collect()
    }
}

impl Layout {
    /// For keys of `bits`, if the numbers of the values of all columns fit into them. The bits that
    /// are left are shared out.
    fn of(counts: &[usize], bits: u32) -> Option<Self> {
        // The number with all bits is given to no value, so there is one more than the values.
        let least = counts.iter().map(|count| usize::BITS - count.leading_zeros());
        let mut widths: Vec<u32> = least.collect();
        let mut left = bits.checked_sub(widths.iter().sum())?;
        while left > 0 {
            let narrow = widths.iter_mut().filter(|width| **width < u32::BITS);
            let widened = narrow.take(left as usize).map(|width| *width += 1).count() as u32;
            left = if widened > 0 { left - widened } else { 0 };
        }
        Some(Self(widths))
    }

    fn holds(&self, counts: &[usize]) -> bool {
        self.0.iter().zip(counts).all(|(width, count)| *count <= mask(*width) as usize)
    }

    /// The bits of a key after the number of a column.
    fn shift(&self, column: usize) -> u32 {
        self.0[column + 1..].iter().sum()
    }

    /// Packs the numbers of each column into keys.
    fn pack_narrow<'a>(&self, columns: impl Iterator<Item = &'a [u32]>, keys: &mut [u64]) {
        keys.fill(0);
        for (numbers, width) in columns.zip(&self.0) {
            let mask = mask(*width);
            for (key, number) in keys.iter_mut().zip(numbers) {
                *key = *key << width | u64::from(number & mask);
            }
        }
    }

    fn pack_wide<'a>(&self, columns: impl Iterator<Item = &'a [u32]>, keys: &mut [Wide]) {
        keys.fill(Wide::default());
        for (numbers, width) in columns.zip(&self.0) {
            let mask = mask(*width);
            for (key, number) in keys.iter_mut().zip(numbers) {
                *key = words(joined(*key) << width | u128::from(number & mask));
            }
        }
    }

    fn pack(&self, numbers: impl Iterator<Item = u32>) -> u128 {
        let columns = numbers.zip(&self.0);
        columns.fold(0, |key, (number, width)| key << width | u128::from(number & mask(*width)))
    }

    fn unpack(&self, key: u128) -> impl Iterator<Item = u32> {
        let mut left: u32 = self.0.iter().sum();
        self.0.iter().map(move |width| {
            left -= width;
            (key >> left) as u32 & mask(*width)
        })
    }
}

/// The lowest bits of a number of 32.
fn mask(width: u32) -> u32 {
    u32::MAX.checked_shr(u32::BITS - width).unwrap_or(0)
}

fn joined([low, high]: Wide) -> u128 {
    u128::from(high) << u64::BITS | u128::from(low)
}

fn words(key: u128) -> Wide {
    [key as u64, (key >> u64::BITS) as u64]
}

/// Every key has a slot in the table, so this does not happen.
fn no_slot() -> Error {
    Error::failed("a key has no place in its table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_take_all_bits_and_keep_room_for_the_number_of_no_value() {
        let widths = |counts: &[usize], bits| Layout::of(counts, bits).map(|layout| layout.0);
        assert_eq!(widths(&[0, 0], 64), Some(vec![32, 32]));
        assert_eq!(widths(&[0, 5], 128), Some(vec![32, 32]));
        assert_eq!(widths(&[3, 4, 7, 8], 14), Some(vec![3, 4, 3, 4]));
        assert_eq!(widths(&[3, 4, 7, 8], 11), None);
        for counts in [[0, 1, 2, 1000], [7, 8, 1 << 20, 3], [u32::MAX as usize, 1, 1, 1]] {
            let layout = Layout::of(&counts, 64).unwrap();
            assert!(layout.holds(&counts) && layout.0.iter().sum::<u32>() == 64);
            let numbers = || counts.iter().map(|count| count.saturating_sub(1) as u32);
            let key = layout.pack(numbers());
            assert!(layout.unpack(key).eq(numbers()));
            let mut narrow = [0];
            let columns: Vec<[u32; 1]> = numbers().map(|number| [number]).collect();
            layout.pack_narrow(columns.iter().map(|numbers| &numbers[..]), &mut narrow);
            assert_eq!(u128::from(narrow[0]), key);
        }
        assert!(!Layout(vec![3, 3]).holds(&[8, 1]));
    }
}
