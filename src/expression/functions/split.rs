//! Functions that return lists of texts: `string_split`, `regexp_extract_all`.

use super::function::{Function, Parameter};
use super::text::check_length;
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use arrow::array::{ArrayBuilder, ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use std::sync::Arc;

use Parameter::Text;

pub(crate) const FUNCTIONS: &[Function] = &[Function::new(
    &["string_split", "str_split", "split", "string_to_array"],
    "string_split(text, separator)",
    &[Text, Text],
    |_| {
        Ok(Prepared::fallible(list_of_texts(), |inputs| {
            let (text, separator) = (inputs.text(0)?, inputs.text(1)?);
            lists_of_texts(inputs, |row, part| {
                let (text, separator) = (text(row), separator(row));
                let mut letter = [0; 4];
                if separator.is_empty() {
                    text.chars().try_for_each(|c| part(c.encode_utf8(&mut letter)))
                } else {
                    text.split(separator).try_for_each(part)
                }
            })
        }))
    },
)
.help("a list of the parts, or of the characters if the separator is empty")
.examples(&["string_split('a,b', ',')[2] = 'b'"])];

pub(crate) fn list_of_texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// Receives the texts of one row; fails if they are too large for one batch.
pub(crate) type Part<'a> = &'a mut dyn FnMut(&str) -> Result<(), String>;

/// A list of texts for each row where every argument has a value: the texts that `each` passes on.
pub(crate) fn lists_of_texts(
    inputs: &Inputs<'_>,
    each: impl Fn(usize, Part<'_>) -> Result<(), String>,
) -> Result<ArrayRef, Failure> {
    // The size of an empty text: its offset, and the doubling while the array grows.
    const PART_BYTES: usize = 16;
    let nulls = inputs.nulls();
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in 0..inputs.count {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        let texts = builder.values();
        let append = &mut |part: &str| {
            let bytes = texts.values_slice().len() + texts.len() * PART_BYTES;
            check_length(bytes.saturating_add(part.len()))?;
            texts.append_value(part);
            Ok(())
        };
        each(row, append).map_err(|why| Failure { row, why })?;
        builder.append(true);
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_batch_stay_within_2_gib() {
        let inputs = Inputs { values: &[], count: 1, data_type: &list_of_texts() };
        let large = "a".repeat(1 << 20);
        let endless = lists_of_texts(&inputs, |_, part| (0..).try_for_each(|_: u64| part(&large)));
        assert_eq!(endless.unwrap_err().why, "the text would exceed 2 GiB");
    }
}
