//! Durations and intervals from ISO 8601 text.

use super::conversion_error::ConversionError;
use super::parse_temporal::{fraction_of, nanoseconds_of};
use arrow::datatypes::{IntervalMonthDayNano, TimeUnit};

/// Reads `PT1.5S`, `-P1DT2H`, or a whole number of units, as pyarrow writes durations.
pub(crate) fn duration(text: &str, unit: TimeUnit) -> Result<i64, ConversionError> {
    if let Ok(count) = text.parse() {
        return Ok(count);
    }
    let span =
        Span::parse(text).filter(|span| span.months == 0).ok_or(ConversionError::Malformed)?;
    let nanoseconds = span.days * 86_400_000_000_000 + span.nanoseconds;
    let unit = i128::from(nanoseconds_of(unit));
    if span.finer || nanoseconds % unit != 0 {
        return Err(ConversionError::TooFine);
    }
    i64::try_from(nanoseconds / unit).map_err(|_| ConversionError::OutOfRange)
}

/// Reads `P1M-2DT0.5S`.
pub(crate) fn interval(text: &str) -> Result<IntervalMonthDayNano, ConversionError> {
    let span = Span::parse(text).ok_or(ConversionError::Malformed)?;
    if span.finer {
        return Err(ConversionError::TooFine);
    }
    let out = |_| ConversionError::OutOfRange;
    Ok(IntervalMonthDayNano::new(
        i32::try_from(span.months).map_err(out)?,
        i32::try_from(span.days).map_err(out)?,
        i64::try_from(span.nanoseconds).map_err(out)?,
    ))
}

/// A duration of ISO 8601, section 5.5.2.2; each part may have a sign of its own.
#[derive(Debug, Default)]
pub(crate) struct Span {
    pub(crate) months: i128,
    pub(crate) days: i128,
    pub(crate) nanoseconds: i128,
    pub(crate) finer: bool,
}

impl Span {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, text) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
            None => (1, text),
        };
        let mut rest = text.strip_prefix('P')?;
        let mut span = Self::default();
        let (mut in_time, mut parts) = (false, 0);
        while !rest.is_empty() {
            if let Some(time) = rest.strip_prefix('T').filter(|time| !in_time && !time.is_empty()) {
                (in_time, rest) = (true, time);
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            span.add(sign, &rest[..end], (in_time, rest.as_bytes()[end]))?;
            rest = &rest[end + 1..];
            parts += 1;
        }
        (parts > 0).then_some(span)
    }

    pub(crate) fn add(&mut self, sign: i128, number: &str, unit: (bool, u8)) -> Option<()> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        // 20 digits are more than any type holds, and too few to overflow 128 bits.
        if digits.is_empty() || 20 < digits.len() || !is_digits(digits) || !is_digits(fraction) {
            return None;
        }
        let negative = whole.starts_with('-');
        let count = sign * digits.parse::<i128>().ok()? * if negative { -1 } else { 1 };
        if unit != (true, b'S') && number.contains('.') {
            return None;
        }
        match unit {
            (false, b'Y') => self.months += count * 12,
            (false, b'M') => self.months += count,
            (false, b'W') => self.days += count * 7,
            (false, b'D') => self.days += count,
            (true, b'H') => self.nanoseconds += count * 3_600_000_000_000,
            (true, b'M') => self.nanoseconds += count * 60_000_000_000,
            (true, b'S') => {
                let (nanoseconds, finer) = fraction_of(fraction.as_bytes());
                let nanoseconds = i128::from(nanoseconds) * sign * if negative { -1 } else { 1 };
                self.nanoseconds += count * 1_000_000_000 + nanoseconds;
                self.finer |= finer;
            }
            _ => return None,
        }
        Some(())
    }
}
