//! Places a constant among the values of a column's type; `literal_test` makes a test of it.

use crate::error::{Error, Result};
use crate::expression::values::kind::{Kind, describe, type_nanoseconds};
use crate::expression::values::literal_text::{
    TextFloat, parse_boolean, parse_float, read_instant, unescape_bytes,
};
use crate::expression::values::number::{Floor, Number};
use crate::expression::values::zone::{Clock, has_zone};
use crate::expression::values::{interval, value_reader};
use crate::text::escaped;
use crate::time::parse::{Form, TimeOfDay};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, Float16Array, Float32Array, Float64Array, Int64Array, StringArray,
    UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float16Type, i256};
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
            place_nanoseconds(interval::nanoseconds(value)?, data_type)
        }
        _ => None,
    }
}

/// Places a number among integers, decimals or floats.
fn place_number(number: &Number, data_type: &DataType) -> Option<Place> {
    match data_type {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            place_among_floats(number, data_type)
        }
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(match number.floor(*scale) {
            Floor::Below => Place::Below,
            Floor::Above => Place::Above,
            Floor::At(units, exact) => at(decimal(units, data_type), exact, units),
        }),
        integer if integer.is_integer() => Some(match number.floor(0) {
            Floor::Below => Place::Below,
            Floor::Above => Place::Above,
            Floor::At(units, exact) => at(integer_value(units, integer), exact, units),
        }),
        _ => None,
    }
}

fn at(value: Option<ArrayRef>, exact: bool, units: i256) -> Place {
    match value {
        Some(value) => Place::At { value, exact },
        None if units.is_negative() => Place::Below,
        None => Place::Above,
    }
}

fn integer_value(units: i256, data_type: &DataType) -> Option<ArrayRef> {
    let units = units.to_i128()?;
    let wide: ArrayRef = match data_type {
        DataType::UInt64 => Arc::new(UInt64Array::from(vec![u64::try_from(units).ok()?])),
        _ => Arc::new(Int64Array::from(vec![i64::try_from(units).ok()?])),
    };
    // Arrow's cast turns values that do not fit into null.
    let value = convert(wide, data_type).ok()?;
    (!value.is_null(0)).then_some(value)
}

/// The value as it is stored, even if it has more digits than the type's precision: it is used only
/// in comparisons.
pub(crate) fn decimal(units: i256, data_type: &DataType) -> Option<ArrayRef> {
    let typed = data_type.clone();
    Some(match data_type {
        DataType::Decimal256(..) => {
            Arc::new(Decimal256Array::from(vec![units]).with_data_type(typed))
        }
        DataType::Decimal128(..) => {
            Arc::new(Decimal128Array::from(vec![units.to_i128()?]).with_data_type(typed))
        }
        DataType::Decimal64(..) => {
            let units = i64::try_from(units.to_i128()?).ok()?;
            Arc::new(Decimal64Array::from(vec![units]).with_data_type(typed))
        }
        DataType::Decimal32(..) => {
            let units = i32::try_from(units.to_i128()?).ok()?;
            Arc::new(Decimal32Array::from(vec![units]).with_data_type(typed))
        }
        _ => return None,
    })
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
    let units = nanoseconds.div_euclid(unit);
    let exact = nanoseconds.rem_euclid(unit) == 0;
    let wide = i64::try_from(units).ok();
    let value = wide.and_then(|units| {
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![units]));
        let stored = match data_type {
            DataType::Date32 | DataType::Time32(_) => convert(wide, &DataType::Int32).ok()?,
            _ => wide,
        };
        let value = convert(stored, data_type).ok()?;
        (!value.is_null(0)).then_some(value)
    });
    Some(at(value, exact, i256::from_i128(units)))
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
            Ok(interval::nanoseconds(&length)
                .and_then(|length| place_nanoseconds(length, data_type)))
        }
        Kind::Null | Kind::Other => Ok(None),
    }
}

fn convert(value: ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    // Arrow would copy the array's description: a sixth of the time of reading integer keys.
    if value.data_type() == data_type {
        return Ok(value);
    }
    cast(&value, data_type).map_err(|error| Error::failed(format!("cannot convert: {error}")))
}
