//! `+` and `-` with dates, timestamps and intervals.

use super::instants::instants;
use crate::expression::evaluate::call::{Call, Prepared};
use crate::expression::evaluate::node::Node;
use crate::expression::values::interval::{self, spans};
use crate::expression::values::kind::{Kind, describe};
use crate::time::calendar::DAY_NANOSECONDS;
use crate::time::unit::unit_nanoseconds;
use crate::time::zone::Zone;
use arrow::array::Array;
use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

/// The negated interval; None if the node is not a constant interval.
pub(crate) fn negated(node: &Node) -> Option<Node> {
    let Node::Constant(value) = node else { return None };
    let spans = spans(value)?;
    if value.is_null(0) {
        return Some(node.clone());
    }
    Some(Node::Constant(interval::array(spans(0).times(-1)).ok()?))
}

/// Whether `+` and `-` of this type are time arithmetic.
pub(crate) fn is_time(data_type: &DataType) -> bool {
    use Kind::{Date, Duration, Interval, Timestamp};
    matches!(Kind::of(data_type), Date | Timestamp | Duration | Interval)
}

/// `left + right` or `left - right`, with at least one date, time or interval operand.
pub(crate) fn sum(left: Node, subtract: bool, right: Node, text: String) -> Result<Call, String> {
    let sign = if subtract { "-" } else { "+" };
    let kinds = (Kind::of(left.data_type()), Kind::of(right.data_type()));
    let is_instant = |kind| matches!(kind, Kind::Date | Kind::Timestamp);
    let is_shift = |kind| matches!(kind, Kind::Duration | Kind::Interval);
    let refused = format!(
        "cannot compute {} {sign} {}",
        describe(left.data_type()),
        describe(right.data_type())
    );
    let prepared = match kinds {
        (Kind::Date, Kind::Date) if subtract => difference(DataType::Int64, DAY_NANOSECONDS),
        (a, b) if is_instant(a) && is_instant(b) && subtract => {
            let unit = unit_of(left.data_type()).max(unit_of(right.data_type()));
            difference(DataType::Duration(unit), 1)
        }
        (Kind::Date, Kind::Integer) => later_date(subtract),
        (Kind::Integer, Kind::Date) if !subtract => {
            return Ok(Call::new(vec![right, left], later_date(false), text));
        }
        (a, b) if is_instant(a) && is_shift(b) => shifted(&left, &right, subtract)?,
        (a, b) if is_shift(a) && is_instant(b) && !subtract => {
            let prepared = shifted(&right, &left, false)?;
            return Ok(Call::new(vec![right, left], prepared, text));
        }
        _ => return Err(refused),
    };
    Ok(Call::new(vec![left, right], prepared, text))
}

/// The time between two points in time; if it is a number, in units of `unit` nanoseconds.
fn difference(data_type: DataType, unit: i128) -> Prepared {
    Prepared::fallible(data_type, move |inputs| {
        let (left, right) = (inputs.nanoseconds(0)?, inputs.nanoseconds(1)?);
        instants(inputs, |row| Ok((left(row) - right(row)) / unit))
    })
}

/// A date plus or minus a number of days.
fn later_date(subtract: bool) -> Prepared {
    Prepared::fallible(DataType::Date32, move |inputs| {
        let (date, days) = (inputs.nanoseconds(0)?, inputs.integers(1)?);
        instants(inputs, |row| {
            let days = if subtract { -days(row) } else { days(row) };
            Ok(date(row) + days * DAY_NANOSECONDS)
        })
    })
}

/// A point in time plus or minus an interval. The unit is the column's, or a finer one if the
/// interval needs it.
pub(crate) fn shifted(instant: &Node, shift: &Node, subtract: bool) -> Result<Prepared, String> {
    let (own, zone_name) = match instant.data_type() {
        DataType::Timestamp(unit, zone) => (*unit, zone.clone()),
        _ => (TimeUnit::Microsecond, None),
    };
    let needed = match (shift, shift.data_type()) {
        (Node::Constant(value), _) if value.is_valid(0) => {
            let nanoseconds = spans(value).map_or(0, |spans| spans(0).nanoseconds);
            let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond];
            let fits = |unit: &TimeUnit| nanoseconds % i128::from(unit_nanoseconds(*unit)) == 0;
            units.into_iter().find(fits).unwrap_or(TimeUnit::Nanosecond)
        }
        (_, DataType::Duration(unit)) => *unit,
        (_, DataType::Interval(IntervalUnit::YearMonth)) => TimeUnit::Second,
        (_, DataType::Interval(IntervalUnit::DayTime)) => TimeUnit::Millisecond,
        _ => TimeUnit::Microsecond,
    };
    let to = DataType::Timestamp(own.max(needed), zone_name);
    let zone = Zone::of(&to)?;
    Ok(Prepared::fallible(to, move |inputs| {
        let instant = inputs.nanoseconds(0)?;
        let shift = inputs.by_row(1, spans(inputs.array(1)))?;
        let factor = if subtract { -1 } else { 1 };
        instants(inputs, |row| Ok(shift(row).times(factor).after(instant(row), zone)))
    }))
}

fn unit_of(data_type: &DataType) -> TimeUnit {
    match data_type {
        DataType::Timestamp(unit, _) => *unit,
        // Dates are whole seconds.
        _ => TimeUnit::Second,
    }
}
