//! Places a constant among the values of a column's type; `literal_test` makes a test of it.

use super::cast_value::cannot_convert;
use crate::error::{Error, Result};
use crate::expression::values::kind::{
    Kind, decimal_digits, describe, downcast_time, type_nanoseconds,
};
use crate::expression::values::literal_text::{
    TextFloat, parse_boolean, parse_float, read_instant, unescape_bytes,
};
use crate::expression::values::number::{Floor, Number};
use crate::expression::values::zone::{Clock, has_zone};
use crate::expression::values::{interval, value_reader};
use crate::text::escaped;
use crate::time::parse::{Form, TimeOfDay};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float16Array, Float32Array, Float64Array,
    PrimitiveArray, StringArray, downcast_integer,
};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, i256,
};
use std::sync::Arc;
use uuid::Uuid;

/// A constant as written, before its type is known from the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Null,
    Number(Number),
    Text(String),
    /// `TIMESTAMPTZ '…'` without an offset: in the time zone of the column that it is compared
    /// with, else UTC.
    Instant(String),
}

/// Where a constant falls among the values of a type.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Below all values.
    Below,
    /// Above all values.
    Above,
    /// At a value (an array of one) if `exact`, else between it and the next larger one.
    At { value: ArrayRef, exact: bool },
}

/// Places a number or a text among the values of a plain type. None if such a constant can never be
/// a value of the type.
///
/// # Errors
/// Text that the type cannot read: a usage error without a place in the expression.
pub(crate) fn place_literal(literal: &Literal, data_type: &DataType) -> Result<Option<Place>> {
    match literal {
        Literal::Null => Ok(None),
        Literal::Number(number) => Ok(place_number(number, data_type)),
        Literal::Text(text) => place_text(text, data_type),
        Literal::Instant(text) if has_zone(data_type) => place_text(text, data_type),
        Literal::Instant(_) => Ok(None),
    }
}

/// Places the single value of an array of another type. None if it is to be compared unchanged.
pub(crate) fn place_value(value: &ArrayRef, data_type: &DataType) -> Option<Place> {
    match (Kind::of(value.data_type()), Kind::of(data_type)) {
        (Kind::Integer | Kind::Decimal, Kind::Integer | Kind::Decimal) => {
            let (units, scale) = value_reader::decimals(value)?;
            place_number(&Number::from_units(units(0), scale), data_type)
        }
        (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => {
            // Local times are not in the order of the points in time when clocks are set back.
            let is_ordered = match Clock::between(value.data_type(), data_type).ok()? {
                Clock::ToLocal(zone) => zone.is_utc(),
                Clock::Same | Clock::FromLocal(_) => true,
            };
            let clock = Clock::against(value.data_type(), data_type).ok()?;
            let nanoseconds = clock.apply(value_reader::nanoseconds(value)?(0));
            if is_ordered { place_nanoseconds(nanoseconds, data_type) } else { None }
        }
        // `b - a > INTERVAL '1 hour'`.
        (Kind::Interval, Kind::Duration) if value.is_valid(0) => {
            place_nanoseconds(interval::lengths(value)?(0), data_type)
        }
        _ => None,
    }
}

/// Places a number among integers, decimals or floats.
fn place_number(number: &Number, data_type: &DataType) -> Option<Place> {
    let scale = match Kind::of(data_type) {
        Kind::Float => return place_among_floats(number, data_type),
        Kind::Decimal | Kind::Integer => decimal_digits(data_type).map_or(0, |(_, scale)| scale),
        _ => return None,
    };
    Some(match number.floor(scale) {
        Floor::Below => Place::Below,
        Floor::Above => Place::Above,
        Floor::At(units, exact) => place_units(units, exact, data_type),
    })
}

fn place_units(units: i256, exact: bool, data_type: &DataType) -> Place {
    match stored(units, data_type) {
        Some(value) => Place::At { value, exact },
        None if units.is_negative() => Place::Below,
        None => Place::Above,
    }
}

/// An integer, decimal or point in time by the number that is stored; None if it does not fit. A
/// decimal may have more digits than the type's precision: it is used only in comparisons.
pub(crate) fn stored(units: i256, data_type: &DataType) -> Option<ArrayRef> {
    macro_rules! one {
        ($type:ty, $units:expr) => {{
            let one = PrimitiveArray::<$type>::from_value($units, 1);
            Some(Arc::new(one.with_data_type(data_type.clone())) as ArrayRef)
        }};
        ($type:ty) => {
            one!($type, units.to_i128()?.try_into().ok()?)
        };
    }
    downcast_integer! {
        data_type => (one),
        DataType::Decimal32(..) => one!(Decimal32Type),
        DataType::Decimal64(..) => one!(Decimal64Type),
        DataType::Decimal128(..) => one!(Decimal128Type),
        DataType::Decimal256(..) => one!(Decimal256Type, units),
        _ => downcast_time! {
            data_type => (one),
            _ => None,
        },
    }
}

/// For floats, the literal is rounded to their own type, as users expect from `price = 0.1`. Only a
/// number that would round to infinity is placed between the largest number and infinity.
fn place_among_floats(number: &Number, data_type: &DataType) -> Option<Place> {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    let (value, largest) = match data_type {
        DataType::Float16 => {
            (f64::from(Half::from_f64(number.to_f64()).to_f32()), Half::MAX.to_f64())
        }
        DataType::Float32 => (f64::from(number.to_f32()), f64::from(f32::MAX)),
        _ => (number.to_f64(), f64::MAX),
    };
    let exact = value.is_finite();
    let value = if value == f64::INFINITY { largest } else { value };
    Some(Place::At { value: float_value(value, data_type)?, exact })
}

fn float_value(value: f64, data_type: &DataType) -> Option<ArrayRef> {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    Some(match data_type {
        DataType::Float16 => Arc::new(Float16Array::from(vec![Half::from_f64(value)])),
        DataType::Float32 => Arc::new(Float32Array::from(vec![value as f32])),
        DataType::Float64 => Arc::new(Float64Array::from(vec![value])),
        _ => return None,
    })
}

/// Places a point in time among dates or timestamps, or a time of day among times.
pub(crate) fn place_nanoseconds(nanoseconds: i128, data_type: &DataType) -> Option<Place> {
    let unit = type_nanoseconds(data_type)?;
    let exact = nanoseconds.rem_euclid(unit) == 0;
    Some(place_units(i256::from_i128(nanoseconds.div_euclid(unit)), exact, data_type))
}

/// The bytes of a UUID. Taken as bytes, its letters never equal 16 bytes.
fn uuid(text: &str) -> Option<Vec<u8>> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.as_bytes().to_vec())
}

fn place_text(text: &str, data_type: &DataType) -> Result<Option<Place>> {
    let unreadable =
        || Error::usage(format!("'{}' cannot be read as {}", escaped(text), describe(data_type)));
    let exactly = |value: ArrayRef| Ok(Some(Place::At { value, exact: true }));
    match Kind::of(data_type) {
        Kind::Text => exactly(convert(Arc::new(StringArray::from(vec![text])), data_type)?),
        Kind::Binary => {
            let bytes = match data_type {
                // Without hyphens it has 32 letters, which are not 16 bytes either.
                DataType::FixedSizeBinary(16) if text.len() >= 32 => uuid(text),
                _ => None,
            };
            let bytes = bytes.or_else(|| unescape_bytes(text)).ok_or_else(unreadable)?;
            let value: ArrayRef = Arc::new(BinaryArray::from(vec![bytes.as_slice()]));
            if let DataType::FixedSizeBinary(width) = data_type
                && bytes.len() != *width as usize
            {
                // Never equal, but ordered: compared as bytes of any length.
                return Ok(None);
            }
            exactly(convert(value, data_type)?)
        }
        Kind::Boolean => {
            let value = parse_boolean(text).ok_or_else(unreadable)?;
            exactly(Arc::new(BooleanArray::from(vec![value])))
        }
        Kind::Float => {
            let value = parse_float(text).ok_or_else(unreadable)?;
            match value {
                TextFloat::Special(value) => {
                    exactly(float_value(value, data_type).ok_or_else(unreadable)?)
                }
                TextFloat::Number(number) => Ok(place_number(&number, data_type)),
            }
        }
        Kind::Integer | Kind::Decimal => {
            let number = Number::parse(text.trim()).ok_or_else(unreadable)?;
            Ok(place_number(&number, data_type))
        }
        Kind::Date | Kind::Timestamp => {
            let nanoseconds = read_instant(text, data_type).map_err(|why| match why {
                Some(why) => Error::usage(why),
                None => unreadable(),
            })?;
            Ok(place_nanoseconds(nanoseconds, data_type))
        }
        Kind::Time => {
            let time = TimeOfDay::parse(text, Form::Sql).ok_or_else(unreadable)?;
            Ok(place_nanoseconds(time.nanoseconds(), data_type))
        }
        Kind::Interval => exactly(interval::parse(text).map_err(Error::usage)?),
        Kind::Duration => {
            let length = interval::parse(text).map_err(Error::usage)?;
            let length = interval::lengths(&length).map(|length| length(0));
            Ok(length.and_then(|length| place_nanoseconds(length, data_type)))
        }
        Kind::Null | Kind::Other => Ok(None),
    }
}

fn convert(value: ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    // Arrow would copy the array's description.
    if value.data_type() == data_type {
        return Ok(value);
    }
    cast(&value, data_type).map_err(cannot_convert)
}
