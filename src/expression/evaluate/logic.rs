//! Three-valued logic: `AND`, `OR`, `NOT`, the `IS` tests.
//!
//! `AND` and `OR` evaluate a later operand that could raise an error only on rows that the earlier
//! ones left undecided: `b <> 0 AND a // b > 1` never divides by zero. Operands that cannot fail
//! are sorted beforehand, cheapest first (`cost`).

use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::value_reader::Values;
use arrow::array::{Array, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{and_kleene, or_kleene};
use std::collections::BTreeSet;

/// Combines both ends of a `BETWEEN`.
pub(crate) fn both(low: &BooleanArray, high: &BooleanArray) -> Result<BooleanArray> {
    and_kleene(low, high).map_err(|error| Error::failed(format!("cannot combine: {error}")))
}

pub(crate) fn either(left: &BooleanArray, right: &BooleanArray) -> Result<BooleanArray> {
    or_kleene(left, right).map_err(|error| Error::failed(format!("cannot combine: {error}")))
}

pub(crate) fn not(answers: &BooleanArray) -> BooleanArray {
    BooleanArray::new(!answers.values(), answers.nulls().cloned())
}

pub(crate) fn is_null(values: &Values, rows: usize) -> BooleanArray {
    let nulls = values.nulls(rows);
    let answers = nulls.map_or_else(|| BooleanBuffer::new_unset(rows), |nulls| !nulls.inner());
    BooleanArray::new(answers, None)
}

/// True where the answer is the wanted one; never unknown.
pub(crate) fn is(answers: &BooleanArray, wanted: bool) -> BooleanArray {
    let found = if wanted { answers.values().clone() } else { !answers.values() };
    let found = match answers.nulls() {
        Some(nulls) => &found & nulls.inner(),
        None => found,
    };
    BooleanArray::new(found, None)
}

/// `IS NOT DISTINCT FROM`, from equality and the nulls of each side.
pub(crate) fn same(
    equal: &BooleanArray,
    left_is_null: &BooleanArray,
    right_is_null: Option<BooleanArray>,
) -> BooleanArray {
    let equal = is(equal, true);
    let Some(right_is_null) = right_is_null else { return equal };
    let both_null = left_is_null.values() & right_is_null.values();
    BooleanArray::new(equal.values() | &both_null, None)
}

/// The answers of `AND` if `conjunction`, else of `OR`. `AND` leaves open the rows that are not
/// false, `OR` those that are not true.
pub(crate) fn combine(operands: &[Node], rows: &Rows, conjunction: bool) -> Result<BooleanArray> {
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
        let few = open_count < rows.count / FEW_OPEN;
        let next = if open_count < rows.count && (operand.can_fail() || few && operand.is_slow()) {
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

/// A slow operand is computed only for the open rows if they are less than one row in this many:
/// selecting the rows of a text column costs about as much as searching a quarter of it.
const FEW_OPEN: usize = 4;

/// Moves the answers for the open rows back to their rows; the others are already decided, and
/// unknown changes nothing there.
pub(crate) fn scatter(answers: &BooleanArray, open: &BooleanBuffer) -> BooleanArray {
    if answers.len() == open.len() {
        return answers.clone();
    }
    let mut values = vec![false; open.len()];
    let mut known = vec![false; open.len()];
    for (place, row) in open.set_indices().enumerate() {
        known[row] = answers.is_valid(place);
        values[row] = known[row] && answers.value(place);
    }
    BooleanArray::new(values.into(), Some(NullBuffer::from(known)))
}
