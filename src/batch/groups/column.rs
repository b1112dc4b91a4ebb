//! Numbers the distinct values of one column, without encoding them.
//!
//! This is for values of up to 16 bytes, texts and byte strings. Dictionary keys are looked up in a
//! table of the dictionary's values that occurred, and each run of a run-end encoded column is
//! looked up once.

use super::codes::Codes;
use super::nulls::{null_words, number_null};
use super::table::{CHUNK, Table, Wide};
use super::texts::{Texts, are_texts};
use super::words::WordKeys;
use crate::batch::canonical::{cannot_compare, canonical};
use crate::error::Result;
use crate::schema::aligned;
use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, BooleanArray, RunArray, downcast_run_array, make_array,
};
use arrow::buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{ArrowNativeType, DataType, RunEndIndexType};
use arrow::error::ArrowError;
use std::iter::repeat_n;
use std::sync::Arc;

/// The distinct values of a column and their numbers.
#[derive(Debug)]
pub(super) struct ColumnKeys {
    /// The type of the values, without encodings.
    plain: DataType,
    keys: Keys,
    null: Option<u32>,
    codes: Codes,
}

#[derive(Debug)]
enum Keys {
    /// Values of up to eight bytes.
    Narrow(WordKeys),
    /// Values of 16 bytes.
    Wide(Table<Wide>),
    Texts(Texts),
}

/// The values of [`ColumnKeys`], to be returned as arrays.
#[derive(Debug)]
pub(in crate::batch) struct ColumnValues<'a> {
    keys: &'a ColumnKeys,
    long_texts: Vec<&'a [u8]>,
}

impl ColumnKeys {
    /// For values of this type without encodings; `None` if it does not allow it.
    pub(super) fn try_new(plain: DataType) -> Option<Self> {
        let keys = match plain.primitive_width() {
            _ if are_words(&plain) => Keys::Narrow(WordKeys::new()),
            Some(16) => Keys::Wide(Table::new()),
            None if are_texts(&plain) => Keys::Texts(Texts::new()),
            _ => return None,
        };
        Some(Self { plain, keys, null: None, codes: Codes::default() })
    }

    /// The number of distinct values.
    pub(super) fn len(&self) -> usize {
        match &self.keys {
            Keys::Narrow(table) => table.values().len(),
            Keys::Wide(table) => table.values().len(),
            Keys::Texts(texts) => texts.len(),
        }
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        match &self.keys {
            Keys::Narrow(table) => table.bytes(),
            Keys::Wide(table) => table.bytes(),
            Keys::Texts(texts) => texts.bytes(),
        }
    }

    /// Gives no new numbers from now on.
    pub(super) fn close(&mut self) {
        match &mut self.keys {
            Keys::Narrow(table) => table.close(),
            Keys::Wide(table) => table.close(),
            Keys::Texts(texts) => texts.close(),
        }
    }

    /// Appends the number of each value of an array.
    ///
    /// # Errors
    /// More values than can be numbered.
    pub(super) fn number(&mut self, array: &ArrayRef, numbers: &mut Vec<u32>) -> Result<()> {
        numbers.reserve(array.len());
        match array.data_type() {
            DataType::Dictionary(_, _) => self.number_codes(array, numbers),
            DataType::RunEndEncoded(_, _) => downcast_run_array!(
                array => self.number_runs(array, numbers),
                _ => Err(cannot_compare(unknown(array)))
            ),
            _ => self.number_plain(array, numbers),
        }
    }

    fn number_plain(&mut self, array: &ArrayRef, numbers: &mut Vec<u32>) -> Result<()> {
        let null = &mut self.null;
        match &mut self.keys {
            Keys::Texts(texts) => texts.number(array, null, numbers),
            Keys::Narrow(keys) => {
                let mut nulls = null_words(array.nulls());
                words(array)?.chunks(CHUNK).try_for_each(|part| {
                    keys.number(part, nulls.next().unwrap_or(0), null, numbers)
                })
            }
            Keys::Wide(table) => {
                let (mut nulls, words) =
                    (null_words(array.nulls()), words_of_bytes(&array.to_data(), 2));
                words.as_chunks::<2>().0.chunks(CHUNK).try_for_each(|part| {
                    table.number(part, nulls.next().unwrap_or(0), numbers, |numbered, _| {
                        number_null(null, numbered, Wide::default())
                    })
                })
            }
        }
    }

    fn number_codes(&mut self, array: &ArrayRef, numbers: &mut Vec<u32>) -> Result<()> {
        // The values of a dictionary may be a dictionary, too.
        let mut codes = std::mem::take(&mut self.codes);
        let dictionary = array.as_any_dictionary();
        codes.number(dictionary, numbers, |values, numbers| self.number(values, numbers))?;
        self.codes = codes;
        Ok(())
    }

    fn number_runs<R: RunEndIndexType>(
        &mut self,
        array: &RunArray<R>,
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        let mut of_runs = Vec::new();
        self.number(&array.values_slice(), &mut of_runs)?;
        let mut start = 0;
        for (end, number) in array.run_ends().sliced_values().zip(of_runs) {
            let end = end.as_usize();
            numbers.extend(repeat_n(number, end.saturating_sub(start)));
            start = end;
        }
        Ok(())
    }

    /// The values, to be returned as arrays.
    pub(super) fn values(&self) -> ColumnValues<'_> {
        let long_texts = match &self.keys {
            Keys::Texts(texts) => texts.long(),
            _ => Vec::new(),
        };
        ColumnValues { keys: self, long_texts }
    }
}

impl ColumnValues<'_> {
    /// The values with these numbers.
    ///
    /// # Errors
    /// More bytes of text than an array can have.
    pub(super) fn array(&self, numbers: &[u32]) -> Result<ArrayRef, ArrowError> {
        let ColumnKeys { plain, keys, null, .. } = self.keys;
        let nulls: NullBuffer = numbers.iter().map(|number| Some(*number) != *null).collect();
        let width = plain.primitive_width().unwrap_or(1);
        let mut bytes: Vec<u8> = Vec::with_capacity(width * numbers.len());
        match keys {
            Keys::Texts(texts) => return texts.array(&self.long_texts, plain, numbers),
            Keys::Narrow(table) => {
                for number in numbers {
                    let value = table.values()[*number as usize];
                    bytes.extend_from_slice(&value.to_le_bytes()[..width]);
                }
            }
            Keys::Wide(table) => {
                for number in numbers {
                    let [low, high] = table.values()[*number as usize];
                    bytes.extend_from_slice(&low.to_le_bytes());
                    bytes.extend_from_slice(&high.to_le_bytes());
                }
            }
        }
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        if *plain == DataType::Boolean {
            let bits = bytes.iter().map(|bit| *bit == 1).collect();
            return Ok(Arc::new(BooleanArray::new(bits, nulls)));
        }
        let values = ArrayData::builder(plain.clone()).len(numbers.len()).nulls(nulls);
        Ok(make_array(values.add_buffer(Buffer::from_vec(bytes)).align_buffers(true).build()?))
    }
}

/// Whether values of a type without encodings have up to eight bytes.
pub(super) fn are_words(plain: &DataType) -> bool {
    *plain == DataType::Boolean || matches!(plain.primitive_width(), Some(1..=8))
}

/// Values of up to eight bytes, which may be encoded, as numbers that are equal exactly when the
/// values are.
///
/// # Errors
/// Values of another type.
pub(super) fn words(array: &ArrayRef) -> Result<ScalarBuffer<u64>> {
    fn widened<N: ArrowNativeType + Into<i64>>(data: &ArrayData) -> Option<ScalarBuffer<u64>> {
        let words = aligned::<N>(data)?;
        Some(words.iter().map(|word| (*word).into().cast_unsigned()).collect())
    }
    let array = &canonical(array).map_err(cannot_compare)?;
    if let Some(bits) = array.as_boolean_opt() {
        return Ok(bits.values().iter().map(u64::from).collect());
    }
    let data = array.to_data();
    let is_unsigned = data.data_type().is_unsigned_integer();
    // Signed numbers keep their order: -1 is next to 0.
    let words = match data.data_type().primitive_width() {
        Some(1) if is_unsigned => widened::<u8>(&data),
        Some(2) if is_unsigned => widened::<u16>(&data),
        Some(4) if is_unsigned => widened::<u32>(&data),
        Some(1) => widened::<i8>(&data),
        Some(2) => widened::<i16>(&data),
        Some(4) => widened::<i32>(&data),
        // Intervals of two numbers need not be aligned.
        Some(8) => aligned::<u64>(&data).or_else(|| Some(words_of_bytes(&data, 1).into())),
        _ => None,
    };
    words.ok_or_else(|| cannot_compare(unknown(array)))
}

/// Values of some words of eight bytes each, which need not be aligned.
fn words_of_bytes(data: &ArrayData, words: usize) -> Vec<u64> {
    let buffer = data.buffers().first().map_or(&[][..], Buffer::as_slice);
    let all = buffer.as_chunks::<8>().0.iter().skip(words * data.offset());
    all.take(words * data.len()).map(|word| u64::from_le_bytes(*word)).collect()
}

fn unknown(array: &dyn Array) -> ArrowError {
    ArrowError::NotYetImplemented(format!("values of type {}", array.data_type()))
}
