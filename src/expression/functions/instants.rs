//! Columns of dates, timestamps and durations from nanoseconds.

use crate::expression::evaluate::call::{Failure, Inputs};
use crate::expression::values::kind::{describe, type_nanoseconds};
use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use std::sync::Arc;

/// A column of dates, timestamps, durations or 64-bit integers, from nanoseconds.
pub(crate) fn instants(
    inputs: &Inputs<'_>,
    to: &DataType,
    each: impl Fn(usize) -> Result<i128, String>,
) -> Result<ArrayRef, Failure> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    Ok(match to {
        DataType::Date32 => counts::<Date32Type>(inputs, to, each)?,
        DataType::Timestamp(Second, _) => counts::<TimestampSecondType>(inputs, to, each)?,
        DataType::Timestamp(Millisecond, _) => {
            counts::<TimestampMillisecondType>(inputs, to, each)?
        }
        DataType::Timestamp(Microsecond, _) => {
            counts::<TimestampMicrosecondType>(inputs, to, each)?
        }
        DataType::Timestamp(Nanosecond, _) => counts::<TimestampNanosecondType>(inputs, to, each)?,
        DataType::Duration(Second) => counts::<DurationSecondType>(inputs, to, each)?,
        DataType::Duration(Millisecond) => counts::<DurationMillisecondType>(inputs, to, each)?,
        DataType::Duration(Microsecond) => counts::<DurationMicrosecondType>(inputs, to, each)?,
        DataType::Duration(Nanosecond) => counts::<DurationNanosecondType>(inputs, to, each)?,
        _ => counts::<Int64Type>(inputs, to, each)?,
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
