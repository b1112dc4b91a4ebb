//! `list[from:to]`: the elements from one position to another; the first is 1 and the last -1.

use super::function::{CallError, Function, Parameter};
use super::nested::lists;
use super::text::gives_text;
use crate::expression::evaluate::call::{Failure, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{plain_array, plain_type};
use crate::schema::element_field;
use arrow::array::{ListArray, UInt64Array};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use Parameter::{Integer, TextOrList};

pub(crate) const FUNCTIONS: &[Function] = &[Function::new(
    &["list_slice", "array_slice"],
    "list_slice(list or text, from, to [, step])",
    &[TextOrList, Integer, Integer, Integer],
    slice,
)
.requires(3)
.help("the same as list[from:to:step]")
.examples(&["list_slice(tags, 2, 3)[1] = 20"])];

fn slice(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let Some(element) = element_field(arguments[0].data_type()) else {
        if arguments.len() == 4 {
            return Err(CallError::at(3, "a text slice has no step"));
        }
        return Ok(text_slice(arguments));
    };
    let plain = plain_type(element.data_type()).clone();
    let field = Field::new_list_field(plain, true).with_metadata(element.metadata().clone());
    let field = Arc::new(field);
    let data_type = DataType::List(field.clone());
    Ok(Prepared::fallible(data_type, move |inputs| {
        let (from, to) = (inputs.integers(1)?, inputs.integers(2)?);
        let step = inputs.integers_or(3, 1)?;
        let (elements, range) = lists(inputs)?;
        let nulls = inputs.nulls();
        let (mut places, mut offsets) = (Vec::new(), vec![0_i32]);
        for row in 0..inputs.count {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                let chosen = stepped(range(row), from(row), to(row), step(row));
                let chosen = chosen.map_err(|why| Failure { row, why })?;
                if (i32::MAX as usize) < places.len() + chosen.len() {
                    return Err(Failure { row, why: TOO_MANY.to_owned() });
                }
                places.extend(chosen);
            }
            offsets.push(places.len() as i32);
        }
        let values = plain_array(&take(&elements, &UInt64Array::from(places), None)?)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?))
    }))
}

const TOO_MANY: &str = "the lists of one batch have more than 2^31 elements; use smaller batches";

/// The indices, among all elements, of a list's elements between two positions, both included;
/// backwards if the step is negative.
fn stepped(
    list: Range<usize>,
    from: i128,
    to: i128,
    step: i128,
) -> Result<impl ExactSizeIterator<Item = u64>, String> {
    let is_backwards = step < 0;
    let (lower, upper) = if is_backwards { (to, from) } else { (from, to) };
    let chosen = within(list.len(), lower, upper);
    let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    if step == 0 {
        return Err("the step is 0".to_owned());
    }
    let (first, last) = (list.start + chosen.start, list.start + chosen.end);
    let count = chosen.len().div_ceil(step);
    Ok((0..count).map(move |number| {
        let place = if is_backwards { last - 1 - number * step } else { first + number * step };
        place as u64
    }))
}

/// Positions from 1, or from the end with -1, as indices from 0; a range beyond the list is cut
/// off.
fn within(count: usize, from: i128, to: i128) -> Range<usize> {
    let all = count as i128;
    let from = if from < 0 { (all + from).max(0) } else { (from - 1).max(0) };
    let to = if to < 0 { all + to + 1 } else { to.min(all) };
    if to <= from { 0..0 } else { from as usize..to as usize }
}

fn text_slice(arguments: &[Node]) -> Prepared {
    gives_text(arguments, false, |inputs| {
        let (text, from, to) = (inputs.text(0)?, inputs.integers(1)?, inputs.integers(2)?);
        inputs.texts(|row| {
            let text = text(row);
            let chosen = within(text.chars().count(), from(row), to(row));
            let place = |number| text.char_indices().nth(number).map_or(text.len(), |(at, _)| at);
            Ok(Cow::Borrowed(&text[place(chosen.start)..place(chosen.end)]))
        })
    })
}
