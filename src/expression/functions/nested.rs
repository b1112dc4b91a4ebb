//! Functions of lists, structs and maps: elements, fields, lengths.

use super::function::{CallError, Function, Parameter, constant_text};
use super::text;
use crate::expression::evaluate::call::{Failure, Inputs, Prepared};
use crate::expression::evaluate::compare::{Operator, compare};
use crate::expression::evaluate::logic::is;
use crate::expression::evaluate::node::{Node, masked};
use crate::expression::values::kind::{Kind, describe, plain_array, plain_type};
use crate::expression::values::lists::{Ranges, element_type, ranges};
use crate::expression::values::value_reader::Values;
use crate::text::{did_you_mean, escaped, similar};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt64Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Fields, Int64Type};
use std::ops::Range;
use std::sync::Arc;

use Parameter::{Any, Integer, List, Text, TextOrList};

pub(crate) const TEXT_OR_LIST_FUNCTIONS: &[Function] = &[
    Function::new(
        &["length", "len", "array_length"],
        "length(text or list)",
        &[TextOrList],
        length,
    )
    .help("the number of characters or elements, int64")
    .examples(&["length('abc') = 3", "length(tags) = 3"]),
    Function::new(&["contains"], "contains(text or list, part)", &[TextOrList, Any], contains)
        .help("boolean; for a list, the same as list_contains")
        .examples(&["contains('abc', 'bc') = TRUE", "contains(tags, 20) = TRUE"]),
];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["list_contains", "list_has", "array_contains", "array_has"],
        "list_contains(list, element)",
        &[List, Any],
        contains,
    )
    .help("boolean; null elements are skipped")
    .examples(&["list_contains(tags, 20) = TRUE"]),
    Function::new(
        &["array_extract", "list_extract", "list_element"],
        "array_extract(list or text, number)",
        &[TextOrList, Integer],
        element,
    )
    .help("the same as list[number]")
    .examples(&["array_extract(tags, 1) = 10"]),
    Function::new(
        &["struct_extract"],
        "struct_extract(struct, 'field')",
        &[Parameter::Struct, Text],
        field,
    )
    .help("the same as struct.field")
    .examples(&["struct_extract(address, 'zip') = '04109'"]),
];

/// The elements of the first argument's lists, and the range of each row's.
pub(crate) fn lists<'a>(inputs: &Inputs<'a>) -> Result<Ranges<'a>, Failure> {
    match ranges(inputs.array(0)) {
        Some((elements, range)) => Ok((elements, inputs.by_row(0, Some(range))?)),
        None => Err(Failure { row: 0, why: "this is not a list".to_owned() }),
    }
}

fn length(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    if Kind::of(arguments[0].data_type()) == Kind::Text {
        return Ok(text::counted(|text| text.chars().count()));
    }
    Ok(Prepared::infallible(DataType::Int64, |inputs| {
        let (_, range) = lists(inputs)?;
        inputs.numbers::<Int64Type>(|row| Ok(range(row).len() as i64))
    }))
}

fn contains(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let kind = Kind::of(arguments[1].data_type());
    let Some(element) = element_type(arguments[0].data_type()) else {
        return match kind {
            Kind::Text => Ok(text::contains()),
            Kind::Null => {
                arguments[1] = Node::Constant(new_null_array(&DataType::Utf8, 1));
                Ok(text::contains())
            }
            _ => {
                let message = format!(
                    "text is expected here, not {}; CAST it to VARCHAR",
                    describe(arguments[1].data_type())
                );
                Err(CallError::at(1, message))
            }
        };
    };
    let element_kind = Kind::of(element);
    if !element_kind.compares_with(kind) && kind != Kind::Null {
        let (list, part) = (describe(element), describe(arguments[1].data_type()));
        let message = format!("cannot compare elements of {list} with {part}; CAST one of them");
        return Err(CallError::at(1, message));
    }
    Ok(Prepared::infallible(DataType::Boolean, |inputs| {
        let (elements, range) = lists(inputs)?;
        let elements = plain_array(&elements)?;
        let found = if !inputs.values[1].constant && !are_apart(inputs.count, &range) {
            contains_each(inputs, &elements, &range)?
        } else {
            let equal = is(&equal_elements(inputs, &elements, &range)?, true);
            inputs.booleans(|row| Ok(range(row).any(|place| equal.value(place))))?
        };
        empty_has_none(inputs, &range, found)
    }))
}

/// An empty list contains nothing, not even null, as in DuckDB since 2.0.1.
fn empty_has_none(
    inputs: &Inputs<'_>,
    range: &dyn Fn(usize) -> Range<usize>,
    found: ArrayRef,
) -> Result<ArrayRef, Failure> {
    let list = &inputs.values[0];
    let lists = list.array.logical_nulls();
    let is_list = |row| lists.as_ref().is_none_or(|nulls| nulls.is_valid(list.place(row)));
    let answer = |row: usize| {
        if found.is_null(row) && is_list(row) && range(row).is_empty() {
            Some(false)
        } else {
            found.is_valid(row).then(|| found.as_boolean().value(row))
        }
    };
    if found.null_count() == 0 {
        return Ok(found);
    }
    Ok(Arc::new((0..inputs.count).map(answer).collect::<BooleanArray>()))
}

/// Whether no element belongs to two rows, as is possible in list views or if the list is constant.
fn are_apart(rows: usize, range: &dyn Fn(usize) -> Range<usize>) -> bool {
    let mut end = 0;
    (0..rows).map(range).filter(|range| !range.is_empty()).all(|range| {
        let apart = end <= range.start;
        end = range.end;
        apart
    })
}

/// Row by row, without copying the elements that rows share.
fn contains_each(
    inputs: &Inputs<'_>,
    elements: &ArrayRef,
    range: &dyn Fn(usize) -> Range<usize>,
) -> Result<ArrayRef, Failure> {
    let wanted = &inputs.values[1];
    inputs.booleans(|row| {
        let range = range(row);
        let elements = elements.slice(range.start, range.len());
        let elements = Values { array: elements, constant: false };
        let wanted = Values { array: wanted.array.slice(row, 1), constant: true };
        let equal = compare(Operator::Equal, &elements, &wanted, range.len());
        Ok(equal.map_err(|error| error.to_string())?.true_count() > 0)
    })
}

/// Whether each element of all lists equals the value of its row.
fn equal_elements(
    inputs: &Inputs<'_>,
    elements: &ArrayRef,
    range: &dyn Fn(usize) -> Range<usize>,
) -> Result<BooleanArray, Failure> {
    let wanted = &inputs.values[1];
    let count = elements.len();
    let wanted = if wanted.constant {
        wanted.clone()
    } else {
        let mut rows: Vec<Option<u64>> = vec![None; count];
        for row in 0..inputs.count {
            rows[range(row)].fill(Some(row as u64));
        }
        let array = take(&wanted.array, &UInt64Array::from(rows), None)?;
        Values { array, constant: false }
    };
    let elements = Values { array: elements.clone(), constant: false };
    Ok(compare(Operator::Equal, &elements, &wanted, count)?)
}

/// `list[number]`: the first is 1, the last is -1; null if there is no such element.
fn element(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let Some(data_type) = element_type(arguments[0].data_type()).cloned() else {
        return Ok(text::character(arguments));
    };
    Ok(Prepared::infallible(data_type, |inputs| {
        let number = inputs.integers(1)?;
        let (elements, range) = lists(inputs)?;
        let nulls = inputs.nulls();
        let place = |row: usize| {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return None;
            }
            let (range, number) = (range(row), number(row));
            let offset = match number {
                1.. => number - 1,
                0 => return None,
                _ => number + range.len() as i128,
            };
            let offset = usize::try_from(offset).ok()?;
            (offset < range.len()).then(|| (range.start + offset) as u64)
        };
        let places: UInt64Array = (0..inputs.count).map(place).collect();
        Ok(plain_array(&take(&elements, &places, None)?)?)
    }))
}

/// A field of a struct; null where the struct is null.
fn field(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let name = match constant_text(&arguments[1]) {
        Some(Some(name)) => name.to_owned(),
        _ => return Err(CallError::at(1, "the field name must be a string literal")),
    };
    let DataType::Struct(fields) = arguments[0].data_type() else {
        return Err(CallError::at(0, "this is not a struct"));
    };
    let place = field_place(fields, &name)?;
    let data_type = plain_type(fields[place].data_type()).clone();
    arguments.truncate(1);
    Ok(Prepared::infallible(data_type, move |inputs| {
        let parent = inputs.array(0);
        let child = plain_array(parent.as_struct().column(place))?;
        Ok(masked(&child, parent.nulls())?)
    }))
}

/// The field with exactly this name, else the only one that matches regardless of case.
fn field_place(fields: &Fields, name: &str) -> Result<usize, CallError> {
    let exact = fields.iter().position(|field| field.name() == name);
    let lower = name.to_lowercase();
    let mut alike = (0..fields.len()).filter(|place| fields[*place].name().to_lowercase() == lower);
    match (exact, alike.next(), alike.next()) {
        (Some(place), ..) | (None, Some(place), None) => Ok(place),
        (None, Some(_), Some(_)) => {
            Err(CallError::at(1, format!("\"{name}\" is ambiguous: several fields match it")))
        }
        _ => {
            let near = similar(name, fields.iter().map(|field| field.name().as_str()));
            let hint = did_you_mean(near.iter().map(|name| format!("\"{}\"", escaped(name))));
            let name = escaped(name);
            Err(CallError::at(1, format!("unknown field \"{name}\"{hint}")))
        }
    }
}
