//! `greatest` and `least`: the extreme of several values of one type; nulls are ignored.

use super::function::{CallError, Function, Parameter};
use crate::error::Error;
use crate::error::Result as Outcome;
use crate::expression::evaluate::call::{Inputs, Prepared};
use crate::expression::evaluate::compare::{Operator, compare};
use crate::expression::evaluate::logic::{is, is_null};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::value_reader::Values;
use arrow::array::{ArrayRef, BooleanArray, new_empty_array};
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::DataType;

use Parameter::Any;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["greatest"], "greatest(value, ...)", &[Any], |a| prepare(a, Operator::Greater))
        .repeats()
        .help("the largest value, in the common type; nulls are skipped, null if all are null")
        .examples(&["greatest(1, NULL, 2.5) = 2.5"]),
    Function::new(&["least"], "least(value, ...)", &[Any], |a| prepare(a, Operator::Less))
        .repeats()
        .help("the smallest value, likewise")
        .examples(&["least('b', 'a') = 'a'"]),
];

fn prepare(arguments: &mut Vec<Node>, operator: Operator) -> Result<Prepared, CallError> {
    let data_type = arguments[0].data_type().clone();
    if Kind::of(&data_type) == Kind::Other {
        let message = format!("values of {} have no order", describe(&data_type));
        return Err(CallError::at(0, message));
    }
    Ok(Prepared::infallible(data_type, move |inputs| Ok(extreme(inputs, operator)?)))
}

fn extreme(inputs: &Inputs<'_>, operator: Operator) -> Outcome<ArrayRef> {
    let failed = |error| Error::failed(format!("cannot choose: {error}"));
    let mut columns = inputs.values.iter().map(|values| values.clone().into_array(inputs.count));
    let mut best = columns.next().unwrap_or_else(|| Ok(new_empty_array(&DataType::Null)))?;
    for other in columns {
        let other = other?;
        let column = |array: &ArrayRef| Values { array: array.clone(), constant: false };
        let beats = compare(operator, &column(&other), &column(&best), inputs.count)?;
        let missing = is_null(&column(&best), inputs.count);
        let mask = BooleanArray::new(is(&beats, true).values() | missing.values(), None);
        best = zip(&mask, &other, &best).map_err(failed)?;
    }
    Ok(best)
}
