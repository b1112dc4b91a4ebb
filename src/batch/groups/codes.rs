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
        let (data, null) = (array.keys().to_data(), self.numbers.len() - 1);
        let keys = Keys { data: &data, nulls: array.keys().nulls(), null };
        let start = numbers.len();
        keys.append(&self.numbers, numbers);
        if numbers[start..].contains(&UNKNOWN) {
            self.number_new(&keys, array.values(), number)?;
            numbers.truncate(start);
            keys.append(&self.numbers, numbers);
        }
        Ok(())
    }

    /// Numbers the values that occur for the first time, in the order of their first keys.
    fn number_new(
        &mut self,
        keys: &Keys<'_>,
        values: &ArrayRef,
        number: impl FnOnce(&ArrayRef, &mut Vec<u32>) -> Result<()>,
    ) -> Result<()> {
        let new = keys.first_of_each(&mut self.numbers);
        let positions = new.iter().map(|code| (*code != keys.null).then_some(*code as u64));
        let new_values = take(values, &UInt64Array::from_iter(positions), None);
        let mut numbers = Vec::new();
        number(&new_values.map_err(cannot_compare)?, &mut numbers)?;
        for (code, number) in new.into_iter().zip(numbers) {
            self.numbers[code] = number;
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

/// Calls a method for keys of their width.
macro_rules! by_width {
    ($keys:ident.$method:ident($($argument:expr),*)) => {
        match $keys.data.data_type().primitive_width() {
            Some(1) => $keys.$method::<u8>($($argument),*),
            Some(2) => $keys.$method::<u16>($($argument),*),
            Some(4) => $keys.$method::<u32>($($argument),*),
            _ => $keys.$method::<u64>($($argument),*),
        }
    };
}

impl Keys<'_> {
    /// Appends for each key what the table has for it.
    fn append(&self, table: &[u32], numbers: &mut Vec<u32>) {
        by_width!(self.append_as(table, numbers))
    }

    /// The codes that are `UNKNOWN` in the table, in the order of their first keys; they become
    /// `PENDING`.
    fn first_of_each(&self, table: &mut [u32]) -> Vec<usize> {
        by_width!(self.first_of_each_as(table))
    }

    fn append_as<N: ArrowNativeType>(&self, table: &[u32], numbers: &mut Vec<u32>) {
        let Some(codes) = aligned::<N>(self.data) else { return };
        match self.nulls.filter(|nulls| nulls.null_count() > 0) {
            None => numbers.extend(codes.iter().map(|code| table[code.as_usize()])),
            Some(nulls) => numbers.extend(codes.iter().zip(nulls).map(|(code, is_valid)| {
                if is_valid { table[code.as_usize()] } else { table[self.null] }
            })),
        }
    }

    fn first_of_each_as<N: ArrowNativeType>(&self, table: &mut [u32]) -> Vec<usize> {
        let mut firsts = Vec::new();
        for (row, code) in aligned::<N>(self.data).iter().flat_map(|codes| &**codes).enumerate() {
            let is_null = self.nulls.is_some_and(|nulls| nulls.is_null(row));
            let code = if is_null { self.null } else { code.as_usize() };
            if table[code] == UNKNOWN {
                table[code] = PENDING;
                firsts.push(code);
            }
        }
        firsts
    }
}
