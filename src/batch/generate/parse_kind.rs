//! Parses the kinds of random values.

use super::kind::{Element, Kind, Lengths, Range};
use super::specification::Parser;
use crate::error::Result;
use crate::time::parse::{Form, Timestamp};
use std::cmp::Ordering;

/// The maximum nesting depth of lists and structs; more is a mistake, and would use up the stack.
const MOST_DEPTH: usize = 32;

const KINDS: &str = "expected int64 A..B, float64, normal, bool, uuid, text MIN..MAX, choice N, \
                     date A..B, timestamp A..B, decimal(P, S) A..B, list(KIND) MIN..MAX or struct(NAME KIND, …)";

impl Parser<'_> {
    pub(super) fn kind(&mut self, depth: usize) -> Result<Kind> {
        let place = self.place();
        if depth > MOST_DEPTH {
            return Err(self.error_at(place, "lists and structs are nested too deeply"));
        }
        match self.0.word() {
            "int64" => {
                let range = self.integers()?;
                match range.length() {
                    0 => Err(self.error_at(place, "this range contains no integer")),
                    _ => Ok(Kind::Int64(range)),
                }
            }
            "float64" => Ok(Kind::Float64),
            "normal" => self.normal(),
            "bool" => Ok(Kind::Boolean),
            "uuid" => Ok(Kind::Uuid),
            "text" => self.lengths("the longest text is shorter than the shortest").map(Kind::Text),
            "choice" => match self.count()? {
                0 => Err(self.error_at(place, "there is nothing to choose from")),
                count => Ok(Kind::Choice(count)),
            },
            "date" => self.dates(place),
            "timestamp" => self.timestamps(place),
            "decimal" => self.decimals(place),
            "list" => {
                self.expect("(")?;
                let element = Box::new(self.element(depth + 1)?);
                self.expect(")")?;
                let lengths = self.lengths("the longest list is shorter than the shortest")?;
                Ok(Kind::List { element, lengths })
            }
            "struct" => self.fields(depth + 1),
            _ => Err(self.error_at(place, KINDS)),
        }
    }

    fn element(&mut self, depth: usize) -> Result<Element> {
        Ok(Element { kind: self.kind(depth)?, nulls: self.nulls()? })
    }

    fn fields(&mut self, depth: usize) -> Result<Kind> {
        self.expect("(")?;
        let mut fields: Vec<(String, Element)> = Vec::new();
        loop {
            let place = self.place();
            let name = self.name()?;
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(self.error_at(place, &format!("two fields are named \"{name}\"")));
            }
            fields.push((name, self.element(depth)?));
            if self.0.takes(")") {
                return Ok(Kind::Struct(fields));
            }
            self.expect(",")?;
        }
    }

    /// Parses a mean and a deviation, or nothing.
    fn normal(&mut self) -> Result<Kind> {
        self.0.skip_spaces();
        if !self.0.rest().starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
            return Ok(Kind::Normal { mean: 0.0, deviation: 1.0 });
        }
        let mean = self.float("the mean, a number", |number| number.is_finite())?;
        let is_deviation = |number: f64| number.is_finite() && number >= 0.0;
        let deviation = self.float("the deviation, a number of at least 0", is_deviation)?;
        Ok(Kind::Normal { mean, deviation })
    }

    pub(super) fn float(&mut self, what: &str, is_right: impl Fn(f64) -> bool) -> Result<f64> {
        let place = self.place();
        let text = self.0.take_while(|c| c.is_ascii_alphanumeric() || ".+-".contains(c));
        let number = text.parse().ok().filter(|number| is_right(*number));
        number.ok_or_else(|| self.error_at(place, &format!("expected {what}")))
    }

    fn dates(&mut self, kind: usize) -> Result<Kind> {
        let (place, [start, end]) = self.instants()?;
        let day = |instant: &Option<Timestamp>| {
            let instant = instant.as_ref()?;
            let is_midnight = instant.time.unwrap_or_default().nanoseconds() == 0;
            (is_midnight && instant.offset_seconds.is_none())
                .then_some(instant.days)
                .filter(|days| i32::try_from(*days).is_ok())
        };
        match (day(&start), day(&end)) {
            (Some(start), Some(end)) => {
                self.refuse_empty(start.into(), end.into(), place, kind)?;
                Ok(Kind::Date(Range { start, end: end.into() }))
            }
            _ => Err(self.error_at(place, "expected two dates, as in 2020-01-01..2021-01-01")),
        }
    }

    fn timestamps(&mut self, kind: usize) -> Result<Kind> {
        let (place, instants) = self.instants()?;
        let [Some(start), Some(end)] = instants else {
            let what = "expected two timestamps, as in 2020-01-01..2020-01-31T12:30:00";
            return Err(self.error_at(place, what));
        };
        if start.offset_seconds.is_some() != end.offset_seconds.is_some() {
            return Err(self.error_at(place, "both ends must be in UTC (Z), or neither"));
        }
        let microseconds = |instant: Timestamp| {
            let nanoseconds = instant.nanoseconds();
            (nanoseconds % 1000 == 0).then_some(nanoseconds / 1000)
        };
        let (Some(from), Some(to)) = (microseconds(start), microseconds(end)) else {
            return Err(self.error_at(place, "timestamps are in whole microseconds"));
        };
        let (Ok(from), Ok(to)) = (i64::try_from(from), i64::try_from(to)) else {
            return Err(self.error_at(place, "the range exceeds the limits of timestamps"));
        };
        self.refuse_empty(from.into(), to.into(), place, kind)?;
        let range = Range { start: from, end: to.into() };
        Ok(Kind::Timestamp { range, utc: start.offset_seconds.is_some() })
    }

    /// Parses two dates or timestamps with `..` between them, `None` for one that is invalid; also
    /// returns the position at which they begin.
    fn instants(&mut self) -> Result<(usize, [Option<Timestamp>; 2])> {
        let place = self.place();
        // A space may separate a date from its time, so the text ends with the last character that
        // may belong to either.
        let is_part = |c: char| c.is_ascii_digit() || "-+:.TZ ".contains(c);
        let text = self.0.take_while(is_part);
        // Only spaces may follow it.
        self.0.at -= text.len() - text.trim_end().len();
        let Some((start, end)) = text.split_once("..") else {
            return Err(self.error_at(place, "expected two dates with .. between them"));
        };
        let read = |text: &str| {
            // A date alone may only have the offset Z, for midnight.
            match text.trim().strip_suffix('Z').filter(|date| !date.contains(':')) {
                Some(date) => Timestamp::parse(date, Form::Sql)
                    .map(|instant| Timestamp { offset_seconds: Some(0), ..instant }),
                None => Timestamp::parse(text, Form::Sql),
            }
        };
        Ok((place, [read(start), read(end)]))
    }

    fn refuse_empty(&self, start: i128, end: i128, place: usize, kind: usize) -> Result<()> {
        match start.cmp(&end) {
            Ordering::Less => Ok(()),
            Ordering::Equal => Err(self.error_at(kind, "this range is empty")),
            Ordering::Greater => Err(self.error_at(place, "the range ends before it begins")),
        }
    }

    fn decimals(&mut self, kind: usize) -> Result<Kind> {
        self.expect("(")?;
        let precision = self.digits(1, 38, "digits")?;
        self.expect(",")?;
        let scale = self.digits(0, precision, "digits after the decimal point")?;
        self.expect(")")?;
        let place = self.place();
        let text = self.0.take_while(|c| c.is_ascii_digit() || "-._".contains(c));
        let Some((start, end)) = text.split_once("..") else {
            return Err(self.error_at(place, "expected two numbers with .. between them"));
        };
        let (Some(start), Some(end)) = (unscaled(start, scale), unscaled(end, scale)) else {
            let what =
                format!("expected two numbers of at most {scale} digits after the decimal point");
            return Err(self.error_at(place, &what));
        };
        // The end is excluded, so it may be the first number that does not fit.
        let limit = 10_i128.pow(u32::from(precision));
        if start <= -limit || limit < end {
            let what = format!("the range exceeds numbers of {precision} digits");
            return Err(self.error_at(place, &what));
        }
        self.refuse_empty(start, end, place, kind)?;
        // Two's complement: correct even if the length exceeds 127 bits.
        let length = end.wrapping_sub(start).cast_unsigned();
        Ok(Kind::Decimal { precision, scale, start, length })
    }

    fn digits(&mut self, least: u8, most: u8, what: &str) -> Result<u8> {
        let place = self.place();
        let number = u8::try_from(self.integer()?).ok();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.error_at(place, &format!("expected {least} to {most} {what}")))
    }

    /// `A..B`, the end excluded.
    pub(super) fn integers(&mut self) -> Result<Range> {
        let place = self.place();
        let start = self.integer()?;
        self.expect("..")?;
        let end = self.integer()?;
        let start = i64::try_from(start).ok().filter(|_| end <= 1 << 63);
        let Some(start) = start else {
            return Err(self.error_at(place, "the range exceeds int64"));
        };
        if end < i128::from(start) {
            return Err(self.error_at(place, "the range ends before it begins"));
        }
        Ok(Range { start, end })
    }

    /// `MIN..MAX`, both included.
    fn lengths(&mut self, if_reversed: &str) -> Result<Lengths> {
        let place = self.place();
        let shortest = self.count()?;
        self.expect("..")?;
        let longest = self.count()?;
        if longest < shortest {
            return Err(self.error_at(place, if_reversed));
        }
        Ok(Lengths { shortest, longest })
    }

    fn count(&mut self) -> Result<u64> {
        let place = self.place();
        let number = self.integer()?;
        u64::try_from(number)
            .map_err(|_| self.error_at(place, "expected a number from 0 to 2^64 - 1"))
    }

    fn integer(&mut self) -> Result<i128> {
        let start = self.place();
        self.0.takes("-");
        self.0.take_while(|c| c.is_ascii_digit() || c == '_');
        let digits = self.0.text()[start..self.0.at].replace('_', "");
        // Wider than any valid number here, so that bounds can be checked later.
        digits.parse().map_err(|_| {
            let what =
                if digits.len() < 20 { "expected a whole number" } else { "too many digits" };
            self.error_at(start, what)
        })
    }
}

/// A decimal number as a multiple of 10^-scale; `None` if it is not one.
fn unscaled(text: &str, scale: u8) -> Option<i128> {
    let text = text.replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = !digits.is_empty() && are_digits(digits) && are_digits(fraction);
    if !is_number || usize::from(scale) < fraction.len() {
        return None;
    }
    format!("{whole}{fraction:0<width$}", width = usize::from(scale)).parse().ok()
}
