//! Converts single values to a boolean, an integer, a float, an exact number, bytes or a point in
//! time, or says why that is not possible.

use crate::error::Error;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::literal_text::{
    TextFloat, parse_boolean, parse_float, read_instant, unescape_bytes,
};
use crate::expression::values::number::{Floor, Number};
use crate::expression::values::value_reader::{self, Reader};
use crate::expression::values::zone::Clock;
use crate::time::calendar::DAY_NANOSECONDS;
use crate::time::parse::{Form, TimeOfDay};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// A row's converted value, or the reason for the failure.
pub(crate) type Converted<T> = Result<T, String>;

pub(crate) fn cannot_convert(error: ArrowError) -> Error {
    Error::failed(format!("cannot convert: {error}"))
}

pub(crate) fn out_of_range(to: &DataType) -> String {
    format!("out of the range of {}", describe(to))
}

pub(crate) fn booleans(array: &ArrayRef) -> Option<Reader<'_, Converted<bool>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| {
            parse_boolean(text(row)).ok_or_else(|| "neither true nor false".to_owned())
        }));
    }
    let number = value_reader::numbers_as_floats(array)?;
    Some(Box::new(move |row| Ok(number(row) != 0.0)))
}

pub(crate) fn integers(array: &ArrayRef) -> Option<Reader<'_, Converted<i128>>> {
    const HUGE: f64 = 1.7e38;
    if let Some(integer) = value_reader::integers(array) {
        return Some(Box::new(move |row| Ok(integer(row))));
    }
    if let Some(float) = value_reader::floats(array) {
        return Some(Box::new(move |row| match float(row) {
            value if !value.is_finite() || value.abs() > HUGE => {
                Err("out of the range of integers".to_owned())
            }
            value if value.fract() != 0.0 => Err(FRACTION.to_owned()),
            value => Ok(value as i128),
        }));
    }
    let plain = value_reader::text(array);
    let number = decimals(array, 0)?;
    Some(Box::new(move |row| {
        // Most text consists of digits only.
        if let Some(text) = &plain
            && let Ok(value) = text(row).parse::<i64>()
        {
            return Ok(i128::from(value));
        }
        match number(row)?.floor(0) {
            Floor::At(_, false) => Err(FRACTION.to_owned()),
            Floor::At(units, true) => {
                units.to_i128().ok_or_else(|| "out of the range of integers".to_owned())
            }
            _ => Err("out of the range of integers".to_owned()),
        }
    }))
}

const FRACTION: &str = "it has a fractional part, which an integer would lose";

pub(crate) fn floats(array: &ArrayRef) -> Option<Reader<'_, Converted<f64>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| {
            // Rust reads everything that `parse_float` reads, except blanks and underscores.
            // It also reads 1e400, as infinity.
            if let Ok(value) = text(row).parse::<f64>()
                && value.is_finite()
            {
                return Ok(value);
            }
            match parse_float(text(row)) {
                Some(TextFloat::Special(value)) => Ok(value),
                Some(TextFloat::Number(number)) => Some(number.to_f64())
                    .filter(|value| value.is_finite())
                    .ok_or_else(|| out_of_range(&DataType::Float64)),
                None => Err("not a number".to_owned()),
            }
        }));
    }
    let number = value_reader::numbers_as_floats(array)?;
    Some(Box::new(move |row| Ok(number(row))))
}

/// Exact numbers; for a float, enough digits to round correctly to `scale` places.
pub(crate) fn decimals(array: &ArrayRef, scale: i8) -> Option<Reader<'_, Converted<Number>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| {
            Number::parse(text(row).trim()).ok_or_else(|| "not a number".to_owned())
        }));
    }
    if let Some(float) = value_reader::floats(array) {
        let places = usize::try_from(scale).unwrap_or(0) + 40;
        return Some(Box::new(move |row| {
            Number::parse(&format!("{:.places$}", float(row)))
                .ok_or_else(|| "not a finite number".to_owned())
        }));
    }
    let (units, own_scale) = value_reader::decimals(array)?;
    Some(Box::new(move |row| Ok(Number::from_units(units(row), own_scale))))
}

pub(crate) fn binaries(array: &ArrayRef) -> Option<Reader<'_, Converted<Vec<u8>>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| {
            unescape_bytes(text(row))
                .ok_or_else(|| "invalid escape: write a byte as \\xAA".to_owned())
        }));
    }
    let bytes = value_reader::bytes(array)?;
    Some(Box::new(move |row| Ok(bytes(row).to_vec())))
}

/// Points in time, or times of day if `to` is one; in the time zone that only one of the types has.
pub(crate) fn nanoseconds<'a>(
    array: &'a ArrayRef,
    to: &'a DataType,
) -> Option<Reader<'a, Converted<i128>>> {
    let wants_time = Kind::of(to) == Kind::Time;
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| {
            let unreadable = || format!("it cannot be read as {}", describe(to));
            if wants_time {
                let time = TimeOfDay::parse(text(row), Form::Sql).ok_or_else(unreadable);
                return time.map(|time| time.nanoseconds());
            }
            read_instant(text(row), to).map_err(|why| why.unwrap_or_else(unreadable))
        }));
    }
    let nanoseconds = value_reader::nanoseconds(array)?;
    let clock = match Clock::between(array.data_type(), to) {
        Ok(clock) => clock,
        Err(why) => return Some(Box::new(move |_| Err(why.clone()))),
    };
    if wants_time && Kind::of(array.data_type()) == Kind::Timestamp {
        return Some(Box::new(move |row| {
            Ok(clock.apply(nanoseconds(row)).rem_euclid(DAY_NANOSECONDS))
        }));
    }
    Some(Box::new(move |row| Ok(clock.apply(nanoseconds(row)))))
}

/// Checks that a time of day is before 24:00:00, which Arrow's types do not exclude: other programs
/// refuse it, or read it as 00:00:00.
pub(crate) fn within_a_day(nanoseconds: i128) -> Converted<i128> {
    if (0..DAY_NANOSECONDS).contains(&nanoseconds) {
        return Ok(nanoseconds);
    }
    Err(END_OF_DAY.to_owned())
}

pub(crate) const END_OF_DAY: &str =
    "a time of day must be before 24:00:00; use 00:00:00, or a timestamp";

/// Midnight of the day that contains a point in time.
pub(crate) fn start_of_day(nanoseconds: i128) -> i128 {
    nanoseconds.div_euclid(DAY_NANOSECONDS) * DAY_NANOSECONDS
}
