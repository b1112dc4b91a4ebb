//! Intervals as values: months, days and nanoseconds, from text and as text.
//!
//! Months end where the calendar says, days are those of the column's own clock, the rest is exact
//! time.

use super::instant::{DAY_NANOSECONDS, parse_time};
use super::number::Number;
use super::time_part::Part;
use super::value_reader::{self, Reader};
use super::zone::{fields, midnight};
use crate::time::calendar::days;
use crate::time::zone::Zone;
use arrow::array::{Array, ArrayRef, AsArray, IntervalMonthDayNanoArray};
use arrow::datatypes::{
    DataType, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    IntervalYearMonthType,
};
use std::sync::Arc;

/// Months, days and nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) months: i128,
    pub(crate) days: i128,
    pub(crate) nanoseconds: i128,
}

/// Days per month when comparing months with days, as in DuckDB.
pub(crate) const MONTH_DAYS: i128 = 30;

/// Reads `1 year 2 months -3 days 04:05:06.7`, or `90 seconds ago`.
pub(crate) fn parse(text: &str) -> Result<ArrayRef, String> {
    span(text)?.into_array()
}

pub(crate) fn span(text: &str) -> Result<Span, String> {
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
pub(crate) fn of_units(number: &Number, unit: &str) -> Result<ArrayRef, String> {
    if !number.is_integer() {
        return Err("write a fraction as INTERVAL '1.5 days'".to_owned());
    }
    let mut span = Span::default();
    span.add(number, unit, 1)?;
    span.into_array()
}

/// Nanoseconds of an interval, with months of 30 days; None for other types.
pub(crate) fn nanoseconds(value: &ArrayRef) -> Option<i128> {
    Some(spans(value)?(0).length())
}

/// Reads text, or intervals of any unit.
pub(crate) fn read(array: &ArrayRef) -> Option<Reader<'_, Result<IntervalMonthDayNano, String>>> {
    if let Some(text) = value_reader::text(array) {
        return Some(Box::new(move |row| span(text(row))?.value()));
    }
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).value()))
}

/// `1 year 2 months 3 days 04:05:06.7`, as DuckDB writes intervals.
pub(crate) fn texts(array: &ArrayRef) -> Option<Reader<'_, String>> {
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).text()))
}

/// Reads intervals and durations as nanoseconds; a month has 30 days.
pub(crate) fn lengths(array: &ArrayRef) -> Option<Reader<'_, i128>> {
    let spans = spans(array)?;
    Some(Box::new(move |row| spans(row).length()))
}

impl Span {
    /// A fraction carries over to the next smaller unit.
    pub(crate) fn add(&mut self, number: &Number, unit: &str, sign: i128) -> Result<(), String> {
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

    pub(crate) fn add_days(&mut self, parts: i128, whole: i128) {
        self.days += parts / whole;
        self.nanoseconds += parts % whole * (DAY_NANOSECONDS / whole);
    }

    pub(crate) fn times(self, factor: i128) -> Self {
        Self {
            months: self.months * factor,
            days: self.days * factor,
            nanoseconds: self.nanoseconds * factor,
        }
    }

    pub(crate) fn value(self) -> Result<IntervalMonthDayNano, String> {
        let too_large = "the interval is too large";
        Ok(IntervalMonthDayNano::new(
            i32::try_from(self.months).map_err(|_| too_large)?,
            i32::try_from(self.days).map_err(|_| too_large)?,
            i64::try_from(self.nanoseconds).map_err(|_| too_large)?,
        ))
    }

    pub(crate) fn into_array(self) -> Result<ArrayRef, String> {
        Ok(Arc::new(IntervalMonthDayNanoArray::from(vec![self.value()?])))
    }

    /// The length in nanoseconds; a month has 30 days.
    pub(crate) fn length(self) -> i128 {
        (self.months * MONTH_DAYS + self.days) * DAY_NANOSECONDS + self.nanoseconds
    }

    pub(crate) fn text(self) -> String {
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
    pub(crate) fn from(self, utc: i128, zone: Zone) -> i128 {
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
pub(crate) fn spans(array: &ArrayRef) -> Option<Reader<'_, Span>> {
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
            let nanoseconds = value_reader::nanoseconds(array)?;
            Box::new(move |row| Span { nanoseconds: nanoseconds(row), ..Span::default() })
        }
        _ => return None,
    })
}
