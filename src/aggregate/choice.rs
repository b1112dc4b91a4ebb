//! The accumulator of each function.

use super::accumulator::Accumulator;
use super::collected::{Joined, Lists};
use super::count::{Counts, Flags};
use super::distinct::Distinct;
use super::distinct_estimate::DistinctEstimates;
use super::extreme::{self, ByOther};
use super::mode::Modes;
use super::moments::{Correlations, Variances};
use super::ordered::Ordered;
use super::picked::{Pick, Picked};
use super::quantile::Quantiles;
use super::quantile_estimate;
use super::several::Several;
use super::sum;
use crate::error::Result;
use crate::expression::{AggregateFunction as F, Aggregation, Parameter};
use arrow::datatypes::DataType;

/// The accumulator of an aggregate whose inputs have these types.
///
/// # Errors
/// A type that cannot be compared.
pub(super) fn accumulator(call: &Aggregation, types: &[DataType]) -> Result<Box<dyn Accumulator>> {
    let types: Vec<DataType> = call.arguments.iter().map(|place| types[*place].clone()).collect();
    let plain = plain_accumulator(call, &types);
    let plain = plain.map_err(|e| e.with(format!("cannot compute {}", call.text)))?;
    if call.is_distinct && !ignores_repetition(call.function) {
        return Ok(Box::new(Distinct::try_new(plain, &types)?));
    }
    Ok(plain)
}

/// The accumulator that takes its rows in the order of an `ORDER BY`, whose columns have these
/// types.
///
/// # Errors
/// A type that has no order.
pub(super) fn ordered(
    call: &Aggregation,
    inner: Box<dyn Accumulator>,
    types: &[DataType],
) -> Result<Box<dyn Accumulator>> {
    Ok(Box::new(Ordered::try_new(call, inner, types)?))
}

/// Whether equal values make no difference.
fn ignores_repetition(function: F) -> bool {
    matches!(
        function,
        F::Minimum
            | F::Maximum
            | F::All
            | F::Any
            | F::AnyValue
            | F::First
            | F::CountRows
            | F::DistinctEstimate
    )
}

fn plain_accumulator(call: &Aggregation, types: &[DataType]) -> Result<Box<dyn Accumulator>> {
    Ok(match call.function {
        F::CountRows => Box::new(Counts::of_rows()),
        F::Count => Box::new(Counts::of_values()),
        F::All => Box::new(Flags::all()),
        F::Any => Box::new(Flags::any()),
        F::CountIf | F::Sum => sum::sums(&types[0]),
        F::Average => sum::means(&types[0]),
        F::Minimum => extreme::accumulator(&types[0], false)?,
        F::Maximum => extreme::accumulator(&types[0], true)?,
        F::Smallest | F::ArgumentsOfSmallest => {
            Box::new(Several::try_new(types, most(call), false)?)
        }
        F::Largest | F::ArgumentsOfLargest => Box::new(Several::try_new(types, most(call), true)?),
        F::AnyValue => Box::new(Picked::new(&types[0], Pick::FirstValue)),
        F::First => Box::new(Picked::new(&types[0], Pick::First)),
        F::Last => Box::new(Picked::new(&types[0], Pick::Last)),
        F::ArgumentOfMinimum => Box::new(ByOther::try_new(types, false)?),
        F::ArgumentOfMaximum => Box::new(ByOther::try_new(types, true)?),
        F::Variance { of_sample, is_root } => Box::new(Variances::new(of_sample, is_root)),
        F::Correlation => Box::new(Correlations::default()),
        F::QuantileBetween => Box::new(Quantiles::new(&types[0], share(call), true)),
        F::QuantileOf => Box::new(Quantiles::new(&types[0], share(call), false)),
        F::DistinctEstimate => Box::new(DistinctEstimates::try_new(&types[0])?),
        F::QuantileEstimate => quantile_estimate::estimates(&types[0], share(call))?,
        F::Mode => Box::new(Modes::try_new(&types[0])?),
        F::List => Box::new(Lists::new(&types[0])),
        F::Join => {
            let separator = match &call.parameter {
                Parameter::Separator(text) => text.clone(),
                _ => String::new(),
            };
            Box::new(Joined::new(separator))
        }
    })
}

fn most(call: &Aggregation) -> usize {
    match call.parameter {
        Parameter::Most(most) => most,
        _ => 1,
    }
}

fn share(call: &Aggregation) -> f64 {
    match call.parameter {
        Parameter::Share(share) => share,
        _ => 0.5,
    }
}
