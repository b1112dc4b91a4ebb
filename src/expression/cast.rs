//! `CAST`, `TRY_CAST` and `::`.
//!
//! A cast loses only what SQL says: a timestamp's time of day on the way to a date, a double's
//! last bits on the way to a float, digits beyond a decimal's scale. Everything else that does
//! not fit is an error naming row and value, or null with `TRY_CAST`.

use super::bind_value::shown;
use super::coerce::{TextFloat, parse_boolean, parse_float, read_instant, unescape_bytes};
use super::common_type::common_type;
use super::instant::{DAY_NANOSECONDS, parse_time};
use super::kind::{Kind, describe, type_nanoseconds};
use super::node::{Node, Rows};
use super::number::{Floor, Number};
use super::read::{self, Reader, Values};
use super::show;
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type, i256,
};
use sqlparser::ast::Expr;
use std::sync::Arc;

/// A cast of a bound operand.
#[derive(Debug, Clone)]
pub(super) struct Conversion {
    pub(super) operand: Node,
    pub(super) to: DataType,
    /// `TRY_CAST`.
    pub(super) null_on_failure: bool,
    /// The expression's text, for messages.
    pub(super) text: String,
}

/// A row's converted value, or why there is none.
type Converted<T> = Result<T, String>;

impl Conversion {
    /// Whether any value of the one type could become one of the other.
    pub(super) fn is_possible(from: &DataType, to: &DataType) -> bool {
        use Kind::{Binary, Boolean, Date, Null, Other, Text, Time, Timestamp};
        let (from_kind, to_kind) = (Kind::of(from), Kind::of(to));
        match (from_kind, to_kind) {
            _ if from == to => true,
            (Null, _) => true,
            (Other, _) | (_, Other) => false,
            (Text, _) | (_, Text) => true,
            (Boolean, to) => to.is_number(),
            (from, Boolean) => from.is_number(),
            (Binary, Binary) | (Date | Timestamp, Date | Timestamp) => true,
            (Time | Timestamp, Time) => true,
            (from, to) => from.is_number() && to.is_number(),
        }
    }

    /// A conversion that is not written but needed, to a type that it is known to be possible to.
    pub(super) fn exact(operand: Node, to: DataType, expression: &Expr) -> Node {
        let text = shown(expression);
        Node::Convert(Box::new(Self { operand, to, null_on_failure: false, text }))
    }

    /// Whether some value may have no equal in the type; safe to say yes.
    pub(super) fn can_fail(&self) -> bool {
        let (from, to) = (self.operand.data_type(), &self.to);
        let widened = common_type(from, to).as_ref() == Some(to)
            && matches!(Kind::of(from), Kind::Integer | Kind::Decimal | Kind::Text | Kind::Binary);
        !self.null_on_failure && !widened
    }

    /// The converted value of each row.
    ///
    /// # Errors
    /// A value that the type does not have, naming the row; none with `TRY_CAST`.
    pub(super) fn values(&self, rows: &Rows) -> Result<Values> {
        let values = self.operand.values(rows)?;
        if values.array.data_type() == &self.to {
            return Ok(values);
        }
        let count = if values.constant { 1 } else { rows.count };
        let work = Work { conversion: self, rows, array: &values.array, count };
        Ok(Values { array: work.convert()?, constant: values.constant })
    }
}

/// One evaluation.
struct Work<'a> {
    conversion: &'a Conversion,
    rows: &'a Rows,
    array: &'a ArrayRef,
    count: usize,
}

impl Work<'_> {
    fn convert(&self) -> Result<ArrayRef> {
        if self.array.data_type() == &DataType::Null {
            return Ok(arrow::array::new_null_array(&self.conversion.to, self.count));
        }
        match &self.conversion.to {
            DataType::Boolean => {
                let read = self.known(booleans(self.array))?;
                Ok(Arc::new(BooleanArray::from(self.each(read)?)))
            }
            DataType::Int8 => self.integers::<Int8Type>(),
            DataType::Int16 => self.integers::<Int16Type>(),
            DataType::Int32 => self.integers::<Int32Type>(),
            DataType::Int64 => self.integers::<Int64Type>(),
            DataType::UInt8 => self.integers::<UInt8Type>(),
            DataType::UInt16 => self.integers::<UInt16Type>(),
            DataType::UInt32 => self.integers::<UInt32Type>(),
            DataType::UInt64 => self.integers::<UInt64Type>(),
            DataType::Float32 => {
                let read = self.known(floats(self.array))?;
                self.primitive::<Float32Type>(Box::new(move |row| {
                    let double = read(row)?;
                    let single = double as f32;
                    let fits = single.is_finite() || !double.is_finite();
                    fits.then_some(single).ok_or_else(|| out_of_range(&DataType::Float32))
                }))
            }
            DataType::Float64 => self.primitive::<Float64Type>(self.known(floats(self.array))?),
            DataType::Decimal128(precision, scale) => {
                let units = self.decimals(*precision, *scale)?;
                let units = units.into_iter().map(|units| units.map(i256::as_i128));
                let array: PrimitiveArray<Decimal128Type> = units.collect();
                Ok(Arc::new(array.with_data_type(self.conversion.to.clone())))
            }
            DataType::Decimal256(precision, scale) => {
                let units = self.decimals(*precision, *scale)?;
                let array: PrimitiveArray<Decimal256Type> = units.into_iter().collect();
                Ok(Arc::new(array.with_data_type(self.conversion.to.clone())))
            }
            DataType::Utf8 => {
                let read = self.known(show::texts(self.array))?;
                let texts = self.each(Box::new(move |row| Ok(read(row))))?;
                Ok(Arc::new(StringArray::from(texts)))
            }
            DataType::Binary => {
                let read = self.known(binaries(self.array))?;
                let values = self.each(read)?;
                Ok(Arc::new(BinaryArray::from_iter(values)))
            }
            DataType::Date32 => self.times::<Date32Type>(),
            DataType::Time64(TimeUnit::Microsecond) => self.times::<Time64MicrosecondType>(),
            DataType::Timestamp(TimeUnit::Second, _) => self.times::<TimestampSecondType>(),
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                self.times::<TimestampMillisecondType>()
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.times::<TimestampMicrosecondType>()
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => self.times::<TimestampNanosecondType>(),
            _ => Err(self.impossible()),
        }
    }

    fn integers<T: ArrowPrimitiveType<Native: TryFrom<i128>>>(&self) -> Result<ArrayRef> {
        let read = self.known(integers(self.array))?;
        self.primitive::<T>(Box::new(move |row| {
            T::Native::try_from(read(row)?).map_err(|_| out_of_range(&T::DATA_TYPE))
        }))
    }

    fn decimals(&self, precision: u8, scale: i8) -> Result<Vec<Option<i256>>> {
        let read = self.known(decimal_numbers(self.array, scale))?;
        let limit = i256::from_i128(10).checked_pow(u32::from(precision)).unwrap_or(i256::MAX);
        let to = self.conversion.to.clone();
        self.each(Box::new(move |row| {
            let units = read(row)?.rounded(scale);
            units
                .filter(|units| *units < limit && units.wrapping_neg() < limit)
                .ok_or_else(|| out_of_range(&to))
        }))
    }

    fn times<T: ArrowPrimitiveType<Native: TryFrom<i128>>>(&self) -> Result<ArrayRef> {
        let to = &self.conversion.to;
        let read = self.known(nanoseconds(self.array, to))?;
        let unit = type_nanoseconds(to).unwrap_or(1);
        let is_date = matches!(to, DataType::Date32);
        let array = self.each(Box::new(move |row| {
            let nanoseconds = read(row)?;
            if !is_date && nanoseconds.rem_euclid(unit) != 0 {
                return Err(format!("{} has a coarser unit", describe(to)));
            }
            T::Native::try_from(nanoseconds.div_euclid(unit)).map_err(|_| out_of_range(to))
        }))?;
        let array: PrimitiveArray<T> = array.into_iter().collect();
        Ok(Arc::new(array.with_data_type(to.clone())))
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        read: Reader<'_, Converted<T::Native>>,
    ) -> Result<ArrayRef> {
        Ok(Arc::new(self.each(read)?.into_iter().collect::<PrimitiveArray<T>>()))
    }

    /// Converts every row that has a value.
    fn each<T>(&self, read: Reader<'_, Converted<T>>) -> Result<Vec<Option<T>>> {
        let mut converted = Vec::with_capacity(self.count);
        for row in 0..self.count {
            if self.array.is_null(row) {
                converted.push(None);
                continue;
            }
            match read(row) {
                Ok(value) => converted.push(Some(value)),
                Err(_) if self.conversion.null_on_failure => converted.push(None),
                Err(why) => return Err(self.failure(row, &why)),
            }
        }
        Ok(converted)
    }

    fn known<T>(&self, reader: Option<T>) -> Result<T> {
        reader.ok_or_else(|| self.impossible())
    }

    fn failure(&self, row: usize, why: &str) -> Error {
        let shown = show::texts(self.array).map(|text| text(row)).unwrap_or_default();
        let shown = crate::text::escaped(&shown);
        self.rows.error(row, &self.conversion.text, format!("'{shown}': {why}"))
    }

    fn impossible(&self) -> Error {
        Error::failed(format!(
            "cannot convert {} to {}",
            describe(self.array.data_type()),
            describe(&self.conversion.to)
        ))
    }
}

fn out_of_range(to: &DataType) -> String {
    format!("out of the range of {}", describe(to))
}

fn booleans(array: &ArrayRef) -> Option<Reader<'_, Converted<bool>>> {
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| {
            parse_boolean(text(row)).ok_or_else(|| "neither true nor false".to_owned())
        }));
    }
    let number = read::numbers_as_floats(array)?;
    Some(Box::new(move |row| Ok(number(row) != 0.0)))
}

fn integers(array: &ArrayRef) -> Option<Reader<'_, Converted<i128>>> {
    const HUGE: f64 = 1.7e38;
    if let Some(integer) = read::integers(array) {
        return Some(Box::new(move |row| Ok(integer(row))));
    }
    if let Some(float) = read::floats(array) {
        return Some(Box::new(move |row| match float(row) {
            value if !value.is_finite() || value.abs() > HUGE => {
                Err("not in the range of integers".to_owned())
            }
            value if value.fract() != 0.0 => Err(FRACTION.to_owned()),
            value => Ok(value as i128),
        }));
    }
    let number = decimal_numbers(array, 0)?;
    Some(Box::new(move |row| match number(row)?.floor(0) {
        Floor::At(_, false) => Err(FRACTION.to_owned()),
        Floor::At(units, true) => {
            units.to_i128().ok_or_else(|| "not in the range of integers".to_owned())
        }
        _ => Err("not in the range of integers".to_owned()),
    }))
}

const FRACTION: &str = "it has a fraction, which an integer would lose";

fn floats(array: &ArrayRef) -> Option<Reader<'_, Converted<f64>>> {
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| match parse_float(text(row)) {
            Some(TextFloat::Special(value)) => Ok(value),
            Some(TextFloat::Number(number)) => Ok(number.to_f64()),
            None => Err("not a number".to_owned()),
        }));
    }
    let number = read::numbers_as_floats(array)?;
    Some(Box::new(move |row| Ok(number(row))))
}

/// Exact numbers; of a float, enough digits to round rightly to `scale` places.
fn decimal_numbers(array: &ArrayRef, scale: i8) -> Option<Reader<'_, Converted<Number>>> {
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| {
            Number::parse(text(row).trim()).ok_or_else(|| "not a number".to_owned())
        }));
    }
    if let Some(float) = read::floats(array) {
        let places = usize::try_from(scale).unwrap_or(0) + 40;
        return Some(Box::new(move |row| {
            Number::parse(&format!("{:.places$}", float(row)))
                .ok_or_else(|| "not a finite number".to_owned())
        }));
    }
    let (units, own_scale) = read::decimals(array)?;
    Some(Box::new(move |row| Ok(Number::from_units(units(row), own_scale))))
}

fn binaries(array: &ArrayRef) -> Option<Reader<'_, Converted<Vec<u8>>>> {
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| {
            unescape_bytes(text(row)).ok_or_else(|| "a backslash without xAA".to_owned())
        }));
    }
    let bytes = read::bytes(array)?;
    Some(Box::new(move |row| Ok(bytes(row).to_vec())))
}

/// Points in time, or times of day if that is what is wanted.
fn nanoseconds<'a>(array: &'a ArrayRef, to: &'a DataType) -> Option<Reader<'a, Converted<i128>>> {
    let wants_time = Kind::of(to) == Kind::Time;
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| {
            let unreadable = || format!("it does not read as {}", describe(to));
            if wants_time {
                return parse_time(text(row)).ok_or_else(unreadable);
            }
            match read_instant(text(row), to) {
                Ok(instant) => Ok(instant.nanoseconds()),
                Err(why) => Err(why.unwrap_or_else(unreadable)),
            }
        }));
    }
    let nanoseconds = read::nanoseconds(array)?;
    if wants_time && Kind::of(array.data_type()) == Kind::Timestamp {
        return Some(Box::new(move |row| Ok(nanoseconds(row).rem_euclid(DAY_NANOSECONDS))));
    }
    Some(Box::new(move |row| Ok(nanoseconds(row))))
}
