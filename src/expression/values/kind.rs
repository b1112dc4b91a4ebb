//! The families of types that expressions distinguish, and arrays without their encoding.

use crate::error::{Error, Result};
use crate::schema::expand;
pub(crate) use crate::schema::plain_type;
use crate::time::calendar::DAY_NANOSECONDS;
use crate::time::unit::{unit_nanoseconds, unit_symbol};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;

/// A family of types. Types of one kind are comparable, and so are numbers with numbers and dates
/// with timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Integer,
    Decimal,
    Float,
    Text,
    Binary,
    Date,
    Timestamp,
    Time,
    Duration,
    Interval,
    /// Nested types and unions, which have no order.
    Other,
}

impl Kind {
    pub(crate) fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Boolean,
            data_type if data_type.is_integer() => Self::Integer,
            data_type if data_type.is_floating() => Self::Float,
            DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => Self::Decimal,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Self::Binary,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(..) => Self::Timestamp,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Duration(_) => Self::Duration,
            DataType::Interval(_) => Self::Interval,
            _ => Self::Other,
        }
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float)
    }

    /// Whether values of the two kinds can be compared.
    pub(crate) fn compares_with(self, other: Self) -> bool {
        let instant = |kind| matches!(kind, Self::Date | Self::Timestamp);
        let span = |kind| matches!(kind, Self::Duration | Self::Interval);
        (self == other && !matches!(self, Self::Other))
            || (self.is_number() && other.is_number())
            || (instant(self) && instant(other))
            || (span(self) && span(other))
    }
}

/// The array without dictionary or run-end encoding.
pub(crate) fn plain_array(array: &ArrayRef) -> Result<ArrayRef> {
    let mut plain = array.clone();
    while plain_type(plain.data_type()) != plain.data_type() {
        plain = expand(&plain)
            .map_err(|error| Error::failed(format!("cannot decode a column: {error}")))?;
    }
    Ok(plain)
}

/// arrow's `downcast_temporal`, with durations.
macro_rules! downcast_time {
    ($data_type:expr => ($m:ident $(, $args:tt)*), _ => $other:expr $(,)?) => {
        arrow::array::downcast_temporal! {
            $data_type => ($m $(, $args)*),
            arrow::datatypes::DataType::Duration(arrow::datatypes::TimeUnit::Second) => {
                $m!(arrow::datatypes::DurationSecondType $(, $args)*)
            }
            arrow::datatypes::DataType::Duration(arrow::datatypes::TimeUnit::Millisecond) => {
                $m!(arrow::datatypes::DurationMillisecondType $(, $args)*)
            }
            arrow::datatypes::DataType::Duration(arrow::datatypes::TimeUnit::Microsecond) => {
                $m!(arrow::datatypes::DurationMicrosecondType $(, $args)*)
            }
            arrow::datatypes::DataType::Duration(arrow::datatypes::TimeUnit::Nanosecond) => {
                $m!(arrow::datatypes::DurationNanosecondType $(, $args)*)
            }
            _ => $other,
        }
    };
}
pub(crate) use downcast_time;

/// Nanoseconds per unit of a date, time, timestamp or duration type.
pub(crate) fn type_nanoseconds(data_type: &DataType) -> Option<i128> {
    Some(match data_type {
        DataType::Date32 => DAY_NANOSECONDS,
        DataType::Date64 => 1_000_000,
        DataType::Timestamp(unit, _)
        | DataType::Time32(unit)
        | DataType::Time64(unit)
        | DataType::Duration(unit) => unit_nanoseconds(*unit).into(),
        _ => return None,
    })
}

/// The precision and scale of a decimal type.
pub(crate) fn decimal_digits(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// A type as messages name it: `int64`, `decimal(10, 2)`, `text`, `timestamp`.
pub(crate) fn describe(data_type: &DataType) -> String {
    let plain = plain_type(data_type);
    if let Some((precision, scale)) = decimal_digits(plain) {
        return format!("decimal({precision}, {scale})");
    }
    match Kind::of(plain) {
        Kind::Text => "text".to_owned(),
        Kind::Binary => "binary data".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Time => "time".to_owned(),
        Kind::Duration => "duration".to_owned(),
        Kind::Interval => "interval".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Integer | Kind::Float | Kind::Boolean => plain.to_string().to_lowercase(),
        Kind::Decimal | Kind::Timestamp | Kind::Other => match plain {
            DataType::Timestamp(unit, None) => format!("timestamp({})", unit_symbol(*unit)),
            DataType::Timestamp(unit, Some(_)) => {
                format!("timestamp({}, with time zone)", unit_symbol(*unit))
            }
            DataType::Struct(_) => "struct".to_owned(),
            DataType::Map(..) => "map".to_owned(),
            DataType::Union(..) => "union".to_owned(),
            _ => "list".to_owned(),
        },
    }
}
