//! Three-valued logic: `AND`, `OR`, `NOT`, the `IS` tests.
//!
//! `AND` and `OR` evaluate a later operand only on rows that the earlier ones left open, wherever
//! that operand could raise an error: `b <> 0 AND a // b > 1` never divides by zero.

use super::node::{Node, Rows};
use super::read::Values;
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Scalar};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{and_kleene, concat, or_kleene, take};
use arrow::datatypes::DataType;
use std::collections::BTreeSet;

/// True where all operands are, false where one is false.
pub(super) fn and(operands: &[Node], rows: &Rows) -> Result<BooleanArray> {
    combine(operands, rows, true)
}

/// True where one operand is, false where all are false.
pub(super) fn or(operands: &[Node], rows: &Rows) -> Result<BooleanArray> {
    combine(operands, rows, false)
}

/// Both ends of a `BETWEEN`.
pub(super) fn both(low: &BooleanArray, high: &BooleanArray) -> Result<BooleanArray> {
    and_kleene(low, high).map_err(|error| Error::failed(format!("cannot combine: {error}")))
}

pub(super) fn either(left: &BooleanArray, right: &BooleanArray) -> Result<BooleanArray> {
    or_kleene(left, right).map_err(|error| Error::failed(format!("cannot combine: {error}")))
}

pub(super) fn not(answers: &BooleanArray) -> BooleanArray {
    BooleanArray::new(!answers.values(), answers.nulls().cloned())
}

pub(super) fn is_null(values: &Values, rows: usize) -> BooleanArray {
    let nulls = values.array.logical_nulls();
    let answers = match nulls {
        _ if values.constant && values.array.is_null(0) => BooleanBuffer::new_set(rows),
        _ if values.array.data_type() == &DataType::Null => BooleanBuffer::new_set(rows),
        Some(nulls) if !values.constant => !nulls.inner(),
        _ => BooleanBuffer::new_unset(rows),
    };
    BooleanArray::new(answers, None)
}

/// True where the answer is the wanted one; never unknown.
pub(super) fn is(answers: &BooleanArray, wanted: bool) -> BooleanArray {
    let found = if wanted { answers.values().clone() } else { !answers.values() };
    let found = match answers.nulls() {
        Some(nulls) => &found & nulls.inner(),
        None => found,
    };
    BooleanArray::new(found, None)
}

/// `IS NOT DISTINCT FROM`, from equality and from where each side is null.
pub(super) fn same(
    equal: &BooleanArray,
    left_is_null: &BooleanArray,
    right_is_null: Option<BooleanArray>,
) -> BooleanArray {
    let equal = is(equal, true);
    let Some(right_is_null) = right_is_null else { return equal };
    let both_null = left_is_null.values() & right_is_null.values();
    BooleanArray::new(equal.values() | &both_null, None)
}

/// Evaluates once per value of a dictionary column, and once for null. A value that no row has may
/// fail: then the rows themselves decide.
pub(super) fn per_dictionary_value(index: usize, node: &Node, rows: &Rows) -> Result<ArrayRef> {
    let failed = |error| Error::failed(format!("cannot read a dictionary: {error}"));
    let plainly = || Ok(node.values(rows)?.array);
    let column = rows.column(index);
    let Some(dictionary) = column.as_any_dictionary_opt() else { return plainly() };
    let count = dictionary.values().len();
    if count >= rows.count {
        return plainly();
    }
    let null = arrow::array::new_null_array(dictionary.values().data_type(), 1);
    let values = concat(&[dictionary.values(), &null]).map_err(failed)?;
    let Ok(results) = node.values(&rows.with_column(index, values)) else { return plainly() };
    let results = results.array;
    let known = take(&results, dictionary.keys(), None).map_err(failed)?;
    if dictionary.keys().null_count() == 0 || results.is_null(count) {
        return Ok(known);
    }
    let has_key = dictionary.keys().nulls().map(NullBuffer::inner).cloned();
    let has_key = has_key.unwrap_or_else(|| BooleanBuffer::new_set(rows.count));
    let of_null = Scalar::new(results.slice(count, 1));
    zip(&BooleanArray::new(has_key, None), &known, &of_null).map_err(failed)
}

/// `AND` leaves open the rows that are not false, `OR` those that are not true.
fn combine(operands: &[Node], rows: &Rows, conjunction: bool) -> Result<BooleanArray> {
    let Some((first, rest)) = operands.split_first() else {
        return Ok(BooleanArray::new(BooleanBuffer::new_set(rows.count), None));
    };
    let mut result = first.answers(rows)?;
    for operand in rest {
        let open = !is(&result, !conjunction).values();
        let open_count = open.count_set_bits();
        if open_count == 0 {
            break;
        }
        let next = if open_count < rows.count && operand.can_fail() {
            let mut read = BTreeSet::new();
            operand.reads(&mut read);
            let narrowed = rows.narrowed(&open, &read)?;
            scatter(&operand.answers(&narrowed)?, &open)
        } else {
            operand.answers(rows)?
        };
        result = if conjunction { both(&result, &next)? } else { either(&result, &next)? };
    }
    Ok(result)
}

/// Puts the answers of the open rows back in their places; the others are already decided, and
/// unknown changes nothing there.
fn scatter(answers: &BooleanArray, open: &BooleanBuffer) -> BooleanArray {
    let mut values = vec![false; open.len()];
    let mut known = vec![false; open.len()];
    for (place, row) in open.set_indices().enumerate() {
        known[row] = answers.is_valid(place);
        values[row] = known[row] && answers.value(place);
    }
    BooleanArray::new(values.into(), Some(NullBuffer::from(known)))
}
