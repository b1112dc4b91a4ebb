//! Parses the specification of a generated table.

use super::kind::{Element, Range};
use crate::error::{Error, Result};
use crate::text::{Cursor, Unclosed, escaped};
use unicode_width::UnicodeWidthStr;

/// A column and its name.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) specification: Specification,
}

/// The contents of a column.
#[derive(Debug, PartialEq)]
pub(super) enum Specification {
    /// A range, crossed with the other ranges.
    Range(Range),
    /// Random values.
    Random(Element),
}

impl Specification {
    /// The number of values, if it is a range.
    pub(super) fn range_length(&self) -> Option<u128> {
        match self {
            Self::Range(range) => Some(range.length()),
            Self::Random(_) => None,
        }
    }
}

/// Parses a specification.
///
/// # Errors
/// Usage errors with the specification and a caret below it.
pub(super) fn parse(text: &str) -> Result<Vec<Named>> {
    let mut parser = Parser(Cursor::new(text));
    let mut columns: Vec<Named> = Vec::new();
    loop {
        let place = parser.place();
        let name = parser.name()?;
        if columns.iter().any(|column| column.name == name) {
            return Err(parser.error_at(place, &format!("two columns are named \"{name}\"")));
        }
        parser.expect("=")?;
        let specification = parser.specification()?;
        columns.push(Named { name, specification });
        if parser.0.is_at_end() {
            return Ok(columns);
        }
        parser.expect(",")?;
    }
}

pub(super) struct Parser<'a>(pub(super) Cursor<'a>);

impl Parser<'_> {
    pub(super) fn name(&mut self) -> Result<String> {
        let start = self.0.at;
        match self.0.quoted() {
            Ok(Some(name)) => return Ok(name),
            Ok(None) => {}
            Err(Unclosed) => return Err(self.error_at(start, "this quote is not closed")),
        }
        let name = self.0.word();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error_at(
                start,
                "expected the name of a column (quote names that are not letters, digits and _)",
            ));
        }
        Ok(name.to_owned())
    }

    fn specification(&mut self) -> Result<Specification> {
        let place = self.place();
        if self.0.rest().starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Ok(Specification::Range(self.integers()?));
        }
        if self.0.word() != "random" {
            return Err(self.error_at(place, "expected a range (0..10) or random(…)"));
        }
        self.expect("(")?;
        let kind = self.kind(0)?;
        let inside = self.nulls()?;
        self.expect(")")?;
        let nulls = match inside {
            Some(nulls) => Some(nulls),
            None => self.nulls()?,
        };
        Ok(Specification::Random(Element { kind, nulls }))
    }

    pub(super) fn nulls(&mut self) -> Result<Option<f64>> {
        let start = self.place();
        if self.0.word() != "nulls" {
            self.0.at = start;
            return Ok(None);
        }
        self.float("the fraction of nulls, a number from 0 to 1", |n| (0.0..=1.0).contains(&n))
            .map(Some)
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<()> {
        if self.0.takes(sign) {
            return Ok(());
        }
        Err(self.error_at(self.0.at, &format!("expected \"{sign}\"")))
    }

    /// The position of what comes next, in bytes.
    pub(super) fn place(&mut self) -> usize {
        self.0.skip_spaces();
        self.0.at
    }

    /// An error with the specification below it and a caret under the position.
    pub(super) fn error_at(&self, place: usize, what: &str) -> Error {
        let text = self.0.text();
        let caret = " ".repeat(escaped(&text[..place]).width()) + "^";
        Error::usage(format!("cannot read the specification: {what}"))
            .with_lines_below(vec![escaped(text), caret])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::generate::kind::{Kind, Lengths};

    fn random(kind: Kind, nulls: Option<f64>) -> Specification {
        Specification::Random(Element { kind, nulls })
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
                ("größe", &random(Kind::Text(Lengths { shortest: 0, longest: 3 }), None)),
                ("choice", &random(Kind::Choice(5), Some(0.25))),
            ]
        );
    }

    /// Invalid specifications, with the position of the caret in characters and a part of the
    /// message.
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
        ("a = 0..9223372036854775809", 4, "exceeds int64"),
        ("a = 0..99999999999999999999999999999999999999999999", 7, "too many digits"),
        ("a = 0..1 b = 0..1", 9, "\",\""),
        ("a = random", 10, "\"(\""),
        ("a = random(int32 0..1)", 11, "expected int64"),
        ("a = random(int64 3..3)", 11, "no integer"),
        ("a = random(float64", 18, "\")\""),
        ("a = random(text 4..3)", 16, "longest"),
        ("a = random(normal 3)", 19, "deviation"),
        ("a = random(normal 0 -1)", 20, "deviation"),
        ("a = random(date 2020-02-30..2021-01-01)", 16, "two dates"),
        ("a = random(date 2021-01-01..2020-01-01)", 16, "ends before"),
        ("a = random(date 2021-01-01..2021-01-01)", 11, "this range is empty"),
        ("a = random(date 2021-01-01T12:00..2022-01-01)", 16, "two dates"),
        ("a = random(timestamp 2020-01-01..2021-01-01Z)", 21, "both ends"),
        ("a = random(timestamp 2020-01-01T00:00:00.0000001..2021-01-01)", 21, "microseconds"),
        ("a = random(decimal(39, 2) 0..1)", 19, "1 to 38"),
        ("a = random(decimal(4, 5) 0..1)", 22, "0 to 4"),
        ("a = random(decimal(4, 2) 0.001..1)", 25, "2 digits"),
        ("a = random(decimal(4, 2) 0..100.01)", 25, "4 digits"),
        ("a = random(list(int64 0..1) 3..2)", 28, "longest list"),
        ("a = random(struct())", 18, "name"),
        ("a = random(struct(x bool, x bool))", 26, "two fields"),
        ("a = random(struct(x text))", 24, "whole number"),
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
