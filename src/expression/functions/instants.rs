//! Columns of dates, timestamps and durations from nanoseconds.

use crate::expression::evaluate::call::{Failure, Inputs};
use crate::expression::values::kind::{describe, type_nanoseconds};
use arrow::array::{ArrayRef, PrimitiveArray, downcast_temporal};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Int64Type, TimeUnit,
};
use std::sync::Arc;

/// A column of dates, timestamps, durations or 64-bit integers, from nanoseconds.
pub(crate) fn instants(
    inputs: &Inputs<'_>,
    to: &DataType,
    each: impl Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    macro_rules! counted {
        ($type:ty) => {
            counts::<$type>(inputs, to, each)?
        };
    }
    Ok(downcast_temporal! {
        to => (counted),
        DataType::Duration(TimeUnit::Second) => counted!(DurationSecondType),
        DataType::Duration(TimeUnit::Millisecond) => counted!(DurationMillisecondType),
        DataType::Duration(TimeUnit::Microsecond) => counted!(DurationMicrosecondType),
        DataType::Duration(TimeUnit::Nanosecond) => counted!(DurationNanosecondType),
        _ => counted!(Int64Type),
    })
}

fn counts<T: ArrowPrimitiveType<Native: TryFrom<i128>>>(
    inputs: &Inputs<'_>,
    to: &DataType,
    each: impl Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    let unit = type_nanoseconds(to).unwrap_or(1);
    let array: PrimitiveArray<T> = inputs.numbers(|row| {
        let nanoseconds = each(row)?;
        if nanoseconds.rem_euclid(unit) != 0 {
            return Err(format!("the result is finer than {}", describe(to)));
        }
        T::Native::try_from(nanoseconds.div_euclid(unit))
            .map_err(|_| format!("the result is out of the range of {}", describe(to)))
    })?;
    Ok(Arc::new(array.with_data_type(to.clone())))
}
