//! Reads text by a format, as `strptime` does, with DuckDB's rules.

use super::format_pieces::{MONTHS, Piece, WEEKDAYS};
use crate::time::calendar::{DAY_NANOSECONDS, days, existing_day, iso_year_start, monday};
use crate::time::zone::Zone;
use std::ops::RangeInclusive;

/// The fields read so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    year: i64,
    month: i64,
    day: i64,
    day_of_year: Option<i64>,
    /// Sunday is 0.
    weekday: Option<i64>,
    /// The specifier of the week numbering, and the week number.
    week: Option<(char, i64)>,
    iso_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    /// Whether it is PM, if the text has AM or PM.
    after_noon: Option<bool>,
    offset_seconds: i64,
    zone: Option<Zone>,
}

impl Reading {
    /// Reads a whole text as nanoseconds since 1970-01-01 00:00:00 (UTC if it has an offset).
    pub(crate) fn read(text: &str, pieces: &[Piece]) -> Result<i128, String> {
        let mut reading = Self { year: 1900, month: 1, day: 1, ..Self::default() };
        let mut rest = text.trim_start_matches(is_space);
        for piece in pieces {
            rest = match piece {
                Piece::Text(literal) => behind_literal(rest, literal)?,
                Piece::Letter(letter, _) => reading.take(*letter, rest)?,
            };
        }
        if !rest.trim_start_matches(is_space).is_empty() {
            return Err("the format ends before the text".to_owned());
        }
        reading.nanoseconds()
    }

    /// Reads the text of a specifier, and returns the rest.
    fn take<'a>(&mut self, letter: char, text: &'a str) -> Result<&'a str, String> {
        match letter {
            'a' | 'A' | 'b' | 'h' | 'B' => return self.take_word(letter, text),
            'p' => {
                let half = text.get(..2).map(str::to_ascii_lowercase);
                self.after_noon = match half.as_deref() {
                    Some("am") => Some(false),
                    Some("pm") => Some(true),
                    _ => return Err("AM or PM is expected".to_owned()),
                };
                return Ok(&text[2..]);
            }
            'z' => return self.take_offset(text),
            'Z' => return self.take_zone(text),
            _ => {}
        }
        let mut rest = text;
        let mut number = |width, least, most| take_number(&mut rest, width, least..=most);
        match letter {
            'd' => self.day = number(2, 1, 31)?,
            'm' => self.month = number(2, 1, 12)?,
            // As in Python: 69 is 1969.
            'y' => {
                let year = number(2, 0, 99)?;
                self.year = if year >= 69 { 1900 + year } else { 2000 + year };
            }
            'Y' => self.year = number(4, 0, 9999)?,
            'G' => self.iso_year = Some(number(4, 0, 9999)?),
            'H' => self.hour = number(2, 0, 23)?,
            'I' => self.hour = number(2, 1, 12)?,
            'M' => self.minute = number(2, 0, 59)?,
            'S' => self.second = number(2, 0, 59)?,
            'f' => self.nanosecond = number(6, 0, 999_999)?,
            'g' => self.nanosecond = number(3, 0, 999)?,
            'n' => self.nanosecond = number(9, 0, 999_999_999)?,
            'j' => self.day_of_year = Some(number(3, 1, 366)?),
            'w' => self.weekday = Some(number(1, 0, 6)?),
            'u' => self.weekday = Some(number(1, 1, 7)? % 7),
            'V' => self.week = Some((letter, number(2, 1, 53)?)),
            week => self.week = Some((week, number(2, 0, 53)?)),
        }
        if matches!(letter, 'f' | 'g' | 'n') {
            self.nanosecond *= 10_i64.pow(9 - (text.len() - rest.len()) as u32);
        }
        Ok(rest)
    }

    fn take_word<'a>(&mut self, letter: char, text: &'a str) -> Result<&'a str, String> {
        let names: &[&str] = if matches!(letter, 'a' | 'A') { &WEEKDAYS } else { &MONTHS };
        let short = matches!(letter, 'a' | 'b' | 'h');
        for (place, name) in names.iter().enumerate() {
            let name = if short { &name[..3] } else { name };
            if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                match names.len() {
                    7 => self.weekday = Some(place as i64),
                    _ => self.month = place as i64 + 1,
                }
                return Ok(&text[name.len()..]);
            }
        }
        let what = if names.len() == 7 { "day" } else { "month" };
        Err(format!("the name of a {what} is expected"))
    }

    /// `+01`, `-0330`, `+03:30`.
    fn take_offset<'a>(&mut self, text: &'a str) -> Result<&'a str, String> {
        let expected = || "an offset from UTC is expected".to_owned();
        let sign = match text.bytes().next() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(expected()),
        };
        let two = |text: &str| -> Option<i64> {
            let digits = text.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse().ok()
        };
        let hours = two(&text[1..]).ok_or_else(expected)?;
        let rest = &text[3..];
        let behind = rest.strip_prefix(':').unwrap_or(rest);
        let (minutes, rest) = match two(behind) {
            Some(minutes) => (minutes, &behind[2..]),
            None => (0, rest),
        };
        if hours > 18 || minutes > 59 {
            return Err(expected());
        }
        self.offset_seconds = sign * (hours * 60 + minutes) * 60;
        Ok(rest)
    }

    fn take_zone<'a>(&mut self, text: &'a str) -> Result<&'a str, String> {
        let text = text.trim_start_matches(is_space);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_/+-".contains(c);
        let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
        self.zone = Some(Zone::named(&text[..end])?);
        Ok(&text[end..])
    }

    fn nanoseconds(&self) -> Result<i128, String> {
        let hour = match self.after_noon {
            Some(_) if self.hour > 12 => return Err("an hour above 12 with AM or PM".to_owned()),
            Some(false) => self.hour % 12,
            Some(true) => self.hour % 12 + 12,
            None => self.hour,
        };
        let seconds = (hour * 60 + self.minute) * 60 + self.second - self.offset_seconds;
        let time = i128::from(seconds) * 1_000_000_000 + i128::from(self.nanosecond);
        let local = i128::from(self.day_number()?) * DAY_NANOSECONDS + time;
        Ok(self.zone.map_or(local, |zone| zone.utc(local)))
    }

    fn day_number(&self) -> Result<i64, String> {
        if let Some((kind, week)) = self.week {
            if kind == 'V' || self.iso_year.is_some() {
                let year = self.iso_year.unwrap_or(self.year);
                let weekday = (self.weekday.unwrap_or(1) + 6) % 7;
                return Ok(iso_year_start(year) + (week - 1) * 7 + weekday);
            }
            let monday_first = i64::from(kind == 'W');
            let weekday = self.weekday.map_or(0, |weekday| (weekday + 7 - monday_first) % 7);
            let first = days(self.year, 1, 1);
            // The start of the week that contains January 1; week 0 is before the first whole one.
            let mut start = monday(first) - (1 - monday_first);
            if start >= first {
                start -= 7;
            }
            return Ok(start + week * 7 + weekday);
        }
        if let Some(year) = self.iso_year {
            return Ok(iso_year_start(year) + (self.weekday.unwrap_or(1) + 6) % 7);
        }
        if let Some(day) = self.day_of_year {
            let (first, next) = (days(self.year, 1, 1), days(self.year + 1, 1, 1));
            let number = first + day - 1;
            let is_day = (first..next).contains(&number);
            return is_day
                .then_some(number)
                .ok_or_else(|| format!("the year {:04} has no day {day}", self.year));
        }
        let (year, month, day) = (self.year, self.month, self.day);
        existing_day(year, month, day)
            .ok_or_else(|| format!("{year:04}-{month:02}-{day:02} is not a date"))
    }
}

/// Reads a number of at most `width` digits at the front.
fn take_number(rest: &mut &str, width: usize, range: RangeInclusive<i64>) -> Result<i64, String> {
    let digits = rest.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let number: i64 = rest[..digits].parse().map_err(|_| "a number is expected".to_owned())?;
    if !range.contains(&number) {
        return Err(format!("{number} is not between {} and {}", range.start(), range.end()));
    }
    *rest = &rest[digits..];
    Ok(number)
}

/// White space in the format matches one or more white space characters.
fn behind_literal<'a>(mut text: &'a str, literal: &str) -> Result<&'a str, String> {
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        if is_space(letter) {
            while letters.next_if(|next| is_space(*next)).is_some() {}
            let rest = text.trim_start_matches(is_space);
            if rest.len() == text.len() {
                return Err("a blank is expected".to_owned());
            }
            text = rest;
        } else {
            text = text.strip_prefix(letter).ok_or_else(|| format!("'{letter}' is expected"))?;
        }
    }
    Ok(text)
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t'..='\r')
}
