//! The types in which the keys of two tables are compared, if that is exact.

use crate::batch::canonical;
use crate::expression::{Kind, common_type};
use crate::schema::plain_type;
use arrow::array::new_empty_array;
use arrow::datatypes::{DataType, TimeUnit};

/// How the values of two columns are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// As they are.
    Same,
    /// As values of this type. A value that it does not have equals nothing on the other side.
    Common(DataType),
}

/// How values of two types are compared; `None` if they cannot be, or not exactly.
pub(crate) fn meeting(left: &DataType, right: &DataType) -> Option<Meeting> {
    let (left, right) = (plain_type(left), plain_type(right));
    if left == right || are_same_values(left, right) {
        return Some(Meeting::Same);
    }
    let double = |integer: &DataType| matches!(integer.primitive_width(), Some(1..=4));
    let common = match (Kind::of(left), Kind::of(right)) {
        (Kind::Null, _) => right.clone(),
        (_, Kind::Null) => left.clone(),
        (Kind::Float, Kind::Float) => DataType::Float64,
        (Kind::Float, Kind::Integer) if double(right) => DataType::Float64,
        (Kind::Integer, Kind::Float) if double(left) => DataType::Float64,
        (Kind::Float, _) | (_, Kind::Float) => return None,
        (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => {
            // A date is a point in time only in some zone.
            let is_zoned = |time: &DataType| matches!(time, DataType::Timestamp(_, Some(_)));
            if is_zoned(left) != is_zoned(right) {
                return None;
            }
            DataType::Timestamp(unit(left).max(unit(right)), None)
        }
        (Kind::Duration, Kind::Duration) => DataType::Duration(unit(left).max(unit(right))),
        (Kind::Other | Kind::Interval, _) | (_, Kind::Other | Kind::Interval) => return None,
        _ => common_type(left, right)?,
    };
    Some(Meeting::Common(common))
}

/// Whether the types differ only in names or in what may be null inside them.
fn are_same_values(left: &DataType, right: &DataType) -> bool {
    let canonical = |data_type| canonical(&new_empty_array(data_type)).ok();
    let (left, right) = (canonical(left), canonical(right));
    left.zip(right).is_some_and(|(left, right)| left.data_type().equals_datatype(right.data_type()))
}

/// The unit of a date, a timestamp or a duration.
fn unit(data_type: &DataType) -> TimeUnit {
    match data_type {
        DataType::Timestamp(unit, _) | DataType::Duration(unit) => *unit,
        DataType::Date64 => TimeUnit::Millisecond,
        _ => TimeUnit::Second,
    }
}
