//! Reads the values of an array one by one in a common form, whatever its width or layout.
//!
//! The slow, exact path: comparisons of equal types use arrow's kernels instead. Null slots may be
//! read and give an arbitrary value.

use super::kind::{downcast_time, type_nanoseconds};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, downcast_integer};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, i256,
};

/// A function that returns the value of a row.
pub(crate) type Reader<'a, T> = Box<dyn Fn(usize) -> T + 'a>;

/// A column of results, or one constant for all rows.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// One value per row; a single one if `constant`.
    pub(crate) array: ArrayRef,
    /// Whether one value applies to all rows.
    pub(crate) constant: bool,
}

impl Values {
    /// The index in the array of a row's value.
    pub(crate) fn place(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    /// An array with one value per row.
    pub(crate) fn into_array(self, rows: usize) -> Result<ArrayRef> {
        if !self.constant {
            return Ok(self.array);
        }
        take(&self.array, &UInt32Array::from(vec![0; rows]), None)
            .map_err(|error| Error::failed(format!("cannot repeat a value: {error}")))
    }

    /// Which of `rows` rows have a value; None if all have one.
    pub(crate) fn nulls(&self, rows: usize) -> Option<NullBuffer> {
        let nulls = self.array.logical_nulls()?;
        if self.constant {
            nulls.is_null(0).then(|| NullBuffer::new_null(rows))
        } else {
            Some(nulls)
        }
    }

    /// Whether the row is null.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.array.is_null(self.place(row))
    }

    /// Turns a reader of the array into a reader of rows.
    pub(crate) fn by_row<'a, T: 'a>(&self, reader: Reader<'a, T>) -> Reader<'a, T> {
        if self.constant { Box::new(move |_| reader(0)) } else { reader }
    }
}

macro_rules! reader {
    ($type:ty, $array:expr, $convert:expr) => {{
        let values = $array.as_primitive::<$type>().values();
        let convert = $convert;
        Box::new(move |row: usize| convert(values[row]))
    }};
    ($type:ty, $array:ident) => {
        reader!($type, $array, i128::from)
    };
}

macro_rules! borrowed {
    ($array:expr) => {{
        let values = $array;
        Box::new(|row| values.value(row))
    }};
}

/// Integers of any width and sign; booleans as 0 and 1.
pub(crate) fn integers(array: &dyn Array) -> Option<Reader<'_, i128>> {
    Some(downcast_integer! {
        array.data_type() => (reader, array),
        DataType::Boolean => {
            let values = array.as_boolean().values();
            Box::new(move |row| i128::from(values.value(row)))
        }
        _ => return None,
    })
}

/// Decimals and integers as counts of 10^-scale, and that scale.
pub(crate) fn decimals(array: &dyn Array) -> Option<(Reader<'_, i256>, i8)> {
    Some(match array.data_type() {
        DataType::Decimal32(_, scale) => {
            (reader!(Decimal32Type, array, |value| i256::from_i128(i128::from(value))), *scale)
        }
        DataType::Decimal64(_, scale) => {
            (reader!(Decimal64Type, array, |value| i256::from_i128(i128::from(value))), *scale)
        }
        DataType::Decimal128(_, scale) => (reader!(Decimal128Type, array, i256::from_i128), *scale),
        DataType::Decimal256(_, scale) => (reader!(Decimal256Type, array, |value| value), *scale),
        _ => {
            let integers = integers(array)?;
            (Box::new(move |row| i256::from_i128(integers(row))), 0)
        }
    })
}

/// Floats of any width.
pub(crate) fn floats(array: &dyn Array) -> Option<Reader<'_, f64>> {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    Some(match array.data_type() {
        DataType::Float16 => reader!(Float16Type, array, |value: Half| value.to_f64()),
        DataType::Float32 => reader!(Float32Type, array, f64::from),
        DataType::Float64 => reader!(Float64Type, array, |value| value),
        _ => return None,
    })
}

/// Numbers of any type as doubles; integers and decimals are rounded to the nearest.
pub(crate) fn numbers_as_floats(array: &dyn Array) -> Option<Reader<'_, f64>> {
    if let Some(floats) = floats(array) {
        return Some(floats);
    }
    if let Some(integers) = integers(array) {
        return Some(Box::new(move |row| integers(row) as f64));
    }
    let (units, scale) = decimals(array)?;
    Some(Box::new(move |row| decimal_as_float(units(row), scale)))
}

/// The double nearest to `units` × 10^-`scale`.
pub(crate) fn decimal_as_float(units: i256, scale: i8) -> f64 {
    // Both are exact doubles here, so the division rounds only once.
    if let (Some(units), 0..=22) = (units.to_i128(), scale)
        && units.unsigned_abs() < 1 << 53
    {
        return units as f64 / 10_f64.powi(i32::from(scale));
    }
    format!("{units}e{}", -i32::from(scale)).parse().unwrap_or(f64::NAN)
}

/// Dates, times, timestamps and durations in nanoseconds.
pub(crate) fn nanoseconds(array: &dyn Array) -> Option<Reader<'_, i128>> {
    let units = time_units(array)?;
    let factor = type_nanoseconds(array.data_type())?;
    Some(Box::new(move |row| units(row) * factor))
}

/// Dates, times, timestamps and durations in their own unit.
pub(crate) fn time_units(array: &dyn Array) -> Option<Reader<'_, i128>> {
    Some(downcast_time! {
        array.data_type() => (reader, array),
        _ => return None,
    })
}

/// Text.
pub(crate) fn text(array: &dyn Array) -> Option<Reader<'_, &str>> {
    Some(match array.data_type() {
        DataType::Utf8 => borrowed!(array.as_string::<i32>()),
        DataType::LargeUtf8 => borrowed!(array.as_string::<i64>()),
        DataType::Utf8View => borrowed!(array.as_string_view()),
        _ => return None,
    })
}

/// Text and binary values as bytes.
pub(crate) fn bytes(array: &dyn Array) -> Option<Reader<'_, &[u8]>> {
    if let Some(text) = text(array) {
        return Some(Box::new(move |row| text(row).as_bytes()));
    }
    Some(match array.data_type() {
        DataType::Binary => borrowed!(array.as_binary::<i32>()),
        DataType::LargeBinary => borrowed!(array.as_binary::<i64>()),
        DataType::BinaryView => borrowed!(array.as_binary_view()),
        DataType::FixedSizeBinary(_) => borrowed!(array.as_fixed_size_binary()),
        _ => return None,
    })
}
