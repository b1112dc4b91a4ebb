//! What a generated table is to hold, read from text. Not for making it.

use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::datatypes::DataType;
use unicode_width::UnicodeWidthStr;

/// A column and its name.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) specification: Specification,
}

/// What a column holds.
#[derive(Debug, PartialEq)]
pub(super) enum Specification {
    /// A range, crossed with the other ranges.
    Range(Range),
    /// Random values, of which a part (0 to 1) is null.
    Random { kind: Kind, nulls: Option<f64> },
}

/// Integers from `start` to before `end`, which may be 2⁶³.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    pub(super) start: i64,
    end: i128,
}

/// Which random values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Int64(Range),
    Float64,
    /// Lengths in characters, which are bytes too; both included.
    Text {
        shortest: u64,
        longest: u64,
    },
    Choice(u64),
}

impl Specification {
    pub(super) fn data_type(&self) -> (DataType, bool) {
        match self {
            Self::Range(_) => (DataType::Int64, false),
            Self::Random { kind, nulls } => {
                let data_type = match kind {
                    Kind::Int64(_) => DataType::Int64,
                    Kind::Float64 => DataType::Float64,
                    Kind::Text { .. } | Kind::Choice(_) => DataType::Utf8,
                };
                (data_type, nulls.is_some())
            }
        }
    }

    /// The number of steps, where it is a range.
    pub(super) fn range_length(&self) -> Option<u128> {
        match self {
            Self::Range(range) => Some(range.length()),
            Self::Random { .. } => None,
        }
    }

    /// The most bytes that one value takes as text.
    pub(super) fn longest_text_bytes(&self) -> u64 {
        match self {
            Self::Random { kind: Kind::Text { longest, .. }, .. } => *longest,
            Self::Random { kind: Kind::Choice(_), .. } => "v18446744073709551615".len() as u64,
            _ => 0,
        }
    }
}

impl Range {
    /// At most 2⁶⁴.
    pub(super) fn length(&self) -> u128 {
        (self.end - i128::from(self.start)) as u128
    }
}

/// Reads a specification.
///
/// # Errors
/// Usage errors with the specification and a caret below.
pub(super) fn parse(text: &str) -> Result<Vec<Named>> {
    let mut parser = Parser { text, place: 0 };
    let mut columns: Vec<Named> = Vec::new();
    loop {
        parser.skip_spaces();
        let place = parser.place;
        let name = parser.name()?;
        if columns.iter().any(|column| column.name == name) {
            return Err(parser.error_at(place, &format!("two columns are named \"{name}\"")));
        }
        parser.expect("=")?;
        let specification = parser.specification()?;
        columns.push(Named { name, specification });
        if parser.is_at_end() {
            return Ok(columns);
        }
        parser.expect(",")?;
    }
}

struct Parser<'a> {
    text: &'a str,
    /// In bytes.
    place: usize,
}

impl<'a> Parser<'a> {
    fn name(&mut self) -> Result<String> {
        if self.rest().starts_with('"') {
            return self.quoted_name();
        }
        let name = self.word();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error_at(
                self.place - name.len(),
                "expected the name of a column (quote names that are not letters, digits and _)",
            ));
        }
        Ok(name.to_owned())
    }

    /// Within the quotes, a doubled quote stands for one.
    fn quoted_name(&mut self) -> Result<String> {
        let start = self.place;
        let mut name = String::new();
        self.place += 1;
        loop {
            let Some(length) = self.rest().find('"') else {
                return Err(self.error_at(start, "this quote is not closed"));
            };
            name.push_str(&self.rest()[..length]);
            self.place += length + 1;
            if !self.rest().starts_with('"') {
                return Ok(name);
            }
            name.push('"');
            self.place += 1;
        }
    }

    fn specification(&mut self) -> Result<Specification> {
        self.skip_spaces();
        if self.rest().starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Ok(Specification::Range(self.integers()?));
        }
        let place = self.place;
        if self.word() != "random" {
            return Err(self.error_at(place, "expected a range (0..10) or random(…)"));
        }
        self.expect("(")?;
        let kind = self.kind()?;
        let inside = self.nulls()?;
        self.expect(")")?;
        let nulls = match inside {
            Some(nulls) => Some(nulls),
            None => self.nulls()?,
        };
        Ok(Specification::Random { kind, nulls })
    }

    fn kind(&mut self) -> Result<Kind> {
        self.skip_spaces();
        let place = self.place;
        match self.word() {
            "int64" => {
                let range = self.integers()?;
                match range.length() {
                    0 => Err(self.error_at(place, "there is no integer in this range to draw")),
                    _ => Ok(Kind::Int64(range)),
                }
            }
            "float64" => Ok(Kind::Float64),
            "text" => self.lengths(),
            "choice" => match self.count()? {
                0 => Err(self.error_at(place, "there is nothing to choose from")),
                count => Ok(Kind::Choice(count)),
            },
            _ => {
                Err(self.error_at(place, "expected int64 A..B, float64, text MIN..MAX or choice N"))
            }
        }
    }

    fn nulls(&mut self) -> Result<Option<f64>> {
        self.skip_spaces();
        let start = self.place;
        if self.word() != "nulls" {
            self.place = start;
            return Ok(None);
        }
        self.skip_spaces();
        let part = self.take_while(|c| c.is_ascii_alphanumeric() || ".+-".contains(c));
        match part.parse::<f64>() {
            Ok(number) if (0.0..=1.0).contains(&number) => Ok(Some(number)),
            _ => Err(self.error_at(
                self.place - part.len(),
                "expected the part of nulls, a number from 0 to 1",
            )),
        }
    }

    /// `A..B`, the end excluded.
    fn integers(&mut self) -> Result<Range> {
        self.skip_spaces();
        let place = self.place;
        let start = self.integer()?;
        self.expect("..")?;
        let end = self.integer()?;
        let start = i64::try_from(start).ok().filter(|_| end <= 1 << 63);
        let Some(start) = start else {
            return Err(self.error_at(place, "the range goes beyond int64"));
        };
        if end < i128::from(start) {
            return Err(self.error_at(place, "the range ends before it begins"));
        }
        Ok(Range { start, end })
    }

    /// `MIN..MAX`, both included.
    fn lengths(&mut self) -> Result<Kind> {
        self.skip_spaces();
        let place = self.place;
        let shortest = self.count()?;
        self.expect("..")?;
        let longest = self.count()?;
        if longest < shortest {
            return Err(self.error_at(place, "the longest text is shorter than the shortest"));
        }
        Ok(Kind::Text { shortest, longest })
    }

    fn count(&mut self) -> Result<u64> {
        self.skip_spaces();
        let place = self.place;
        let number = self.integer()?;
        u64::try_from(number)
            .map_err(|_| self.error_at(place, "expected a number from 0 to 2^64 - 1"))
    }

    fn integer(&mut self) -> Result<i128> {
        self.skip_spaces();
        let start = self.place;
        if self.rest().starts_with('-') {
            self.place += 1;
        }
        self.take_while(|c| c.is_ascii_digit() || c == '_');
        let digits = self.text[start..self.place].replace('_', "");
        // Wider than any number that means something here, so that bounds can be checked later.
        digits.parse().map_err(|_| {
            let what =
                if digits.len() < 20 { "expected a whole number" } else { "too many digits" };
            self.error_at(start, what)
        })
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        self.skip_spaces();
        if !self.rest().starts_with(sign) {
            return Err(self.error_at(self.place, &format!("expected \"{sign}\"")));
        }
        self.place += sign.len();
        Ok(())
    }

    fn word(&mut self) -> &'a str {
        self.take_while(|c| c.is_alphanumeric() || c == '_')
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.place..];
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.place += length;
        &rest[..length]
    }

    fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_spaces();
        self.rest().is_empty()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    /// What is wrong, above the specification with a caret under the place.
    fn error_at(&self, place: usize, what: &str) -> Error {
        let caret = " ".repeat(escaped(&self.text[..place]).width()) + "^";
        Error::usage(format!("cannot read the specification: {what}"))
            .with_lines_below(vec![escaped(self.text), caret])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(kind: Kind, nulls: Option<f64>) -> Specification {
        Specification::Random { kind, nulls }
    }

    #[test]
    fn every_kind_of_column_is_read() {
        let columns = parse(
            " a=-3..4,\t_b2 = random( int64 0 .. 1_000 )nulls 1e-3, \"q \"\"é\"=random(float64 nulls 1),\n\
             größe = random(text 0..3), choice = random(choice 5) nulls .25 ",
        )
        .unwrap();
        let columns: Vec<_> =
            columns.iter().map(|column| (column.name.as_str(), &column.specification)).collect();
        assert_eq!(
            columns,
            [
                ("a", &Specification::Range(Range { start: -3, end: 4 })),
                ("_b2", &random(Kind::Int64(Range { start: 0, end: 1000 }), Some(0.001))),
                ("q \"é", &random(Kind::Float64, Some(1.0))),
                ("größe", &random(Kind::Text { shortest: 0, longest: 3 }, None)),
                ("choice", &random(Kind::Choice(5), Some(0.25))),
            ]
        );
    }

    /// Each wrong specification, with the place of the caret in characters, and some of the words.
    const WRONG: &[(&str, usize, &str)] = &[
        ("", 0, "name"),
        ("a = 0..1,", 9, "name"),
        ("1a = 0..1", 0, "name"),
        ("a b = 0..1", 2, "\"=\""),
        ("\"a = 0..1", 0, "not closed"),
        ("é = 0..1, é = 0..2", 10, "two columns are named \"é\""),
        ("a = x", 4, "expected a range"),
        ("a = ", 4, "expected a range"),
        ("a = 0", 5, "\"..\""),
        ("a = 0..", 7, "whole number"),
        ("a = 0..-", 7, "whole number"),
        ("a = _..1", 4, "expected a range"),
        ("a = 0.._", 7, "whole number"),
        ("a = 5..4", 4, "ends before"),
        ("a = 0..9223372036854775809", 4, "beyond int64"),
        ("a = 0..99999999999999999999999999999999999999999999", 7, "too many digits"),
        ("a = 0..1 b = 0..1", 9, "\",\""),
        ("a = random", 10, "\"(\""),
        ("a = random(int32 0..1)", 11, "expected int64"),
        ("a = random(int64 3..3)", 11, "no integer"),
        ("a = random(float64", 18, "\")\""),
        ("a = random(text 4..3)", 16, "longest"),
        ("a = random(text -1..3)", 16, "0 to"),
        ("a = random(choice 0)", 11, "nothing to choose"),
        ("a = random(float64) nulls 2", 26, "0 to 1"),
        ("a = random(float64) nulls nan", 26, "0 to 1"),
        ("a = random(float64 nulls 1) nulls 1", 28, "\",\""),
    ];

    #[test]
    fn a_caret_shows_what_is_wrong() {
        for (text, place, words) in WRONG {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
            assert_eq!(
                error.lines_below(),
                [(*text).to_owned(), " ".repeat(*place) + "^"],
                "{error}"
            );
            assert_eq!(error.exit_status(), 2);
        }
    }
}
