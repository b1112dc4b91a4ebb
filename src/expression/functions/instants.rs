//! Columns of dates, timestamps and durations from nanoseconds.

use crate::expression::evaluate::call::{Failure, Inputs};
use crate::expression::values::kind::{describe, downcast_time, type_nanoseconds};
use arrow::array::ArrayRef;
use arrow::datatypes::Int64Type;

/// A column of dates, timestamps, durations or 64-bit integers, from nanoseconds.
pub(crate) fn instants(
    inputs: &Inputs<'_>,
    each: impl Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    // Compiled once, and not for each of twenty functions with each type of time: those were 400 KiB.
    from_nanoseconds(inputs, &each)
}

fn from_nanoseconds(
    inputs: &Inputs<'_>,
    each: &dyn Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    let to = inputs.data_type;
    let unit = type_nanoseconds(to).unwrap_or(1);
    let count = |row| {
        let nanoseconds = each(row)?;
        if nanoseconds.rem_euclid(unit) != 0 {
            return Err(format!("the result is finer than {}", describe(to)));
        }
        Ok(nanoseconds.div_euclid(unit))
    };
    let beyond = || format!("the result is out of the range of {}", describe(to));
    macro_rules! counted {
        ($type:ty) => {
            inputs.numbers::<$type>(|row| count(row)?.try_into().map_err(|_| beyond()))
        };
    }
    downcast_time! {
        to => (counted),
        _ => counted!(Int64Type),
    }
}
