//! Numbers the keys of dictionaries.
//!
//! Each value of a dictionary is looked up when its key occurs for the first time; values that do
//! not occur get no number. Batches with the same dictionary share the table.

use crate::batch::canonical::cannot_compare;
use crate::error::Result;
use crate::schema::aligned;
use arrow::array::{AnyDictionaryArray, Array, ArrayData, ArrayRef, UInt64Array};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::ArrowNativeType;
use std::sync::Arc;

/// The numbers of the values of a dictionary.
#[derive(Debug, Default)]
pub(super) struct Codes {
    dictionary: Option<ArrayRef>,
    /// For each value of the dictionary its number; the last one is that of a null key.
    numbers: Vec<u32>,
}

/// A value that has not occurred.
const UNKNOWN: u32 = u32::MAX;
/// A value that occurred in this batch for the first time.
const PENDING: u32 = u32::MAX - 1;

impl Codes {
    /// Appends the number of each key's value. `number` appends those of values.
    ///
    /// # Errors
    /// Those of `number`.
    pub(super) fn number(
        &mut self,
        array: &dyn AnyDictionaryArray,
        numbers: &mut Vec<u32>,
        number: impl FnOnce(&ArrayRef, &mut Vec<u32>) -> Result<()>,
    ) -> Result<()> {
        self.renew(array.values());
        let start = numbers.len();
        let keys = array.keys().to_data();
        let keys = Keys { data: &keys, nulls: array.keys().nulls(), null: self.numbers.len() - 1 };
        if keys.data.is_empty() {
            return Ok(());
        }
        keys.append(&self.numbers, numbers);
        let unknown = numbers[start..].iter().enumerate().filter(|(_, number)| **number == UNKNOWN);
        let unknown: Vec<usize> = unknown.map(|(row, _)| row).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let codes: Vec<usize> = unknown.iter().map(|row| keys.code(*row)).collect();
        let mut new = Vec::new();
        for code in &codes {
            if self.numbers[*code] == UNKNOWN {
                self.numbers[*code] = PENDING;
                new.push(*code);
            }
        }
        let positions = new.iter().map(|code| (*code != keys.null).then_some(*code as u64));
        let values = take(array.values(), &UInt64Array::from_iter(positions), None);
        let mut new_numbers = Vec::new();
        number(&values.map_err(cannot_compare)?, &mut new_numbers)?;
        for (code, number) in new.into_iter().zip(new_numbers) {
            self.numbers[code] = number;
        }
        for (row, code) in unknown.into_iter().zip(codes) {
            numbers[start + row] = self.numbers[code];
        }
        Ok(())
    }

    /// Forgets the numbers if the dictionary is another one.
    fn renew(&mut self, dictionary: &ArrayRef) {
        let is_same = self.dictionary.as_ref().is_some_and(|known| {
            Arc::ptr_eq(known, dictionary) || known.to_data().ptr_eq(&dictionary.to_data())
        });
        if !is_same {
            self.dictionary = Some(Arc::clone(dictionary));
            self.numbers.clear();
            self.numbers.resize(dictionary.len() + 1, UNKNOWN);
        }
    }
}

/// The keys of a dictionary array.
struct Keys<'a> {
    data: &'a ArrayData,
    nulls: Option<&'a NullBuffer>,
    /// The code of a null key.
    null: usize,
}

impl Keys<'_> {
    /// Appends for each key what the table has for it.
    fn append(&self, table: &[u32], numbers: &mut Vec<u32>) {
        match self.data.data_type().primitive_width() {
            Some(1) => self.append_as::<u8>(table, numbers),
            Some(2) => self.append_as::<u16>(table, numbers),
            Some(4) => self.append_as::<u32>(table, numbers),
            _ => self.append_as::<u64>(table, numbers),
        }
    }

    fn append_as<N: ArrowNativeType>(&self, table: &[u32], numbers: &mut Vec<u32>) {
        let codes = aligned::<N>(self.data);
        let codes = codes.as_deref().unwrap_or(&[]);
        match self.nulls.filter(|nulls| nulls.null_count() > 0) {
            None => numbers.extend(codes.iter().map(|code| table[code.as_usize()])),
            Some(nulls) => numbers.extend(codes.iter().zip(nulls).map(|(code, is_valid)| {
                if is_valid { table[code.as_usize()] } else { table[self.null] }
            })),
        }
    }

    fn code(&self, row: usize) -> usize {
        fn at<N: ArrowNativeType>(data: &ArrayData, row: usize) -> usize {
            aligned::<N>(data).map_or(0, |codes| codes[row].as_usize())
        }
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return self.null;
        }
        match self.data.data_type().primitive_width() {
            Some(1) => at::<u8>(self.data, row),
            Some(2) => at::<u16>(self.data, row),
            Some(4) => at::<u32>(self.data, row),
            _ => at::<u64>(self.data, row),
        }
    }
}
