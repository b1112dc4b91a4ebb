//! Nulls among values that are numbered in chunks.

use super::numbered::{ABSENT, Numbered};
use crate::error::Result;
use arrow::buffer::NullBuffer;

/// One bit for each row, in words: whether it is null. Without nulls there are no words.
pub(super) fn null_words(nulls: Option<&NullBuffer>) -> impl Iterator<Item = u64> + use<> {
    let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
    let words = |nulls: &NullBuffer| {
        nulls.inner().bit_chunks().iter_padded().map(|valid| !valid).collect::<Vec<u64>>()
    };
    let words = nulls.map(words);
    words.unwrap_or_default().into_iter()
}

/// The number of the null, which gets the next one when it first occurs, unless no value gets a new
/// one; `value` represents it.
///
/// # Errors
/// More values than can be numbered.
pub(super) fn number_null<K>(
    null: &mut Option<u32>,
    numbered: &mut Numbered<K>,
    value: K,
) -> Result<u32> {
    match null {
        Some(number) => Ok(*number),
        None => {
            let number = numbered.push(value)?;
            *null = Some(number).filter(|number| *number != ABSENT);
            Ok(number)
        }
    }
}
