//! Intervals, and arithmetic with dates and timestamps.
//!
//! An interval is months, days and nanoseconds: months follow the calendar, days are those of the
//! column's time zone, the rest is exact time.

use super::Prepared;
use super::call::{Body, Call, Failure, Inputs};
use super::date_part::Part;
use super::instants::instants;
use crate::calendar::days;
use crate::expression::instant::{DAY_NANOSECONDS, parse_time};
use crate::expression::kind::{Kind, describe, type_nanoseconds, unit_nanoseconds};
use crate::expression::node::Node;
use crate::expression::number::Number;
use crate::expression::read::{self, Reader};
use crate::expression::zone::{Zone, fields, midnight};
use arrow::array::{Array, ArrayRef, AsArray, IntervalMonthDayNanoArray};
use arrow::datatypes::{
    DataType, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    IntervalYearMonthType, TimeUnit,
};
use std::sync::Arc;

/// Months, days and nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    months: i128,
    days: i128,
    nanoseconds: i128,
}

/// Days per month when comparing months with days, as in DuckDB.
const MONTH_DAYS: i128 = 30;

/// Reads `1 year 2 months -3 days 04:05:06.7`, or `90 seconds ago`.
pub(in crate::expression) fn parse(text: &str) -> Result<ArrayRef, String> {
    span(text)?.into_array()
}

fn span(text: &str) -> Result<Span, String> {
    let unreadable = || {
        let text = crate::text::escaped(text);
        format!("'{text}' cannot be read as an interval such as '1 month 3 days 04:30:00'")
    };
    let mut span = Span::default();
    let mut rest = text.trim();
    let mut sign = 1;
    if let Some(front) = rest.strip_suffix("ago") {
        (rest, sign) = (front.trim_end(), -1);
    }
    if rest.is_empty() {
        return Err(unreadable());
    }
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || ".:+-_".contains(c);
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        if number.contains(':') {
            let (time_sign, time) = match number.strip_prefix('-') {
                Some(time) => (-1, time),
                None => (1, number.trim_start_matches('+')),
            };
            span.nanoseconds += sign * time_sign * parse_time(time).ok_or_else(unreadable)?;
            rest = behind.trim_start();
            continue;
        }
        let number = Number::parse(number.trim_start_matches('+')).ok_or_else(unreadable)?;
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        span.add(&number, if unit.is_empty() { "seconds" } else { unit }, sign)?;
        rest = behind.trim_start();
    }
    Ok(span)
}

/// `INTERVAL 3 DAY`.
pub(in crate::expression) fn of_units(number: &Number, unit: &str) -> Result<ArrayRef, String> {
    if !number.is_integer() {
        return Err("write a fraction as INTERVAL '1.5 days'".to_owned());
    }
    let mut span = Span::default();
    span.add(number, unit, 1)?;
    span.into_array()
}

/// The negated interval; None if the node is not a constant interval.
pub(in crate::expression) fn negated(node: &Node) -> Option<Node> {
    let Node::Constant(value) = node else { return None };
    let spans = spans(value)?;
    if value.is_null(0) {
        return Some(node.clone());
    }
    Some(Node::Constant(spans(0).times(-1).into_array().ok()?))
}

/// Nanoseconds of an interval, with months of 30 days; None for other types.
pub(in crate::expression) fn nanoseconds(value: &ArrayRef) -> Option<i128> {
    Some(spans(value)?(0).length())
}

/// Reads text, or intervals of any unit.
pub(in crate::expression) fn read(
    array: &ArrayRef,
) -> Option<Reader<'_, Result<IntervalMonthDayNano, String>>> {
    if let Some(text) = read::text(array) {
        return Some(Box::new(move |row| span(text(row))?.value()));
    }
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).value()))
}

/// `1 year 2 months 3 days 04:05:06.7`, as DuckDB writes intervals.
pub(in crate::expression) fn texts(array: &ArrayRef) -> Option<Reader<'_, String>> {
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).text()))
}

/// Reads intervals and durations as nanoseconds; a month has 30 days.
pub(in crate::expression) fn lengths(array: &ArrayRef) -> Option<Reader<'_, i128>> {
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).length()))
}

/// Whether `+` and `-` of this type are time arithmetic.
pub(in crate::expression) fn is_time(data_type: &DataType) -> bool {
    matches!(Kind::of(data_type), Kind::Date | Kind::Timestamp | Kind::Duration)
        || matches!(data_type, DataType::Interval(_))
}

/// `left + right` or `left - right`, with at least one date, time or interval operand.
pub(in crate::expression) fn sum(
    left: Node,
    subtract: bool,
    right: Node,
    text: String,
) -> Result<Call, String> {
    let sign = if subtract { "-" } else { "+" };
    let kinds = (Kind::of(left.data_type()), Kind::of(right.data_type()));
    let is_instant = |kind| matches!(kind, Kind::Date | Kind::Timestamp);
    let is_shift = |node: &Node, kind| {
        kind == Kind::Duration || matches!(node.data_type(), DataType::Interval(_))
    };
    let refused = format!(
        "cannot compute {} {sign} {}",
        describe(left.data_type()),
        describe(right.data_type())
    );
    let prepared = match kinds {
        (Kind::Date, Kind::Date) if subtract => difference(DataType::Int64, DAY_NANOSECONDS),
        (a, b) if is_instant(a) && is_instant(b) && subtract => {
            let unit = finer(unit_of(left.data_type()), unit_of(right.data_type()));
            difference(DataType::Duration(unit), 1)
        }
        (Kind::Date, Kind::Integer) => later_date(subtract),
        (Kind::Integer, Kind::Date) if !subtract => {
            return Ok(Call::new(vec![right, left], later_date(false), text));
        }
        (a, b) if is_instant(a) && is_shift(&right, b) => shifted(&left, &right, subtract)?,
        (a, b) if is_shift(&left, a) && is_instant(b) && !subtract => {
            let prepared = shifted(&right, &left, false)?;
            return Ok(Call::new(vec![right, left], prepared, text));
        }
        _ => return Err(refused),
    };
    Ok(Call::new(vec![left, right], prepared, text))
}

impl Span {
    /// A fraction carries over to the next smaller unit.
    fn add(&mut self, number: &Number, unit: &str, sign: i128) -> Result<(), String> {
        const DAYS: (i128, i128) = (0, DAY_NANOSECONDS);
        let too_large = || "the interval is too large".to_owned();
        let part = Part::parse(unit).map_err(|_| {
            format!("unknown unit \"{}\" in an interval", crate::text::escaped(unit))
        })?;
        let (months, nanoseconds) = match part {
            Part::Millennium => (12_000, 0),
            Part::Century => (1_200, 0),
            Part::Decade => (120, 0),
            Part::Year => (12, 0),
            Part::Quarter => (3, 0),
            Part::Month => (1, 0),
            Part::Week => (0, 7 * DAY_NANOSECONDS),
            Part::Day => DAYS,
            Part::Hour => (0, 3_600_000_000_000),
            Part::Minute => (0, 60_000_000_000),
            Part::Second => (0, 1_000_000_000),
            Part::Millisecond => (0, 1_000_000),
            Part::Microsecond => (0, 1_000),
            _ => {
                let unit = crate::text::escaped(unit);
                return Err(format!("unknown unit \"{unit}\" in an interval"));
            }
        };
        // Nine decimal places are kept.
        const BILLION: i128 = 1_000_000_000;
        let billionths = number.rounded(9).and_then(|units| units.to_i128());
        let billionths = billionths.filter(|units| units.unsigned_abs() < 1 << 95);
        let billionths = sign * billionths.ok_or_else(too_large)?;
        if months > 0 {
            let all = billionths * months;
            self.months += all / BILLION;
            self.add_days(all % BILLION * MONTH_DAYS, BILLION);
        } else if nanoseconds % DAY_NANOSECONDS == 0 {
            self.add_days(billionths * (nanoseconds / DAY_NANOSECONDS), BILLION);
        } else {
            self.nanoseconds +=
                billionths.checked_mul(nanoseconds).ok_or_else(too_large)? / BILLION;
        }
        Ok(())
    }

    fn add_days(&mut self, parts: i128, whole: i128) {
        self.days += parts / whole;
        self.nanoseconds += parts % whole * (DAY_NANOSECONDS / whole);
    }

    fn times(self, factor: i128) -> Self {
        Self {
            months: self.months * factor,
            days: self.days * factor,
            nanoseconds: self.nanoseconds * factor,
        }
    }

    fn value(self) -> Result<IntervalMonthDayNano, String> {
        let too_large = "the interval is too large";
        Ok(IntervalMonthDayNano::new(
            i32::try_from(self.months).map_err(|_| too_large)?,
            i32::try_from(self.days).map_err(|_| too_large)?,
            i64::try_from(self.nanoseconds).map_err(|_| too_large)?,
        ))
    }

    fn into_array(self) -> Result<ArrayRef, String> {
        Ok(Arc::new(IntervalMonthDayNanoArray::from(vec![self.value()?])))
    }

    /// The length in nanoseconds; a month has 30 days.
    fn length(self) -> i128 {
        (self.months * MONTH_DAYS + self.days) * DAY_NANOSECONDS + self.nanoseconds
    }

    fn text(self) -> String {
        let mut parts = Vec::new();
        let units = [(self.months / 12, "year"), (self.months % 12, "month"), (self.days, "day")];
        for (count, unit) in units {
            let plural = if count.abs() == 1 { "" } else { "s" };
            if count != 0 {
                parts.push(format!("{count} {unit}{plural}"));
            }
        }
        if self.nanoseconds != 0 || parts.is_empty() {
            let sign = if self.nanoseconds < 0 { "-" } else { "" };
            let all = self.nanoseconds.unsigned_abs();
            let (hours, rest) = (all / 3_600_000_000_000, all % 3_600_000_000_000);
            let (minutes, rest) = (rest / 60_000_000_000, rest % 60_000_000_000);
            let (seconds, fraction) = (rest / 1_000_000_000, rest % 1_000_000_000);
            let mut time = format!("{sign}{hours:02}:{minutes:02}:{seconds:02}");
            if fraction != 0 {
                time += format!(".{fraction:09}").trim_end_matches('0');
            }
            parts.push(time);
        }
        parts.join(" ")
    }

    /// The point in time after adding the interval.
    fn from(self, utc: i128, zone: Zone) -> i128 {
        if self.months == 0 && self.days == 0 {
            return utc + self.nanoseconds;
        }
        let (year, month, day, time) = fields(zone.local(utc));
        let months = i128::from(year) * 12 + i128::from(month) - 1 + self.months;
        let (year, month) = (months.div_euclid(12) as i64, months.rem_euclid(12) as i64 + 1);
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let last = days(next_year, next_month, 1) - days(year, month, 1);
        let date = midnight(year, month, i64::from(day).min(last));
        zone.utc_near(date + self.days * DAY_NANOSECONDS + time, utc) + self.nanoseconds
    }
}

/// Intervals from an array of intervals or durations.
fn spans(array: &ArrayRef) -> Option<Reader<'_, Span>> {
    Some(match array.data_type() {
        DataType::Interval(IntervalUnit::YearMonth) => {
            let values = array.as_primitive::<IntervalYearMonthType>().values();
            Box::new(|row| Span { months: values[row].into(), ..Span::default() })
        }
        DataType::Interval(IntervalUnit::DayTime) => {
            let values = array.as_primitive::<IntervalDayTimeType>().values();
            Box::new(|row| Span {
                months: 0,
                days: values[row].days.into(),
                nanoseconds: i128::from(values[row].milliseconds) * 1_000_000,
            })
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let values = array.as_primitive::<IntervalMonthDayNanoType>().values();
            Box::new(|row| Span {
                months: values[row].months.into(),
                days: values[row].days.into(),
                nanoseconds: values[row].nanoseconds.into(),
            })
        }
        DataType::Duration(_) => {
            let nanoseconds = read::nanoseconds(array)?;
            Box::new(move |row| Span { nanoseconds: nanoseconds(row), ..Span::default() })
        }
        _ => return None,
    })
}

fn at<'a>(inputs: &Inputs<'a>, argument: usize) -> Result<Reader<'a, i128>, Failure> {
    inputs.by_row(argument, read::nanoseconds(inputs.array(argument)))
}

/// The time between two points in time; if it is a number, in units of `unit` nanoseconds.
fn difference(data_type: DataType, unit: i128) -> Prepared {
    let to = data_type.clone();
    let body: Body = Arc::new(move |inputs| {
        let (left, right) = (at(inputs, 0)?, at(inputs, 1)?);
        instants(inputs, &to, |row| Ok((left(row) - right(row)) / unit))
    });
    Prepared { data_type, body, can_fail: true }
}

/// A date plus or minus a number of days.
fn later_date(subtract: bool) -> Prepared {
    let body: Body = Arc::new(move |inputs| {
        let (date, days) = (at(inputs, 0)?, inputs.integers(1)?);
        instants(inputs, &DataType::Date32, |row| {
            let days = if subtract { -days(row) } else { days(row) };
            Ok(date(row) + days * DAY_NANOSECONDS)
        })
    });
    Prepared { data_type: DataType::Date32, body, can_fail: true }
}

/// A point in time plus or minus an interval. The unit is the column's, or a finer one if the
/// interval needs it.
pub(super) fn shifted(instant: &Node, shift: &Node, subtract: bool) -> Result<Prepared, String> {
    let (own, zone_name) = match instant.data_type() {
        DataType::Timestamp(unit, zone) => (*unit, zone.clone()),
        _ => (TimeUnit::Microsecond, None),
    };
    let needed = match (shift, shift.data_type()) {
        (Node::Constant(value), _) if value.is_valid(0) => {
            let nanoseconds = spans(value).map_or(0, |spans| spans(0).nanoseconds);
            let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond];
            let fits = |unit: &TimeUnit| nanoseconds % unit_nanoseconds(*unit) == 0;
            units.into_iter().find(fits).unwrap_or(TimeUnit::Nanosecond)
        }
        (_, DataType::Duration(unit)) => *unit,
        (_, DataType::Interval(IntervalUnit::YearMonth)) => TimeUnit::Second,
        (_, DataType::Interval(IntervalUnit::DayTime)) => TimeUnit::Millisecond,
        _ => TimeUnit::Microsecond,
    };
    let to = DataType::Timestamp(finer(own, needed), zone_name);
    let data_type = to.clone();
    let zone = Zone::of(&to)?;
    let body: Body = Arc::new(move |inputs| {
        let instant = at(inputs, 0)?;
        let shift = inputs.by_row(1, spans(inputs.array(1)))?;
        let factor = if subtract { -1 } else { 1 };
        instants(inputs, &to, |row| Ok(shift(row).times(factor).from(instant(row), zone)))
    });
    Ok(Prepared { data_type, body, can_fail: true })
}

fn unit_of(data_type: &DataType) -> TimeUnit {
    match data_type {
        DataType::Timestamp(unit, _) => *unit,
        // Dates are whole seconds.
        _ => TimeUnit::Second,
    }
}

fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    let nanoseconds = |unit| type_nanoseconds(&DataType::Duration(unit)).unwrap_or(1);
    if nanoseconds(a) <= nanoseconds(b) { a } else { b }
}
