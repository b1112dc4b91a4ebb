//! Turns rows of columns with a fixed width into numbers that sort like the values.
//!
//! For a sort, a number of 8 bytes is cheaper to make, to hold and to compare than a byte string of
//! `order`, whose order of values it has: NaN is the largest number and equals NaN, -0 equals 0.

use super::canonical::cannot_compare;
use super::order::value_at;
use crate::error::{Result, guard};
use crate::schema::OrderColumn;
use arrow::array::{Array, ArrayData, ArrayRef};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{ArrowNativeType, DataType, IntervalUnit, Schema};

/// Converts rows to numbers that compare like the rows.
#[derive(Debug)]
pub struct OrderNumbers {
    parts: Vec<Part>,
}

/// A column that numbers are made from.
#[derive(Debug)]
struct Part {
    path: Vec<usize>,
    form: Form,
    bits: u32,
    descending: bool,
    nulls_first: bool,
}

/// How the bits of a value become a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Boolean,
    Unsigned,
    Signed,
    /// With this value of infinity, above which there is only NaN.
    Float(u64),
    /// A number of 128 bits of which 64 are used.
    Wide,
}

/// The numbers of a batch's rows.
#[derive(Debug)]
pub struct Numbers {
    /// The number of each row; that of a null has no meaning.
    pub values: Vec<u64>,
    /// The nulls, unless they have numbers of their own.
    pub nulls: Option<NullBuffer>,
    null_rank: Rank,
}

/// The number of a row, and whether it is a null before or after all numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderNumber {
    rank: Rank,
    value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NullFirst,
    Value,
    NullLast,
}

impl OrderNumbers {
    /// Returns a converter of these columns, for batches with this schema; `None` if they have
    /// other types, or more than 64 bits together with a bit for the nulls of each. A single column
    /// needs no such bit.
    pub fn of_columns(schema: &Schema, columns: &[OrderColumn]) -> Option<Self> {
        let part = |column: &OrderColumn| {
            let (first, inner) = column.path.split_first()?;
            let mut data_type = schema.fields().get(*first)?.data_type();
            for place in inner {
                let DataType::Struct(fields) = data_type else { return None };
                data_type = fields.get(*place)?.data_type();
            }
            let (form, bits) = form_of(data_type)?;
            let OrderColumn { descending, nulls_first, .. } = *column;
            Some(Part { path: column.path.clone(), form, bits, descending, nulls_first })
        };
        let parts: Vec<Part> = columns.iter().map(part).collect::<Option<_>>()?;
        let bits = parts.iter().map(|part| part.bits + 1).sum::<u32>();
        (parts.len() == 1 || !parts.is_empty() && bits <= u64::BITS).then_some(Self { parts })
    }

    /// Whether all values have numbers. Only a decimal can have none, if it has more digits than
    /// its type allows.
    ///
    /// # Errors
    /// A batch with other columns than its schema.
    pub fn can_number(&self, columns: &[ArrayRef]) -> Result<bool> {
        for part in self.parts.iter().filter(|part| part.form == Form::Wide) {
            let data = value_at(columns, &part.path).map_err(cannot_compare)?.to_data();
            if values::<i128>(&data).iter().any(|value| i64::try_from(*value).is_err()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The numbers of the rows of a batch's columns.
    ///
    /// # Errors
    /// A batch with other columns than its schema.
    pub fn numbers(&self, columns: &[ArrayRef]) -> Result<Numbers> {
        guard("cannot compare rows", || {
            let (mut numbers, mut all_nulls, mut null_rank) = (Vec::new(), None, Rank::NullLast);
            for part in &self.parts {
                let array = value_at(columns, &part.path).map_err(cannot_compare)?;
                let (next, nulls) = (part.numbers(&array), array.logical_nulls());
                if self.parts.len() == 1 {
                    null_rank = if part.nulls_first { Rank::NullFirst } else { Rank::NullLast };
                    (numbers, all_nulls) = (next, nulls.filter(|nulls| nulls.null_count() > 0));
                } else {
                    numbers.resize(next.len(), 0);
                    part.append(&mut numbers, &next, nulls.as_ref());
                }
            }
            Ok(Numbers { values: numbers, nulls: all_nulls, null_rank })
        })
    }
}

impl Part {
    /// The numbers of the values, which use the lowest bits.
    fn numbers(&self, array: &ArrayRef) -> Vec<u64> {
        let (data, bits) = (array.to_data(), self.bits);
        let last = u64::MAX >> (u64::BITS - bits);
        let mut numbers = match (self.form, bits) {
            (Form::Boolean, _) => {
                let is_set = |row| data.buffers()[0].as_slice()[row / 8] >> (row % 8) & 1;
                let rows = data.offset()..data.offset() + data.len();
                rows.map(|row| u64::from(is_set(row))).collect()
            }
            (Form::Signed, 8) => mapped(&data, |value: i8| signed(value.into(), bits)),
            (Form::Signed, 16) => mapped(&data, |value: i16| signed(value.into(), bits)),
            (Form::Signed, 32) => mapped(&data, |value: i32| signed(value.into(), bits)),
            (Form::Signed, _) => mapped(&data, |value: i64| signed(value, bits)),
            (Form::Wide, _) => mapped(&data, |value: i128| signed(value as i64, bits)),
            (Form::Unsigned, 8) => mapped(&data, |value: u8| value.into()),
            (Form::Unsigned, 16) => mapped(&data, |value: u16| value.into()),
            (Form::Unsigned, 32) => mapped(&data, |value: u32| value.into()),
            (Form::Unsigned, _) => mapped(&data, |value: u64| value),
            (Form::Float(infinity), 16) => {
                mapped(&data, |value: u16| float(value.into(), bits, infinity))
            }
            (Form::Float(infinity), 32) => {
                mapped(&data, |value: u32| float(value.into(), bits, infinity))
            }
            (Form::Float(infinity), _) => mapped(&data, |value: u64| float(value, bits, infinity)),
        };
        if self.descending {
            numbers.iter_mut().for_each(|number| *number = last - *number);
        }
        numbers
    }

    /// Appends a bit for nulls and the numbers of this column to the numbers of the columns before.
    fn append(&self, numbers: &mut [u64], next: &[u64], nulls: Option<&NullBuffer>) {
        let value_bit = u64::from(self.nulls_first) << self.bits;
        let null_bit = u64::from(!self.nulls_first) << self.bits;
        for (row, (number, next)) in numbers.iter_mut().zip(next).enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            let low = if is_null { null_bit } else { value_bit | next };
            *number = *number << (self.bits + 1) | low;
        }
    }
}

impl Numbers {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> OrderNumber {
        match &self.nulls {
            Some(nulls) if nulls.is_null(row) => OrderNumber { rank: self.null_rank, value: 0 },
            _ => OrderNumber { rank: Rank::Value, value: self.values[row] },
        }
    }

    /// Whether nulls come before all numbers.
    pub fn nulls_first(&self) -> bool {
        self.null_rank == Rank::NullFirst
    }
}

fn form_of(data_type: &DataType) -> Option<(Form, u32)> {
    Some(match data_type {
        DataType::Boolean => (Form::Boolean, 1),
        DataType::UInt8 => (Form::Unsigned, 8),
        DataType::UInt16 => (Form::Unsigned, 16),
        DataType::UInt32 => (Form::Unsigned, 32),
        DataType::UInt64 => (Form::Unsigned, 64),
        DataType::Int8 => (Form::Signed, 8),
        DataType::Int16 => (Form::Signed, 16),
        DataType::Int32
        | DataType::Date32
        | DataType::Time32(_)
        | DataType::Decimal32(..)
        | DataType::Interval(IntervalUnit::YearMonth) => (Form::Signed, 32),
        DataType::Int64
        | DataType::Date64
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Decimal64(..) => (Form::Signed, 64),
        DataType::Decimal128(..=18, _) => (Form::Wide, 64),
        DataType::Float16 => (Form::Float(0x7c00), 16),
        DataType::Float32 => (Form::Float(f32::INFINITY.to_bits().into()), 32),
        DataType::Float64 => (Form::Float(f64::INFINITY.to_bits()), 64),
        _ => return None,
    })
}

fn values<T: ArrowNativeType>(data: &ArrayData) -> &[T] {
    &data.buffer::<T>(0)[..data.len()]
}

fn mapped<T: ArrowNativeType>(data: &ArrayData, number: impl Fn(T) -> u64) -> Vec<u64> {
    values(data).iter().map(|value| number(*value)).collect()
}

fn signed(value: i64, bits: u32) -> u64 {
    value.wrapping_add(1_i64 << (bits - 1)) as u64
}

fn float(value: u64, bits: u32, infinity: u64) -> u64 {
    let sign = 1_u64 << (bits - 1);
    let last = sign | (sign - 1);
    let magnitude = value & !sign;
    let ordered = if value & sign != 0 { value ^ last } else { value | sign };
    let ordered = if magnitude == 0 { sign } else { ordered };
    if magnitude > infinity { last } else { ordered }
}

#[cfg(test)]
mod tests;
