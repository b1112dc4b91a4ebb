//! Sums and means.

use super::accumulator::{Accumulator, Rows, StateField, grow};
use super::tally::Tally;
use crate::batch::vector_bytes;
use crate::error::{Error, Result};
use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array, PrimitiveArray,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Decimal128Type, Float64Type, Int64Type};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// The sums of numbers of a type.
pub(super) fn sums(given: &DataType) -> Box<dyn Accumulator> {
    accumulator(given, false)
}

/// The means of numbers of a type.
pub(super) fn means(given: &DataType) -> Box<dyn Accumulator> {
    accumulator(given, true)
}

fn accumulator(given: &DataType, is_mean: bool) -> Box<dyn Accumulator> {
    match given {
        DataType::Float64 => Box::new(FloatSums { is_mean, ..FloatSums::default() }),
        DataType::Decimal128(_, scale) => {
            Box::new(ExactSums::<Decimal128Type>::new(*scale, is_mean))
        }
        _ => Box::new(ExactSums::<Int64Type>::new(0, is_mean)),
    }
}

/// Sums of integers and decimals, exact.
#[derive(Debug)]
struct ExactSums<T> {
    scale: i8,
    is_mean: bool,
    sums: Vec<i128>,
    counts: Tally,
    given: PhantomData<fn() -> T>,
}

impl<T> ExactSums<T> {
    fn new(scale: i8, is_mean: bool) -> Self {
        Self { scale, is_mean, sums: Vec::new(), counts: Tally::default(), given: PhantomData }
    }

    fn grow(&mut self, count: usize) {
        grow(&mut self.sums, count, 0);
        self.counts.grow(count);
    }
}

/// Sixteen bytes hold a sum of 2^64 integers of eight bytes, but not of decimals of 38 digits.
fn overflow() -> Error {
    Error::failed("a sum has more than 38 digits (add doubles: sum(CAST(x AS DOUBLE)))")
}

impl<T: ArrowPrimitiveType<Native: Into<i128>> + Debug> Accumulator for ExactSums<T> {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count);
        let values = rows.arguments[0].as_primitive::<T>();
        let mut is_over = false;
        let mut add = |group: u32, value: T::Native| {
            let sum = &mut self.sums[group as usize];
            let (next, over) = sum.overflowing_add(value.into());
            *sum = next;
            is_over |= over;
        };
        match values.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => {
                rows.groups.iter().zip(values.values()).for_each(|(group, value)| {
                    add(*group, *value);
                });
                self.counts.add(rows.groups.iter().copied(), rows.groups.len());
            }
            Some(nulls) => {
                for row in nulls.valid_indices() {
                    add(rows.groups[row], values.value(row));
                }
                let groups = nulls.valid_indices().map(|row| rows.groups[row]);
                self.counts.add(groups, nulls.len() - nulls.null_count());
            }
        }
        if is_over { Err(overflow()) } else { Ok(()) }
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("sum", DataType::Decimal128(38, self.scale)), ("count", DataType::Int64)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.grow(states.count);
        let sums = states.arguments[0].as_primitive::<Decimal128Type>().values();
        let counts = states.arguments[1].as_primitive::<Int64Type>().values();
        for (group, sum) in states.groups.iter().zip(sums) {
            let known = &mut self.sums[*group as usize];
            *known = known.checked_add(*sum).ok_or_else(overflow)?;
        }
        self.counts.merge(states.groups, counts);
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let sums = Decimal128Array::from(self.sums[groups.clone()].to_vec());
        let sums = sums.with_data_type(DataType::Decimal128(38, self.scale));
        Ok(vec![Arc::new(sums), Arc::new(Int64Array::from(self.counts.values(groups)))])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        /// The first number of 39 digits.
        const LIMIT: i128 = 10_i128.pow(38);
        let counts = self.counts.values(groups.clone());
        let pairs = self.sums[groups].iter().zip(&counts);
        if self.is_mean {
            let scale = 10_f64.powi(i32::from(self.scale));
            let mean = |sum: i128, count: i64| sum as f64 / scale / count as f64;
            let means = pairs.map(|(sum, count)| (*count > 0).then(|| mean(*sum, *count)));
            return Ok(Arc::new(means.collect::<Float64Array>()));
        }
        let sums = pairs.map(|(sum, count)| {
            if LIMIT <= sum.unsigned_abs() as i128 {
                return Err(overflow());
            }
            Ok((*count > 0).then_some(*sum))
        });
        let sums: PrimitiveArray<Decimal128Type> = sums.collect::<Result<_>>()?;
        Ok(Arc::new(sums.with_data_type(DataType::Decimal128(38, self.scale))))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.sums) + self.counts.bytes()
    }
}

/// Sums of floating-point numbers, with the part that rounding loses: Neumaier's algorithm.
#[derive(Debug, Default)]
struct FloatSums {
    is_mean: bool,
    sums: Vec<f64>,
    lost: Vec<f64>,
    counts: Tally,
}

impl FloatSums {
    fn grow(&mut self, count: usize) {
        grow(&mut self.sums, count, 0.0);
        grow(&mut self.lost, count, 0.0);
        self.counts.grow(count);
    }

    fn add_to(&mut self, group: usize, value: f64) {
        let sum = self.sums[group];
        let next = sum + value;
        let (larger, smaller) = if sum.abs() >= value.abs() { (sum, value) } else { (value, sum) };
        self.lost[group] += (larger - next) + smaller;
        self.sums[group] = next;
    }

    fn sum(&self, group: usize) -> f64 {
        let (sum, lost) = (self.sums[group], self.lost[group]);
        // Nothing can be said of what is lost next to an infinity.
        if sum.is_finite() { sum + lost } else { sum }
    }
}

impl Accumulator for FloatSums {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.grow(rows.count);
        let values = rows.arguments[0].as_primitive::<Float64Type>();
        match values.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => {
                for (group, value) in rows.groups.iter().zip(values.values()) {
                    self.add_to(*group as usize, *value);
                }
                self.counts.add(rows.groups.iter().copied(), rows.groups.len());
            }
            Some(nulls) => {
                for row in nulls.valid_indices() {
                    self.add_to(rows.groups[row] as usize, values.value(row));
                }
                let groups = nulls.valid_indices().map(|row| rows.groups[row]);
                self.counts.add(groups, nulls.len() - nulls.null_count());
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        let number = DataType::Float64;
        vec![("sum", number.clone()), ("lost", number), ("count", DataType::Int64)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.grow(states.count);
        let sums = states.arguments[0].as_primitive::<Float64Type>().values();
        let lost = states.arguments[1].as_primitive::<Float64Type>().values();
        let counts = states.arguments[2].as_primitive::<Int64Type>().values();
        for (row, group) in states.groups.iter().enumerate() {
            let group = *group as usize;
            self.add_to(group, sums[row]);
            self.lost[group] += lost[row];
        }
        self.counts.merge(states.groups, counts);
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            Arc::new(Float64Array::from(self.sums[groups.clone()].to_vec())),
            Arc::new(Float64Array::from(self.lost[groups.clone()].to_vec())),
            Arc::new(Int64Array::from(self.counts.values(groups))),
        ])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let value = |group: usize| {
            let count = self.counts.of(group);
            let divisor = if self.is_mean { count as f64 } else { 1.0 };
            (count > 0).then(|| self.sum(group) / divisor)
        };
        Ok(Arc::new(groups.map(value).collect::<Float64Array>()))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.sums) + vector_bytes(&self.lost) + self.counts.bytes()
    }
}
