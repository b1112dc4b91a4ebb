//! Numbers and times: the smallest and largest, quantiles, mean and deviation.

use super::failure::failed;
use super::found::{ColumnSummary, Spread};
use super::histogram::histogram;
use super::measure::Measure;
use super::moments::Moments;
use super::values::Values;
use crate::error::Result;
use crate::sketch::{Number, Pick, Quantiles};
use arrow::array::{ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{ArrowNativeTypeOp, ArrowPrimitiveType, DataType};
use std::cmp::Ordering;
use std::fmt::Debug;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Numbers<P: ArrowPrimitiveType> {
    data_type: DataType,
    /// The divisor of the numbers of decimals.
    divisor: f64,
    ends: Option<(P::Native, P::Native)>,
    moments: Moments,
    nans: u64,
    infinities: u64,
    quantiles: Quantiles<P::Native>,
    /// Numbers of a batch as doubles, kept to use its memory again.
    doubles: Vec<f64>,
}

impl<P: ArrowPrimitiveType<Native: Number>> Numbers<P> {
    pub(super) fn new(data_type: &DataType) -> Self {
        let scale = match data_type {
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => *scale,
            _ => 0,
        };
        Self {
            data_type: data_type.clone(),
            divisor: 10_f64.powi(i32::from(scale)),
            ends: None,
            moments: Moments::default(),
            nans: 0,
            infinities: 0,
            quantiles: Quantiles::default(),
            doubles: Vec::new(),
        }
    }

    fn is_time(&self) -> bool {
        self.data_type.is_temporal()
    }

    /// Finds the smallest and the largest number, and the numbers that are finite.
    fn look(&mut self, numbers: &[P::Native]) {
        self.doubles.clear();
        if self.data_type.is_floating() {
            self.look_at_floats(numbers);
        } else if let Some(first) = numbers.first() {
            let mut ends = self.ends.unwrap_or((*first, *first));
            for number in numbers {
                ends = widened(ends, *number);
            }
            self.ends = Some(ends);
            if !self.is_time() {
                let divisor = self.divisor;
                self.doubles.extend(numbers.iter().map(|number| number.as_double() / divisor));
            }
        }
    }

    fn look_at_floats(&mut self, numbers: &[P::Native]) {
        for number in numbers {
            let (number, double) = (number.with_one_zero(), number.as_double());
            if double.is_nan() {
                self.nans += 1;
                continue;
            }
            self.ends = Some(widened(self.ends.unwrap_or((number, number)), number));
            if double.is_finite() {
                self.doubles.push(double);
            } else {
                self.infinities += 1;
            }
        }
    }

    fn array(&self, numbers: Vec<P::Native>) -> ArrayRef {
        let array = PrimitiveArray::<P>::from_iter_values(numbers);
        Arc::new(array.with_data_type(self.data_type.clone()))
    }
}

fn widened<N: ArrowNativeTypeOp>((first, last): (N, N), number: N) -> (N, N) {
    (
        if number.compare(first) == Ordering::Less { number } else { first },
        if number.compare(last) == Ordering::Greater { number } else { last },
    )
}

impl<P: ArrowPrimitiveType<Native: Number> + Debug> Measure for Numbers<P> {
    fn add(&mut self, values: &Values, picks: &[Pick]) -> Result<()> {
        let array = values.array.as_primitive_opt::<P>().ok_or_else(|| failed("no numbers"))?;
        let numbers: &[P::Native] = array.values();
        self.look(numbers);
        self.moments.add(&self.doubles);
        for (place, weight) in picks {
            let number = numbers[*place].with_one_zero();
            if !number.as_double().is_nan() {
                self.quantiles.add(number, *weight);
            }
        }
        Ok(())
    }

    fn finish(&self, found: &mut ColumnSummary) -> Result<()> {
        if !self.is_time() {
            (found.mean, found.deviation) = self.moments.finish();
        }
        if self.data_type.is_floating() {
            (found.nans, found.infinities) = (Some(self.nans), Some(self.infinities));
        }
        let weighed = self.quantiles.weighed();
        let (Some((first, last)), Some(_)) = (self.ends, weighed.quantile(0.5)) else {
            return Ok(());
        };
        let inner = &Spread::SHARES[1..Spread::SHARES.len() - 1];
        // A few of the values were picked, so the ends need not be among them.
        let inner = inner.iter().filter_map(|share| weighed.quantile(*share));
        let numbers = [first].into_iter().chain(inner).chain([last]).collect();
        let values = self.array(numbers);
        let is_exact = self.quantiles.is_exact();
        found.spread = Some(Spread { values, is_exact });
        found.histogram = histogram(&weighed, self.ends, |ends| self.array(ends.to_vec()));
        Ok(())
    }
}
