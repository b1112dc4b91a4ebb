//! Intervals as values, from text and as text.

use super::number::{Floor, Number};
use super::time_part::TimePart;
use super::value_reader::{self, Reader};
use crate::text::escaped;
use crate::time::calendar::DAY_NANOSECONDS;
use crate::time::parse::{Form, TimeOfDay};
use crate::time::span::{self, MONTH_DAYS, Span};
use arrow::array::{ArrayRef, IntervalMonthDayNanoArray};
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use std::sync::Arc;

/// Reads `1 year 2 months -3 days 04:05:06.7`, or `90 seconds ago`.
pub(crate) fn parse(text: &str) -> Result<ArrayRef, String> {
    array(parse_span(text)?)
}

fn parse_span(text: &str) -> Result<Span, String> {
    let unreadable = || {
        let text = escaped(text);
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
            let time = TimeOfDay::parse(time, Form::Sql).ok_or_else(unreadable)?;
            span.nanoseconds += sign * time_sign * time.nanoseconds();
            rest = behind.trim_start();
            continue;
        }
        let number = Number::parse(number.trim_start_matches('+')).ok_or_else(unreadable)?;
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        add(&mut span, &number, if unit.is_empty() { "seconds" } else { unit }, sign)?;
        rest = behind.trim_start();
    }
    Ok(span)
}

/// `INTERVAL 3 DAY`.
pub(crate) fn of_units(number: &Number, unit: &str) -> Result<ArrayRef, String> {
    if !number.is_integer() {
        return Err("write a fraction as INTERVAL '1.5 days'".to_owned());
    }
    let mut span = Span::default();
    add(&mut span, number, unit, 1)?;
    array(span)
}

/// Reads text, or intervals of any unit.
pub(crate) fn read(array: &ArrayRef) -> Option<Reader<'_, Result<IntervalMonthDayNano, String>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| value(parse_span(text(row))?)));
    }
    let spans = spans(array)?;
    Some(Box::new(move |row| value(spans(row))))
}

/// Reads intervals and durations as nanoseconds; a month has 30 days.
pub(crate) fn lengths(array: &ArrayRef) -> Option<Reader<'_, i128>> {
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).length()))
}

/// An array of one interval.
pub(crate) fn array(span: Span) -> Result<ArrayRef, String> {
    Ok(Arc::new(IntervalMonthDayNanoArray::from(vec![value(span)?])))
}

fn value(span: Span) -> Result<IntervalMonthDayNano, String> {
    span.value().ok_or_else(too_large)
}

fn too_fine(unit: &str) -> String {
    format!(
        "an interval holds nine decimal places, and no part of a nanosecond; write fewer decimal \
         places of {}",
        escaped(unit)
    )
}

fn too_large() -> String {
    "the interval is too large".to_owned()
}

/// Adds a number of units. A fraction carries over to the next smaller unit.
fn add(span: &mut Span, number: &Number, unit: &str, sign: i128) -> Result<(), String> {
    let length = TimePart::parse(unit).ok().and_then(TimePart::length);
    let (months, nanoseconds) = length
        .ok_or_else(|| format!("unknown unit \"{}\" in an interval", crate::text::escaped(unit)))?;
    // Nine decimal places are kept.
    const BILLION: i128 = 1_000_000_000;
    let billionths = match number.floor(9) {
        Floor::At(_, false) => return Err(too_fine(unit)),
        Floor::At(units, true) => units.to_i128(),
        Floor::Below | Floor::Above => None,
    };
    let billionths = billionths.filter(|units| units.unsigned_abs() < 1 << 95);
    let billionths = sign * billionths.ok_or_else(too_large)?;
    let mut add_days = |parts: i128| {
        span.days += parts / BILLION;
        span.nanoseconds += parts % BILLION * (DAY_NANOSECONDS / BILLION);
    };
    if months > 0 {
        let all = billionths * months;
        add_days(all % BILLION * MONTH_DAYS);
        span.months += all / BILLION;
    } else if nanoseconds % DAY_NANOSECONDS == 0 {
        add_days(billionths * (nanoseconds / DAY_NANOSECONDS));
    } else {
        let all = billionths.checked_mul(nanoseconds).ok_or_else(too_large)?;
        if all % BILLION != 0 {
            return Err(too_fine(unit));
        }
        span.nanoseconds += all / BILLION;
    }
    Ok(())
}

/// Intervals from an array of intervals or durations.
pub(crate) fn spans(array: &ArrayRef) -> Option<Reader<'_, Span>> {
    if !matches!(array.data_type(), DataType::Duration(_)) {
        return span::spans(array);
    }
    let nanoseconds = value_reader::nanoseconds(array)?;
    Some(Box::new(move |row| Span { nanoseconds: nanoseconds(row), ..Span::default() }))
}
