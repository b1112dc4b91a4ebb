//! Points in time as the clock of a column's own zone shows them, and back.
//!
//! Local times are nanoseconds since 1970-01-01 00:00:00 of that clock. A column without a zone
//! shows what it holds.

use super::call::{Failure, Inputs};
use crate::calendar::{civil, days};
use crate::expression::instant::DAY_NANOSECONDS;
use crate::expression::kind::{describe, type_nanoseconds};
use arrow::array::timezone::Tz;
use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use std::sync::Arc;

/// A column's time zone; none shows UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone(Option<Tz>);

const SECOND: i128 = 1_000_000_000;

impl Zone {
    /// The zone of a type.
    pub(super) fn of(data_type: &DataType) -> Result<Self, String> {
        let DataType::Timestamp(_, Some(name)) = data_type else { return Ok(Self(None)) };
        if matches!(&**name, "UTC" | "Z" | "+00:00" | "Etc/UTC") {
            return Ok(Self(None));
        }
        let zone = name.parse();
        zone.map(|zone| Self(Some(zone)))
            .map_err(|_| format!("the time zone \"{}\" is not known", crate::text::escaped(name)))
    }

    /// Seconds east of UTC at a point in time.
    pub(super) fn offset_seconds(self, utc: i128) -> i64 {
        let Some(zone) = self.0 else { return 0 };
        i64::from(zone.offset_from_utc_datetime(&clamped(utc)).fix().local_minus_utc())
    }

    pub(super) fn local(self, utc: i128) -> i128 {
        utc + i128::from(self.offset_seconds(utc)) * SECOND
    }

    /// The point in time at which the clock shows this. Of two, that with the offset of `near`; where
    /// the clock is put forward over it, it goes on as before.
    pub(super) fn utc(self, local: i128, near: i128) -> i128 {
        let Some(zone) = self.0 else { return local };
        let before = self.offset_seconds(near);
        let offset = match zone.offset_from_local_datetime(&clamped(local)) {
            MappedLocalTime::Single(offset) => i64::from(offset.fix().local_minus_utc()),
            MappedLocalTime::Ambiguous(first, second) => {
                let second = i64::from(second.fix().local_minus_utc());
                let first = i64::from(first.fix().local_minus_utc());
                if second == before { second } else { first }
            }
            MappedLocalTime::None => self.offset_seconds(local - DAY_NANOSECONDS),
        };
        local - i128::from(offset) * SECOND
    }
}

/// `chrono` ends at the year 262,143; no zone changes so late.
fn clamped(nanoseconds: i128) -> NaiveDateTime {
    const END: i128 = 8_000_000_000_000;
    let seconds = nanoseconds.div_euclid(SECOND).clamp(-END, END) as i64;
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc()
}

/// Year, month, day, and nanoseconds since midnight.
pub(super) fn fields(local: i128) -> (i64, u32, u32, i128) {
    let (year, month, day) = civil(day_number(local));
    (year, month, day, local.rem_euclid(DAY_NANOSECONDS))
}

/// Days since 1970-01-01.
pub(super) fn day_number(local: i128) -> i64 {
    local.div_euclid(DAY_NANOSECONDS) as i64
}

/// Midnight of a date.
pub(super) fn midnight(year: i64, month: i64, day: i64) -> i128 {
    i128::from(days(year, month, day)) * DAY_NANOSECONDS
}

/// A column of dates, timestamps, durations or 64-bit integers, made from nanoseconds.
pub(super) fn instants(
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
