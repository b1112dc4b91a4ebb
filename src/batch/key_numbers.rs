//! Numbers the distinct keys of a stream, row by row.
//!
//! For routing each row by its key: keys are numbered 0, 1, 2 … in the order of their first
//! occurrence. Equality is that of `groups`.

use super::groups::{GroupRange, Groups};
use crate::error::Result;
use crate::schema::aligned;
use arrow::array::{Array, ArrayData, ArrayRef, RecordBatch};
use arrow::datatypes::{ArrowNativeType, DataType, Schema};

/// Numbers the distinct keys of a stream, in the order of their first occurrence.
#[derive(Debug)]
pub struct KeyNumbers {
    groups: Groups,
    /// If the key is a single column of integers, it is looked up here first.
    recent: Option<Recent>,
    column: usize,
}

/// Recent integers and their numbers: a look-up here costs 1 to 2 ns, encoding a key and looking it
/// up costs 25.
#[derive(Debug)]
struct Recent {
    slots: Vec<(u128, u32)>,
    null: u32,
}

const UNKNOWN: u32 = u32::MAX;

/// 1 MiB, which stays in the cache: as many keys as have open files at a time, in most jobs.
const SLOT_BITS: u32 = 15;

impl KeyNumbers {
    /// Returns an empty numbering of the keys in the columns at these positions; without columns,
    /// all rows have one key.
    ///
    /// # Errors
    /// A column whose values cannot be compared.
    pub fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let groups = Groups::try_new(schema, columns)?;
        let recent = match columns {
            [column] if has_one_spelling(schema.field(*column).data_type()) => {
                Some(Recent { slots: vec![(0, UNKNOWN); 1 << SLOT_BITS], null: UNKNOWN })
            }
            _ => None,
        };
        Ok(Self { groups, recent, column: columns.first().copied().unwrap_or(0) })
    }

    /// The number of keys so far.
    pub fn count(&self) -> usize {
        self.groups.len()
    }

    /// Appends the number of each row's key.
    ///
    /// # Errors
    /// More keys than can be numbered.
    pub fn number(&mut self, batch: &RecordBatch, numbers: &mut Vec<u32>) -> Result<()> {
        if self.recent.is_some()
            && let Some(keys) = bits(batch.column(self.column))
        {
            return self.number_fixed(batch, &keys, numbers);
        }
        let changes = self.groups.changes(batch)?;
        for run in self.groups.runs(batch, &changes)? {
            numbers.resize(numbers.len() + run.rows.len(), run.group);
        }
        Ok(())
    }

    /// The values of the keys starting at number `first`, one array for each key column.
    ///
    /// # Errors
    /// None in practice: the keys were encoded by the same converter.
    pub fn values_from(&self, first: usize) -> Result<Vec<ArrayRef>> {
        self.groups.decode(self.groups.keys().skip(first))
    }

    fn number_fixed(
        &mut self,
        batch: &RecordBatch,
        keys: &[u128],
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        let column = batch.column(self.column);
        let Some(recent) = &mut self.recent else { return Ok(()) };
        let start = numbers.len();
        match column.nulls() {
            None => numbers.extend(keys.iter().map(|key| recent.find(*key))),
            Some(nulls) => numbers.extend(
                keys.iter()
                    .zip(nulls)
                    .map(|(key, is_valid)| if is_valid { recent.find(*key) } else { recent.null }),
            ),
        }
        let unknown = numbers[start..].iter().enumerate();
        let unknown = unknown.filter(|(_, number)| **number == UNKNOWN).map(|(row, _)| row);
        let unknown: Vec<usize> = unknown.collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut runs: Vec<GroupRange> =
            unknown.iter().map(|row| GroupRange { group: 0, rows: *row..*row + 1 }).collect();
        self.groups.each(batch, &unknown, &mut runs, |numbering, key, run| {
            (run.group, _) = numbering.insert(key)?;
            Ok(())
        })?;
        for run in runs {
            let row = run.rows.start;
            numbers[start + row] = run.group;
            if column.is_null(row) {
                recent.null = run.group
            } else {
                recent.remember(keys[row], run.group)
            }
        }
        Ok(())
    }
}

impl Recent {
    fn find(&self, key: u128) -> u32 {
        let (known, number) = self.slots[slot(key)];
        if known == key { number } else { UNKNOWN }
    }

    fn remember(&mut self, key: u128, number: u32) {
        self.slots[slot(key)] = (key, number);
    }
}

/// The golden ratio spreads sequential keys (Knuth's multiplicative hashing).
fn slot(key: u128) -> usize {
    let folded = key as u64 ^ (key >> u64::BITS) as u64;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOT_BITS)) as usize
}

/// Whether values of a type are equal exactly when their bits are.
fn has_one_spelling(data_type: &DataType) -> bool {
    use DataType as T;
    let is_moment = matches!(
        data_type,
        T::Date32 | T::Date64 | T::Time32(_) | T::Time64(_) | T::Timestamp(_, _)
    );
    is_moment
        || data_type.is_integer()
        || matches!(data_type, T::Decimal32(_, _) | T::Decimal64(_, _) | T::Decimal128(_, _))
}

/// The values as their bits.
fn bits(column: &ArrayRef) -> Option<Vec<u128>> {
    fn widened<N: ArrowNativeType + Into<u128>>(data: &ArrayData) -> Option<Vec<u128>> {
        Some(aligned::<N>(data)?.iter().map(|bits| (*bits).into()).collect())
    }
    let data = column.to_data();
    match data.data_type().primitive_width()? {
        1 => widened::<u8>(&data),
        2 => widened::<u16>(&data),
        4 => widened::<u32>(&data),
        8 => widened::<u64>(&data),
        16 => Some(aligned::<i128>(&data)?.iter().map(|bits| bits.cast_unsigned()).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        AsArray, DictionaryArray, Float64Array, Int16Array, Int64Array, StringArray,
    };
    use arrow::datatypes::{Int8Type, Int64Type};
    use std::collections::HashMap;
    use std::sync::Arc;

    fn numbered(parts: &[ArrayRef]) -> (Vec<u32>, KeyNumbers) {
        let batch = |part: &ArrayRef| RecordBatch::try_from_iter([("key", part.clone())]).unwrap();
        let mut keys = KeyNumbers::try_new(&batch(&parts[0]).schema(), &[0]).unwrap();
        let mut numbers = Vec::new();
        parts.iter().for_each(|part| keys.number(&batch(part), &mut numbers).unwrap());
        (numbers, keys)
    }

    #[test]
    fn integers_are_numbered_as_they_are_met() {
        // More keys than slots, each occurring several times, some of them null.
        let value = |row: i64| (row % 7 != 0).then_some(row * 7919 % 90_001);
        let rows: Vec<Option<i64>> = (0..300_000).map(value).collect();
        let parts =
            rows.chunks(9999).map(|part| Arc::new(Int64Array::from(part.to_vec())) as ArrayRef);
        let (numbers, keys) = numbered(&parts.collect::<Vec<_>>());
        let mut model = HashMap::new();
        for (row, number) in rows.iter().zip(numbers) {
            let next = model.len() as u32;
            assert_eq!(*model.entry(*row).or_insert(next), number);
        }
        assert_eq!(keys.count(), model.len());
        let values = keys.values_from(0).unwrap();
        for (number, value) in values[0].as_primitive::<Int64Type>().iter().enumerate() {
            assert_eq!(model[&value], number as u32);
        }
        assert_eq!(keys.values_from(keys.count() - 3).unwrap()[0].len(), 3);
    }

    #[test]
    fn a_zero_is_not_what_an_empty_slot_holds() {
        let (numbers, _) =
            numbered(&[Arc::new(Int16Array::from(vec![Some(0), None, Some(-1), Some(0)]))]);
        assert_eq!(numbers, [0, 1, 2, 0]);
    }

    #[test]
    fn equality_is_that_of_the_house() {
        let floats = Float64Array::from(vec![0.0, f64::NAN, -0.0, -f64::NAN]);
        assert_eq!(numbered(&[Arc::new(floats)]).0, [0, 1, 0, 1]);
        let words: DictionaryArray<Int8Type> =
            vec![Some("a"), None, Some("b")].into_iter().collect();
        let others: DictionaryArray<Int8Type> =
            vec![Some("b"), Some("a"), None].into_iter().collect();
        assert_eq!(numbered(&[Arc::new(words), Arc::new(others)]).0, [0, 1, 2, 2, 0, 1]);
        let text: ArrayRef = Arc::new(StringArray::from(vec!["x", "", "y", "", "x"]));
        assert_eq!(numbered(&[text.slice(1, 4)]).0, [0, 1, 0, 2]);
    }
}
