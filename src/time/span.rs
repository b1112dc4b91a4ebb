//! Lengths of time in months, days and nanoseconds, and their text in ISO 8601 and DuckDB's form.
//!
//! Months end where the calendar says, days are those of a local clock, the rest is exact time.

use super::calendar::{DAY_NANOSECONDS, fields, midnight, month_length};
use super::format::{seconds, time_of_day};
use super::parse::fraction;
use super::zone::Zone;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    IntervalYearMonthType,
};

/// Months, days and nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) months: i128,
    pub(crate) days: i128,
    pub(crate) nanoseconds: i128,
}

/// Days per month when comparing months with days, as in DuckDB.
pub(crate) const MONTH_DAYS: i128 = 30;

impl Span {
    /// Reads a duration of ISO 8601, section 5.5.2.2, such as `P1M-2DT0.5S`; each part may have a
    /// sign of its own. Also returns whether nonzero digits follow the nanoseconds.
    pub(crate) fn parse(text: &str) -> Option<(Self, bool)> {
        let (sign, text) = signed(text);
        let mut rest = text.strip_prefix('P')?;
        let (mut span, mut is_finer) = (Self::default(), false);
        let (mut in_time, mut parts) = (false, 0);
        while !rest.is_empty() {
            if let Some(time) = rest.strip_prefix('T').filter(|time| !in_time && !time.is_empty()) {
                (in_time, rest) = (true, time);
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            is_finer |= span.add_part(sign, &rest[..end], (in_time, rest.as_bytes()[end]))?;
            rest = &rest[end + 1..];
            parts += 1;
        }
        (parts > 0).then_some((span, is_finer))
    }

    fn add_part(&mut self, sign: i128, number: &str, unit: (bool, u8)) -> Option<bool> {
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (own_sign, digits) = signed(whole);
        // 20 digits are more than any type holds, and too few to overflow 128 bits.
        if digits.is_empty() || digits.len() > 20 || !is_digits(digits) || !is_digits(decimals) {
            return None;
        }
        if unit != (true, b'S') && number.contains('.') {
            return None;
        }
        let sign = sign * own_sign;
        let count = sign * digits.parse::<i128>().ok()?;
        let (nanoseconds, is_finer) = fraction(decimals.as_bytes());
        match unit {
            (false, b'Y') => self.months += count * 12,
            (false, b'M') => self.months += count,
            (false, b'W') => self.days += count * 7,
            (false, b'D') => self.days += count,
            (true, b'H') => self.nanoseconds += count * 3_600_000_000_000,
            (true, b'M') => self.nanoseconds += count * 60_000_000_000,
            (true, b'S') => {
                self.nanoseconds += count * 1_000_000_000 + sign * i128::from(nanoseconds);
            }
            _ => return None,
        }
        Some(is_finer)
    }

    /// The text of an interval in ISO 8601, with the parts of its unit: `P1M-2DT0.5S`.
    pub(crate) fn iso(self, unit: IntervalUnit) -> String {
        let sign = if self.nanoseconds < 0 { "-" } else { "" };
        let days = format!("{}DT{sign}{}S", self.days, seconds(self.nanoseconds.abs(), 9));
        match unit {
            IntervalUnit::YearMonth => format!("P{}M", self.months),
            IntervalUnit::DayTime => format!("P{days}"),
            IntervalUnit::MonthDayNano => format!("P{}M{days}", self.months),
        }
    }

    /// `1 year 2 months 3 days 04:05:06.7`, as DuckDB writes intervals.
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
            const HOUR: u128 = 3_600_000_000_000;
            let sign = if self.nanoseconds < 0 { "-" } else { "" };
            let all = self.nanoseconds.unsigned_abs();
            let within_hour = time_of_day((all % HOUR) as i64, 9);
            parts.push(format!("{sign}{:02}{}", all / HOUR, &within_hour[2..]));
        }
        parts.join(" ")
    }

    /// The value of an interval type; none if a part does not fit.
    pub(crate) fn value(self) -> Option<IntervalMonthDayNano> {
        Some(IntervalMonthDayNano::new(
            self.months.try_into().ok()?,
            self.days.try_into().ok()?,
            self.nanoseconds.try_into().ok()?,
        ))
    }

    pub(crate) fn times(self, factor: i128) -> Self {
        Self {
            months: self.months * factor,
            days: self.days * factor,
            nanoseconds: self.nanoseconds * factor,
        }
    }

    /// The length in nanoseconds; a month has 30 days.
    pub(crate) fn length(self) -> i128 {
        (self.months * MONTH_DAYS + self.days) * DAY_NANOSECONDS + self.nanoseconds
    }

    /// The point in time after adding the span.
    pub(crate) fn after(self, utc: i128, zone: Zone) -> i128 {
        if self.months == 0 && self.days == 0 {
            return utc + self.nanoseconds;
        }
        let (year, month, day, time) = fields(zone.local(utc));
        let months = i128::from(year) * 12 + i128::from(month) - 1 + self.months;
        let (year, month) = (months.div_euclid(12) as i64, months.rem_euclid(12) as i64 + 1);
        let date = midnight(year, month, i64::from(day).min(month_length(year, month)));
        zone.utc_near(date + self.days * DAY_NANOSECONDS + time, utc) + self.nanoseconds
    }
}

/// The intervals of an array by row; none for other types.
pub(crate) fn spans(array: &dyn Array) -> Option<Box<dyn Fn(usize) -> Span + '_>> {
    let DataType::Interval(unit) = array.data_type() else { return None };
    Some(match unit {
        IntervalUnit::YearMonth => {
            let values = array.as_primitive::<IntervalYearMonthType>().values();
            Box::new(|row| Span { months: values[row].into(), ..Span::default() })
        }
        IntervalUnit::DayTime => {
            let values = array.as_primitive::<IntervalDayTimeType>().values();
            Box::new(|row| Span {
                months: 0,
                days: values[row].days.into(),
                nanoseconds: i128::from(values[row].milliseconds) * 1_000_000,
            })
        }
        IntervalUnit::MonthDayNano => {
            let values = array.as_primitive::<IntervalMonthDayNanoType>().values();
            Box::new(|row| Span {
                months: values[row].months.into(),
                days: values[row].days.into(),
                nanoseconds: values[row].nanoseconds.into(),
            })
        }
    })
}

/// The sign of a text, as a factor, and the text after it.
fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}
