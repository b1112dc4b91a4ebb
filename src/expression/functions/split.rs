//! Functions that make lists of texts: `string_split`, `regexp_extract_all`.

use super::call::{Body, Failure, Inputs};
use super::{Function, Parameter, Prepared, regular_expression};
use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use std::sync::Arc;

use Parameter::{Integer, Text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["string_split", "str_split", "split", "string_to_array"],
        "string_split(text, separator)",
        &[Text, Text],
        |_| {
            let body: Body = Arc::new(|inputs| {
                let (text, separator) = (inputs.text(0)?, inputs.text(1)?);
                lists_of_texts(inputs, |row| {
                    let (text, separator) = (text(row), separator(row));
                    Ok(match separator.is_empty() {
                        true => text.chars().map(String::from).collect(),
                        false => text.split(separator).map(str::to_owned).collect(),
                    })
                })
            });
            Ok(Prepared { data_type: list_of_texts(), body, can_fail: true })
        },
    ),
    Function::new(
        &["regexp_extract_all"],
        "regexp_extract_all(text, pattern [, group [, options]])",
        &[Text, Text, Integer, Text],
        regular_expression::extract_all,
    )
    .requires(2),
];

pub(super) fn list_of_texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// A list of texts for each row where every argument has a value.
pub(super) fn lists_of_texts(
    inputs: &Inputs<'_>,
    each: impl Fn(usize) -> Result<Vec<String>, String>,
) -> Result<ArrayRef, Failure> {
    let nulls = inputs.nulls();
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in 0..inputs.count {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        let parts = each(row).map_err(|why| Failure { row, why })?;
        let bytes = parts.iter().map(String::len).sum::<usize>();
        super::text::check_length(builder.values().values_slice().len().saturating_add(bytes))
            .map_err(|why| Failure { row, why })?;
        parts.iter().for_each(|part| builder.values().append_value(part));
        builder.append(true);
    }
    Ok(Arc::new(builder.finish()))
}
