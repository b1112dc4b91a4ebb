//! Quantiles: one of the values, or a point between two of them. Exact: all values are kept.

use super::accumulator::{Accumulator, Rows, StateField, failed};
use super::collected::Collected;
use crate::batch::canonical;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Float64Type, TimeUnit};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use std::ops::Range;
use std::sync::Arc;

/// A quantile of the values of each group that are not null.
#[derive(Debug)]
pub(super) struct Quantiles {
    share: f64,
    /// Whether the result may lie between two values.
    is_between: bool,
    values: Collected,
}

impl Quantiles {
    pub(super) fn new(data_type: &DataType, share: f64, is_between: bool) -> Self {
        let values = Collected::new(std::slice::from_ref(data_type));
        Self { share, is_between, values }
    }

    /// The row of the quantile in each group; none in an empty one.
    fn rows_of(&self, values: &ArrayRef, lengths: &[usize]) -> Result<Vec<Option<u64>>> {
        let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())]);
        let keys = converter.and_then(|converter| converter.convert_columns(&[canonical(values)?]));
        let keys = keys.map_err(failed)?;
        let mut start = 0;
        let row = |length: &usize| {
            let mut rows: Vec<usize> = (start..start + length).collect();
            start += length;
            let place = place_of(self.share, *length)?;
            let (_, row, _) =
                rows.select_nth_unstable_by(place, |a, b| keys.row(*a).cmp(&keys.row(*b)));
            Some(*row as u64)
        };
        Ok(lengths.iter().map(row).collect())
    }

    /// The points between values.
    fn points(&self, values: &ArrayRef, lengths: &[usize]) -> Result<ArrayRef> {
        use arrow::datatypes as t;
        let share = self.share;
        Ok(match values.data_type() {
            DataType::Float64 => {
                let values = values.as_primitive::<Float64Type>().values();
                Arc::new(float_points(values, lengths, share))
            }
            DataType::Decimal32(..) => points::<t::Decimal32Type>(values, lengths, share),
            DataType::Decimal64(..) => points::<t::Decimal64Type>(values, lengths, share),
            DataType::Decimal128(..) => points::<t::Decimal128Type>(values, lengths, share),
            DataType::Timestamp(unit, _) => match unit {
                TimeUnit::Second => points::<t::TimestampSecondType>(values, lengths, share),
                TimeUnit::Millisecond => {
                    points::<t::TimestampMillisecondType>(values, lengths, share)
                }
                TimeUnit::Microsecond => {
                    points::<t::TimestampMicrosecondType>(values, lengths, share)
                }
                TimeUnit::Nanosecond => {
                    points::<t::TimestampNanosecondType>(values, lengths, share)
                }
            },
            other => {
                let cause = format!("quantiles of {other}");
                return Err(failed(ArrowError::NotYetImplemented(cause)));
            }
        })
    }
}

impl Accumulator for Quantiles {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        let nulls = rows.arguments[0].logical_nulls();
        let is_value = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        self.values.add(rows.groups, rows.arguments, is_value)
    }

    fn state_fields(&self) -> Vec<StateField> {
        self.values.list_fields()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.values.merge(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.values.finish(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        self.values.lists(groups)
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let (arrays, lengths) = self.values.rows(groups)?;
        if self.is_between {
            return self.points(&arrays[0], &lengths);
        }
        let rows = UInt64Array::from(self.rows_of(&arrays[0], &lengths)?);
        take(&arrays[0], &rows, None).map_err(failed)
    }

    fn bytes(&self) -> usize {
        self.values.bytes()
    }
}

/// The place of a quantile that is one of the values, in order; none without values.
fn place_of(share: f64, length: usize) -> Option<usize> {
    let below = length as f64 - share * length as f64;
    // DuckDB's rule: the first value of which at most the rest is larger.
    let last = length.checked_sub(1)?;
    Some((length - (below.floor() as usize).min(length)).saturating_sub(1).min(last))
}

/// The places of the values on both sides of a quantile, and how far it is from the first.
fn places(share: f64, length: usize) -> Option<(usize, usize, f64)> {
    let place = share * length.checked_sub(1)? as f64;
    Some((place.floor() as usize, place.ceil() as usize, place - place.floor()))
}

fn float_points(values: &[f64], lengths: &[usize], share: f64) -> PrimitiveArray<Float64Type> {
    let mut start = 0;
    let point = |length: &usize| {
        let mut values = values[start..start + length].to_vec();
        start += length;
        let (low, high, way) = places(share, *length)?;
        // NaN is the largest number.
        values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(a.is_nan().cmp(&b.is_nan())));
        let (low, high) = (values[low], values[high]);
        Some(if low == high || way == 0.0 { low } else { low * (1.0 - way) + high * way })
    };
    lengths.iter().map(point).collect()
}

/// Points between integers: decimals and timestamps.
fn points<T>(values: &ArrayRef, lengths: &[usize], share: f64) -> ArrayRef
where
    T: ArrowPrimitiveType<Native: Ord + Into<i128> + TryFrom<i128>>,
{
    let numbers = values.as_primitive::<T>();
    let between = match values.data_type() {
        DataType::Timestamp(..) => nearest_between,
        DataType::Decimal128(19.., _) => wide_decimal_between,
        _ => decimal_between,
    };
    let mut start = 0;
    let point = |length: &usize| {
        let mut values = numbers.values()[start..start + length].to_vec();
        start += length;
        let (low, high, way) = places(share, *length)?;
        values.sort_unstable();
        let (low, high): (i128, i128) = (values[low].into(), values[high].into());
        T::Native::try_from(between(low, high, way)).ok()
    };
    let points: PrimitiveArray<T> = lengths.iter().map(point).collect();
    Arc::new(points.with_data_type(values.data_type().clone()))
}

/// The timestamp between two others, rounded to the nearest.
fn nearest_between(low: i128, high: i128, way: f64) -> i128 {
    low + ((high - low) as f64 * way).round() as i128
}

/// The decimal of up to 18 digits between two others, as in DuckDB: rounded once, to a double, and
/// then towards zero.
fn decimal_between(low: i128, high: i128, way: f64) -> i128 {
    way.mul_add((high - low) as f64, low as f64).trunc() as i128
}

/// The decimal of more digits between two others, as in DuckDB: rounded down.
fn wide_decimal_between(low: i128, high: i128, way: f64) -> i128 {
    low + ((high - low) as f64 * way).floor() as i128
}
