//! Arithmetic over the rows of a batch.

use super::arithmetic::{Arithmetic, BY_ZERO, OVERFLOW, Operation, Why};
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::value_reader::{self, Reader, Values};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Decimal256Type, Int64Type, UInt64Type, i256,
};
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// One evaluation of an operation.
pub(crate) struct ArithmeticWork<'a> {
    pub(crate) arithmetic: &'a Arithmetic,
    pub(crate) rows: &'a Rows,
    pub(crate) left: &'a Values,
    pub(crate) right: &'a Values,
}

impl ArithmeticWork<'_> {
    pub(crate) fn integers(&self) -> Result<ArrayRef> {
        let wide = |values: &Values| {
            cast(&values.array, &DataType::Int64)
                .map_err(|error| Error::failed(format!("cannot widen integers: {error}")))
        };
        let (left, right) = (wide(self.left)?, wide(self.right)?);
        let (a, b) = (left.as_primitive::<Int64Type>(), right.as_primitive::<Int64Type>());
        let (a, b) = (a.values(), b.values());
        let operation = self.arithmetic.operation;
        let compute = |a: i64, b: i64| match operation {
            Operation::Add => a.checked_add(b).ok_or(OVERFLOW),
            Operation::Subtract => a.checked_sub(b).ok_or(OVERFLOW),
            Operation::Multiply => a.checked_mul(b).ok_or(OVERFLOW),
            Operation::Modulo => {
                if b == 0 {
                    Err(BY_ZERO)
                } else {
                    Ok(a.wrapping_rem(b))
                }
            }
            _ if b == 0 => Err(BY_ZERO),
            _ => a.checked_div(b).ok_or(OVERFLOW),
        };
        match (self.left.constant, self.right.constant) {
            (false, true) => {
                let b = b[0];
                self.each::<Int64Type>(|row| compute(a[row], b))
            }
            (true, false) => {
                let a = a[0];
                self.each::<Int64Type>(|row| compute(a, b[row]))
            }
            _ => self.each::<Int64Type>(|row| compute(a[row], b[row])),
        }
    }

    /// The remainder of UInt64 by a constant, as in `hash(x) % 10`: no row can fail, and the
    /// numbers need not be widened before the division.
    fn remainders(&self) -> Option<PrimitiveArray<Decimal128Type>> {
        let (a, b) = (self.left.array.as_primitive_opt::<UInt64Type>()?, &self.right.array);
        let is_it = self.arithmetic.operation == Operation::Modulo
            && (self.left.constant, self.right.constant) == (false, true);
        if !is_it || b.is_null(0) {
            return None;
        }
        let b = u64::try_from(value_reader::integers(b)?(0)).ok().filter(|b| *b != 0)?;
        let values: Vec<i128> = a.values().iter().map(|a| i128::from(a % b)).collect();
        Some(PrimitiveArray::new(values.into(), a.nulls().cloned()))
    }

    pub(crate) fn huge_integers(&self) -> Result<ArrayRef> {
        if let Some(remainders) = self.remainders() {
            return Ok(self.typed(remainders));
        }
        let (a, b) = (self.units(self.left)?.0, self.units(self.right)?.0);
        let operation = self.arithmetic.operation;
        let largest = 10_i128.pow(38);
        self.each::<Decimal128Type>(|row| {
            let (a, b) = (a(row).as_i128(), b(row).as_i128());
            let result = match operation {
                Operation::Add => a.checked_add(b),
                Operation::Subtract => a.checked_sub(b),
                Operation::Multiply => a.checked_mul(b),
                _ if b == 0 => return Err(BY_ZERO),
                Operation::Modulo => Some(a.wrapping_rem(b)),
                _ => a.checked_div(b),
            };
            result.filter(|value| value.unsigned_abs() < largest as u128).ok_or(OVERFLOW)
        })
    }

    pub(crate) fn decimals(&self, scale: i8) -> Result<ArrayRef> {
        let ((a, a_scale), (b, b_scale)) = (self.units(self.left)?, self.units(self.right)?);
        let operation = self.arithmetic.operation;
        let ten = i256::from_i128(10);
        let factor = |own: i8| {
            let places = (i32::from(scale) - i32::from(own)).max(0) as u32;
            // A product's scale is the sum of the scales, and its operands are not widened.
            if operation == Operation::Multiply { Some(i256::ONE) } else { ten.checked_pow(places) }
        };
        let (a_factor, b_factor) = (factor(a_scale), factor(b_scale));
        let largest = ten.checked_pow(76).unwrap_or(i256::MAX);
        let compute = |row: usize| {
            let widen = |units: i256, factor: Option<i256>| {
                factor.and_then(|factor| units.checked_mul(factor)).ok_or(OVERFLOW)
            };
            let (a, b) = (widen(a(row), a_factor)?, widen(b(row), b_factor)?);
            let result = match operation {
                Operation::Add => a.checked_add(b),
                Operation::Subtract => a.checked_sub(b),
                Operation::Multiply => a.checked_mul(b),
                _ if b == i256::ZERO => return Err(BY_ZERO),
                _ => a.checked_rem(b),
            };
            result
                .filter(|value| *value < largest && value.wrapping_neg() < largest)
                .ok_or(OVERFLOW)
        };
        match self.arithmetic.data_type {
            DataType::Decimal256(..) => self.each::<Decimal256Type>(compute),
            // This check catches values with more digits than their type allows.
            _ => self.each::<Decimal128Type>(|row| compute(row)?.to_i128().ok_or(OVERFLOW)),
        }
    }

    pub(crate) fn floats<T: ArrowPrimitiveType>(
        &self,
        compute: impl Fn(f64, f64) -> Result<T::Native, Why>,
    ) -> Result<ArrayRef> {
        let left = value_reader::numbers_as_floats(&self.left.array);
        let right = value_reader::numbers_as_floats(&self.right.array);
        let (Some(a), Some(b)) = (left, right) else {
            return Err(self.not_numbers());
        };
        let (a, b) = (self.left.by_row(a), self.right.by_row(b));
        self.each::<T>(|row| compute(a(row), b(row)))
    }

    fn units<'a>(&self, values: &'a Values) -> Result<(Reader<'a, i256>, i8)> {
        let (units, scale) =
            value_reader::decimals(&values.array).ok_or_else(|| self.not_numbers())?;
        Ok((values.by_row(units), scale))
    }

    fn each<T: ArrowPrimitiveType>(
        &self,
        compute: impl Fn(usize) -> Result<T::Native, Why>,
    ) -> Result<ArrayRef> {
        let constant = self.left.constant && self.right.constant;
        let count = if constant { 1 } else { self.rows.count };
        let (left, right) = (self.left.nulls(count), self.right.nulls(count));
        let nulls = NullBuffer::union(left.as_ref(), right.as_ref());
        let mut results = Vec::with_capacity(count);
        for row in 0..count {
            // A value under a null must not raise an error.
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                results.push(T::Native::default());
                continue;
            }
            results.push(compute(row).map_err(|why| self.failure(row, why))?);
        }
        Ok(self.typed(PrimitiveArray::<T>::new(results.into(), nulls)))
    }

    fn typed<T: ArrowPrimitiveType>(&self, results: PrimitiveArray<T>) -> ArrayRef {
        Arc::new(results.with_data_type(self.arithmetic.data_type.clone()))
    }

    fn failure(&self, row: usize, why: Why) -> Error {
        let shown = |values: &Values| {
            array_value_to_string(&values.array, values.place(row)).unwrap_or_default()
        };
        let symbol = self.arithmetic.operation.symbol();
        let why = format!("{why} ({} {symbol} {})", shown(self.left), shown(self.right));
        self.rows.error(row, &self.arithmetic.text, why)
    }

    fn not_numbers(&self) -> Error {
        Error::failed(format!("{} needs numbers", self.arithmetic.text))
    }
}

pub(crate) fn double(operation: Operation, a: f64, b: f64) -> Result<f64, Why> {
    match operation {
        Operation::Add => Ok(a + b),
        Operation::Subtract => Ok(a - b),
        Operation::Multiply => Ok(a * b),
        Operation::Divide => Ok(a / b),
        _ if b == 0.0 => Err(BY_ZERO),
        Operation::IntegerDivide => Ok(a / b),
        Operation::Modulo => Ok(a % b),
    }
}

pub(crate) fn single(operation: Operation, a: f32, b: f32) -> Result<f32, Why> {
    match operation {
        Operation::Add => Ok(a + b),
        Operation::Subtract => Ok(a - b),
        Operation::Multiply => Ok(a * b),
        _ if b == 0.0 => Err(BY_ZERO),
        _ => Ok(a % b),
    }
}
