//! Histograms of numbers, from the values that a sketch keeps.

use super::found::Histogram;
use crate::sketch::{Number, Weighed};
use arrow::array::ArrayRef;

/// The most bins.
const BINS: usize = 16;

/// The histogram of the finite values of a sketch. `ends` are the smallest and the largest value,
/// which the sketch need not have; `array` makes an array of the ends of the histogram.
pub(super) fn histogram<T: Number>(
    values: &Weighed<T>,
    ends: Option<(T, T)>,
    array: impl Fn(&[T]) -> ArrayRef,
) -> Option<Histogram> {
    let is_finite = |value: &T| value.as_double().is_finite();
    let (first, last) = match ends.filter(|(first, last)| is_finite(first) && is_finite(last)) {
        Some(ends) => ends,
        None => {
            let mut finite = values.entries().map(|(value, _)| value).filter(is_finite);
            let first = finite.next()?;
            (first, finite.last().unwrap_or(first))
        }
    };
    let (low, high) = (first.as_double(), last.as_double());
    // Halves, because the difference of the ends of all doubles is infinite.
    let width = high / 2.0 - low / 2.0;
    let is_whole = T::ONE.div_wrapping(T::ONE.add_wrapping(T::ONE)).is_zero();
    let steps = 2.0 * width + 1.0;
    let bins = if is_whole && steps < BINS as f64 { steps as usize } else { BINS };
    let bins = if width > 0.0 { bins } else { 1 };
    // Whole numbers fill the place up to the next one.
    let width = if is_whole { steps / 2.0 } else { width };
    let mut rows = vec![0; bins];
    for (value, weight) in values.entries().filter(|(value, _)| is_finite(value)) {
        let place = (value.as_double() / 2.0 - low / 2.0) / width * bins as f64;
        rows[(place as usize).min(bins - 1)] += weight;
    }
    Some(Histogram { ends: array(&[first, last]), rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::Quantiles;
    use arrow::array::{Float64Array, Int64Array};
    use std::sync::Arc;

    fn of<T: Number>(values: &[T], array: impl Fn(&[T]) -> ArrayRef) -> Option<Vec<u64>> {
        let mut sketch = Quantiles::default();
        values.iter().for_each(|value| sketch.add(*value, 1));
        histogram(&sketch.weighed(), sketch.ends(), array).map(|histogram| histogram.rows)
    }

    #[test]
    fn bins_have_one_width() {
        let integers =
            |values: &[i64]| of(values, |ends| Arc::new(Int64Array::from(ends.to_vec())));
        let doubles =
            |values: &[f64]| of(values, |ends| Arc::new(Float64Array::from(ends.to_vec())));
        assert_eq!(integers(&[]), None);
        assert_eq!(integers(&[5, 5]), Some(vec![2]));
        assert_eq!(integers(&[0, 1, 3, 3]), Some(vec![1, 1, 0, 2]));
        assert_eq!(integers(&(0..160).collect::<Vec<_>>()), Some(vec![10; 16]));
        assert_eq!(integers(&[i64::MIN, i64::MAX]).unwrap()[15], 1);
        let mut expected = vec![0; 16];
        (expected[0], expected[15]) = (1, 2);
        assert_eq!(doubles(&[0.0, 1.0, 0.99]), Some(expected.clone()));
        assert_eq!(doubles(&[f64::MIN, f64::MAX, 1.7e308]), Some(expected.clone()));
        assert_eq!(doubles(&[f64::NEG_INFINITY, 0.0, 1.0, 1.0, f64::INFINITY]), Some(expected));
        assert_eq!(doubles(&[f64::INFINITY]), None);
    }
}
