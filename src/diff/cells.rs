//! The rows in which a column differs.
//!
//! Buffers are compared first, as a whole. NaN equals NaN, -0 equals 0, null equals null.

use super::failed;
use super::meeting::{Values, is_true};
use crate::batch::canonical;
use crate::error::{Result, guard};
use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::compute::kernels::cmp::distinct;
use arrow::datatypes::{DataType, Float64Type};

/// Rows of both tables that are compared one by one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) rows: usize,
}

/// The rows of a stretch in which the values differ; `None` if there are none.
///
/// # Errors
/// Values that Arrow cannot compare.
pub(super) fn differing(
    old: &Values,
    new: &Values,
    stretch: Stretch,
    tolerance: Option<f64>,
) -> Result<Option<BooleanBuffer>> {
    let Stretch { old: from, new: to, rows } = stretch;
    let (one, two) = (old.array.slice(from, rows), new.array.slice(to, rows));
    let mut found = guard("cannot compare rows", || unequal(&one, &two))?;
    if let (Some(bits), Some(tolerance)) = (&found, tolerance)
        && one.data_type().is_floating()
    {
        found = Some(beyond(bits, &one, &two, tolerance)?);
    }
    for lost in [(&old.lost, from), (&new.lost, to)]
        .map(|(lost, at)| lost.as_ref().map(|lost| lost.slice(at, rows)))
    {
        found = match (found, lost) {
            (Some(found), Some(lost)) => Some(&found | &lost),
            (found, lost) => found.or(lost),
        };
    }
    Ok(found.filter(|bits| bits.count_set_bits() > 0))
}

fn unequal(old: &ArrayRef, new: &ArrayRef) -> Result<Option<BooleanBuffer>> {
    if old.to_data() == new.to_data() {
        return Ok(None);
    }
    let (old, new) = (canonical(old).map_err(failed)?, canonical(new).map_err(failed)?);
    let data_type = old.data_type();
    if data_type.is_nested() || *data_type == DataType::Null {
        let mut bits = BooleanBufferBuilder::new(old.len());
        bits.append_n(old.len(), false);
        mark_unequal(&old, &new, 0, &mut bits);
        return Ok(Some(bits.finish()));
    }
    Ok(Some(is_true(&distinct(&old, &new).map_err(failed)?)))
}

/// Halves the rows as long as they are unequal: few rows usually are.
fn mark_unequal(old: &ArrayRef, new: &ArrayRef, first: usize, bits: &mut BooleanBufferBuilder) {
    if old.to_data() == new.to_data() {
        return;
    }
    let rows = old.len();
    if rows == 1 {
        bits.set_bit(first, true);
        return;
    }
    let half = rows / 2;
    mark_unequal(&old.slice(0, half), &new.slice(0, half), first, bits);
    let rest = rows - half;
    mark_unequal(&old.slice(half, rest), &new.slice(half, rest), first + half, bits);
}

/// The rows whose numbers are too far apart.
fn beyond(
    unequal: &BooleanBuffer,
    old: &ArrayRef,
    new: &ArrayRef,
    tolerance: f64,
) -> Result<BooleanBuffer> {
    let numbers = |array| cast(array, &DataType::Float64).map_err(failed);
    let (old, new) = (numbers(old)?, numbers(new)?);
    let (old, new) = (old.as_primitive::<Float64Type>(), new.as_primitive::<Float64Type>());
    let is_near = |row| {
        let (one, two) = (old.value(row), new.value(row));
        let scale = one.abs().max(two.abs()).max(1.0);
        old.is_valid(row)
            && new.is_valid(row)
            && scale.is_finite()
            && (one - two).abs() <= tolerance * scale
    };
    let rows = unequal.len();
    Ok(BooleanBuffer::collect_bool(rows, |row| unequal.value(row) && !is_near(row)))
}
