//! Numbers the distinct keys of a stream, row by row.
//!
//! For routing each row by its key: keys are numbered 0, 1, 2 … in the order of their first
//! occurrence. Equality is that of `groups`. [`KnownKeys`] looks keys up among those of another table.

use super::groups::{ABSENT, Groups};
use crate::error::Result;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use std::ops::Range;

/// Numbers the distinct keys of a stream, in the order of their first occurrence.
#[derive(Debug)]
pub struct KeyNumbers {
    groups: Groups,
}

impl KeyNumbers {
    /// Returns an empty numbering of the keys in the columns at these positions; without columns,
    /// all rows have one key.
    ///
    /// # Errors
    /// A column whose values cannot be compared.
    pub fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        Ok(Self { groups: Groups::try_new(schema, columns)? })
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
        for run in self.groups.number(batch, numbers)?.into_iter().flatten() {
            numbers.resize(numbers.len() + run.rows.len(), run.group);
        }
        Ok(())
    }

    /// The keys so far, for look-ups: others get no number.
    pub fn known(mut self) -> KnownKeys {
        self.groups.close();
        KnownKeys(self)
    }

    /// The memory in use.
    pub fn bytes(&self) -> usize {
        self.groups.bytes()
    }

    /// The values of some keys, one array for each key column.
    ///
    /// # Errors
    /// None in practice: the keys were encoded by the same converter.
    pub fn values_of(&self, numbers: Range<usize>) -> Result<Vec<ArrayRef>> {
        let numbers: Vec<u32> = numbers.map(|number| number as u32).collect();
        self.groups.values().arrays(&numbers)
    }

    /// The values of the keys starting at number `first`, one array for each key column.
    ///
    /// # Errors
    /// None in practice: the keys were encoded by the same converter.
    pub fn values_from(&self, first: usize) -> Result<Vec<ArrayRef>> {
        let numbers: Vec<u32> = (0..).take(self.count()).skip(first).collect();
        self.groups.values().arrays(&numbers)
    }
}

/// The keys of a table, among which those of another are looked up.
#[derive(Debug)]
pub struct KnownKeys(KeyNumbers);

impl KnownKeys {
    /// The number of a key that is not known.
    pub const ABSENT: u32 = ABSENT;

    /// The number of keys.
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// The memory in use.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Appends the number of each row's key, or [`Self::ABSENT`]. The columns may be encoded, and
    /// those of a single text or binary column may have another layout than those of the table.
    ///
    /// # Errors
    /// Columns of other types.
    pub fn number(&mut self, batch: &RecordBatch, numbers: &mut Vec<u32>) -> Result<()> {
        self.0.number(batch, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        AsArray, DictionaryArray, Float64Array, Int16Array, Int64Array, StringArray,
        StringViewArray,
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
    fn known_keys_are_found_in_any_layout_and_others_are_absent() {
        let batch = |keys: &[ArrayRef]| {
            let names = ["a", "b"].into_iter();
            RecordBatch::try_from_iter(names.zip(keys.iter().cloned())).unwrap()
        };
        let found = |table: &[ArrayRef], stream: &[ArrayRef]| {
            let columns: Vec<usize> = (0..table.len()).collect();
            let (table, mut numbers) = (batch(table), Vec::new());
            let mut keys = KeyNumbers::try_new(&table.schema(), &columns).unwrap();
            keys.number(&table, &mut numbers).unwrap();
            let (mut keys, mut numbers) = (keys.known(), Vec::new());
            for _ in 0..2 {
                keys.number(&batch(stream), &mut numbers).unwrap();
            }
            let (first, second) = numbers.split_at(numbers.len() / 2);
            assert_eq!(first, second);
            first.to_vec()
        };
        const NONE: u32 = KnownKeys::ABSENT;
        let long = "longer than fifteen bytes";
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["x", long, "y"]));
        let views: ArrayRef =
            Arc::new(StringViewArray::from(vec![Some("y"), None, Some(long), Some("z")]));
        assert_eq!(found(std::slice::from_ref(&texts), &[views]), [2, NONE, 1, NONE]);
        let words: DictionaryArray<Int8Type> = vec!["z", "y", "z", "x"].into_iter().collect();
        let words: ArrayRef = Arc::new(words);
        assert_eq!(found(std::slice::from_ref(&texts), &[words]), [NONE, 2, NONE, 0]);
        let some: ArrayRef = Arc::new(Int64Array::from(vec![Some(0), None, Some(7)]));
        let others: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), Some(8), None]));
        assert_eq!(found(std::slice::from_ref(&some), std::slice::from_ref(&others)), [2, NONE, 1]);
        let pairs = [texts.clone(), some.clone()];
        assert_eq!(found(&pairs, &[texts.clone(), others]), [NONE, NONE, NONE]);
        assert_eq!(found(&pairs, &pairs), [0, 1, 2]);
        assert_eq!(found(&[some.slice(0, 0)], &[some]), [NONE, NONE, NONE]);
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
