//! `date_diff`, `date_sub` and `date_add`: the distance between points in time, and points at a
//! distance.

use super::date_part::constant_part;
use super::function::{CallError, Function, Parameter};
use super::instants::instants;
use super::time_sum;
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::time_part::TimePart;
use crate::expression::values::zone::{Clock as Clocks, has_zone};
use crate::time::calendar::{DAY_NANOSECONDS, day_number, fields, iso_week, month_length};
use crate::time::zone::Zone;
use arrow::datatypes::DataType;

use Parameter::{Any, Clock, Instant, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["date_diff", "datediff"],
        "date_diff('part', from, to)",
        &[Text, Clock, Clock],
        |arguments| difference(arguments, boundaries),
    )
    .help(
        "the number of period boundaries between the two, int64; for weeks, the number of \
         whole seven-day periods",
    )
    .examples(&["date_diff('month', DATE '2024-01-31', DATE '2024-02-01') = 1"]),
    Function::new(
        &["date_sub", "datesub"],
        "date_sub('part', from, to)",
        &[Text, Clock, Clock],
        |arguments| difference(arguments, whole_parts),
    )
    .help("the number of whole periods between the two, int64")
    .examples(&["date_sub('month', DATE '2024-01-31', DATE '2024-02-01') = 0"]),
    Function::new(&["date_add"], "date_add(date or timestamp, interval)", &[Instant, Any], |a| {
        let shift = a[1].data_type();
        if !matches!(shift, DataType::Interval(_) | DataType::Duration(_)) {
            let message = format!("an interval is expected here, not {}", describe(shift));
            return Err(CallError::at(1, message));
        }
        time_sum::shifted(&a[0], &a[1], false).map_err(|why| CallError::at(1, why))
    })
    .help("the same as +")
    .examples(&["date_add(DATE '2024-01-31', INTERVAL 1 MONTH) = TIMESTAMP '2024-02-29 00:00:00'"]),
];

/// A point in time, and its local time in its zone; both in nanoseconds since 1970.
#[derive(Clone, Copy)]
struct Moment {
    utc: i128,
    local: i128,
}

/// Counts the parts between two points in time.
type Count = fn(TimePart, Moment, Moment) -> i128;

fn difference(arguments: &mut Vec<Node>, count: Count) -> Result<Prepared, CallError> {
    let part = constant_part(arguments)?.unwrap_or(TimePart::Day);
    let (from, to) = (arguments[1].data_type().clone(), arguments[2].data_type().clone());
    let is_instant = |of: &DataType| matches!(Kind::of(of), Kind::Date | Kind::Timestamp);
    let are_times = Kind::of(&from) == Kind::Time && Kind::of(&to) == Kind::Time;
    let are_instants = is_instant(&from) && is_instant(&to);
    if !(are_times || are_instants) {
        let message = format!("{} and {} cannot be subtracted", describe(&from), describe(&to));
        return Err(CallError::at(2, message));
    }
    let is_counted = unit(part).is_some() || months(part).is_some();
    if !is_counted || are_times && !part.is_of_time() {
        return Err(CallError::at(0, "this part cannot be counted"));
    }
    let clocks = |own, other| Clocks::against(own, other).map_err(|why| CallError::at(1, why));
    let (start_clock, end_clock) = (clocks(&from, &to)?, clocks(&to, &from)?);
    let zoned = if has_zone(&from) { &from } else { &to };
    let zone = Zone::of(zoned).map_err(|why| CallError::at(1, why))?;
    Ok(Prepared::fallible(DataType::Int64, move |inputs| {
        let (start, end) = (inputs.nanoseconds(1)?, inputs.nanoseconds(2)?);
        let moment = |utc: i128| Moment { utc, local: zone.local(utc) };
        instants(inputs, |row| {
            let (start, end) = (start_clock.apply(start(row)), end_clock.apply(end(row)));
            Ok(count(part, moment(start), moment(end)))
        })
    }))
}

/// The number of part boundaries between two points. Weeks are seven days, as in DuckDB.
fn boundaries(part: TimePart, start: Moment, end: Moment) -> i128 {
    match (part, unit(part), months(part)) {
        (TimePart::IsoYear, ..) => {
            let year = |at: Moment| iso_week(day_number(at.local)).0;
            i128::from(year(end) - year(start))
        }
        (_, Some(unit), _) if unit < DAY_NANOSECONDS => {
            let start_of = |at: Moment| at.utc - at.local.rem_euclid(unit);
            (start_of(end) - start_of(start)) / unit
        }
        (_, Some(unit), _) => {
            let days = i128::from(day_number(end.local) - day_number(start.local));
            days * DAY_NANOSECONDS / unit
        }
        (.., months) => {
            let months = months.unwrap_or(1);
            i128::from(month_number(end.local) / months - month_number(start.local) / months)
        }
    }
}

/// The number of whole parts between two points.
fn whole_parts(part: TimePart, start: Moment, end: Moment) -> i128 {
    if end.utc < start.utc {
        return -whole_parts(part, end, start);
    }
    match unit(part) {
        Some(unit) if unit < DAY_NANOSECONDS => return (end.utc - start.utc) / unit,
        Some(unit) => return (end.local - start.local) / unit,
        None => {}
    }
    let (_, _, start_day, start_time) = fields(start.local);
    let (end_year, end_month, end_day, end_time) = fields(end.local);
    // The last day of a month counts as any later day that the month lacks.
    let is_last = i64::from(end_day) == month_length(end_year, end_month.into());
    let is_short = if is_last && end_day < start_day {
        end_time < start_time
    } else {
        (end_day, end_time) < (start_day, start_time)
    };
    let passed = month_number(end.local) - month_number(start.local) - i64::from(is_short);
    (passed / months(part).unwrap_or(12)).into()
}

fn month_number(local: i128) -> i64 {
    let (year, month, ..) = fields(local);
    year * 12 + i64::from(month) - 1
}

/// Nanoseconds of a part of constant length.
fn unit(part: TimePart) -> Option<i128> {
    let unit = match part {
        TimePart::YearWeek => TimePart::Week,
        TimePart::Weekday | TimePart::IsoWeekday | TimePart::DayOfYear | TimePart::Julian => {
            TimePart::Day
        }
        TimePart::Epoch => TimePart::Second,
        other => other,
    };
    unit.length().map(|(_, nanoseconds)| nanoseconds).filter(|unit| *unit > 0)
}

/// Months of a part whose length depends on the calendar.
fn months(part: TimePart) -> Option<i64> {
    let unit = if part == TimePart::IsoYear { TimePart::Year } else { part };
    unit.length().map(|(months, _)| months as i64).filter(|months| *months > 0)
}
