//! Variances, standard deviations and correlations.
//!
//! Values are added one by one by Welford's algorithm, and states are merged by that of Chan et
//! al., "Updating formulae and a pairwise algorithm for computing sample variances" (1979).

use super::accumulator::{Accumulator, Rows, StateField, grow};
use crate::batch::vector_bytes;
use crate::error::Result;
use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use std::ops::Range;
use std::sync::Arc;

/// The number of values, their mean, and the sum of the squares of their distances from it.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }

    fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return;
        }
        let distance = other.mean - self.mean;
        self.mean += distance * other.count / count;
        self.squares += other.squares + distance * distance * self.count * other.count / count;
        self.count = count;
    }
}

/// Variances, or their square roots.
#[derive(Debug)]
pub(super) struct Variances {
    of_sample: bool,
    is_root: bool,
    moments: Vec<Moments>,
}

impl Variances {
    pub(super) fn new(of_sample: bool, is_root: bool) -> Self {
        Self { of_sample, is_root, moments: Vec::new() }
    }

    fn value(&self, moments: &Moments) -> Option<f64> {
        let divisor = moments.count - f64::from(u8::from(self.of_sample));
        let variance = moments.squares / divisor;
        (divisor > 0.0).then(|| if self.is_root { variance.sqrt() } else { variance })
    }
}

impl Accumulator for Variances {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.moments, rows.count, Moments::default());
        let values = rows.arguments[0].as_primitive::<Float64Type>();
        for (group, value) in rows.groups.iter().zip(values) {
            if let Some(value) = value {
                self.moments[*group as usize].add(value);
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        ["count", "mean", "squares"].map(|name| (name, DataType::Float64)).to_vec()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        grow(&mut self.moments, states.count, Moments::default());
        let numbers = numbers(states.arguments);
        for (row, group) in states.groups.iter().enumerate() {
            let [count, mean, squares] = [0, 1, 2].map(|column| numbers[column][row]);
            self.moments[*group as usize].merge(Moments { count, mean, squares });
        }
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.moments, count, Moments::default());
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let moments = &self.moments[groups];
        Ok(vec![
            array(moments, |moments| Some(moments.count)),
            array(moments, |moments| Some(moments.mean)),
            array(moments, |moments| Some(moments.squares)),
        ])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(array(&self.moments[groups], |moments| self.value(moments)))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.moments)
    }
}

/// The moments of pairs, and the sum of the products of their distances from the means.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    left: Moments,
    right: Moments,
    products: f64,
}

impl Pairs {
    fn add(&mut self, left: f64, right: f64) {
        let distance = left - self.left.mean;
        self.left.add(left);
        self.right.add(right);
        self.products += distance * (right - self.right.mean);
    }

    fn merge(&mut self, other: Self) {
        let count = self.left.count + other.left.count;
        if other.left.count == 0.0 {
            return;
        }
        let distances = (other.left.mean - self.left.mean) * (other.right.mean - self.right.mean);
        self.products += other.products + distances * self.left.count * other.left.count / count;
        self.left.merge(other.left);
        self.right.merge(other.right);
    }

    fn correlation(&self) -> Option<f64> {
        let spread = (self.left.squares * self.right.squares).sqrt();
        // That of one pair is 0 / 0, as in DuckDB.
        (self.left.count > 0.0).then(|| self.products / spread)
    }
}

/// Correlations.
#[derive(Debug, Default)]
pub(super) struct Correlations(Vec<Pairs>);

impl Accumulator for Correlations {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.0, rows.count, Pairs::default());
        let left = rows.arguments[0].as_primitive::<Float64Type>();
        let right = rows.arguments[1].as_primitive::<Float64Type>();
        for ((group, left), right) in rows.groups.iter().zip(left).zip(right) {
            if let (Some(left), Some(right)) = (left, right) {
                self.0[*group as usize].add(left, right);
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        let names = ["count", "mean_1", "squares_1", "mean_2", "squares_2", "products"];
        names.map(|name| (name, DataType::Float64)).to_vec()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        grow(&mut self.0, states.count, Pairs::default());
        let numbers = numbers(states.arguments);
        for (row, group) in states.groups.iter().enumerate() {
            let [count, left, left_squares, right, right_squares, products] =
                [0, 1, 2, 3, 4, 5].map(|column| numbers[column][row]);
            self.0[*group as usize].merge(Pairs {
                left: Moments { count, mean: left, squares: left_squares },
                right: Moments { count, mean: right, squares: right_squares },
                products,
            });
        }
        Ok(())
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.0, count, Pairs::default());
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let pairs = &self.0[groups];
        Ok(vec![
            array(pairs, |pair| Some(pair.left.count)),
            array(pairs, |pair| Some(pair.left.mean)),
            array(pairs, |pair| Some(pair.left.squares)),
            array(pairs, |pair| Some(pair.right.mean)),
            array(pairs, |pair| Some(pair.right.squares)),
            array(pairs, |pair| Some(pair.products)),
        ])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(array(&self.0[groups], Pairs::correlation))
    }

    fn bytes(&self) -> usize {
        vector_bytes(&self.0)
    }
}

fn array<T>(states: &[T], number: impl Fn(&T) -> Option<f64>) -> ArrayRef {
    Arc::new(states.iter().map(number).collect::<Float64Array>())
}

fn numbers(arrays: &[ArrayRef]) -> Vec<&[f64]> {
    arrays.iter().map(|array| &**array.as_primitive::<Float64Type>().values()).collect()
}
