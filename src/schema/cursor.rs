//! A position in the text of a schema, which may contain comments; and errors with the position.

use crate::error::{Error, Result};
use crate::text::{self, Unclosed, escaped};

/// The unread rest of a schema. All methods skip white space and comments first.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a>(text::Cursor<'a>);

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut cursor = text::Cursor::new(text);
        // Files may begin with a byte order mark.
        if text.starts_with('\u{feff}') {
            cursor.at = '\u{feff}'.len_utf8();
        }
        Self(cursor)
    }

    /// Skips white space and comments (`--` to the end of its line); returns whether a line ended
    /// there.
    pub(super) fn skip_blank(&mut self) -> bool {
        let mut line_ended = false;
        loop {
            line_ended |= self.0.take_while(char::is_whitespace).contains('\n');
            if !self.0.rest().starts_with("--") {
                return line_ended;
            }
            self.0.take_while(|c| c != '\n');
        }
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_blank();
        self.0.is_at_end()
    }

    /// Reads this sign if it comes next; returns whether it did.
    pub(super) fn takes(&mut self, sign: char) -> bool {
        self.skip_blank();
        self.0.takes(sign.encode_utf8(&mut [0; 4]))
    }

    /// Reads this word, in any case, if it comes next; returns whether it did.
    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        self.takes_words(&[word])
    }

    /// Reads these consecutive words, in any case, if they come next; returns whether they did.
    pub(super) fn takes_words(&mut self, words: &[&str]) -> bool {
        let mut ahead = self.clone();
        let there = words
            .iter()
            .all(|word| ahead.word().is_some_and(|found| found.eq_ignore_ascii_case(word)));
        if there {
            *self = ahead;
        }
        there
    }

    pub(super) fn expect(&mut self, sign: char, behind: &str) -> Result<()> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(self.expected(&format!("{sign} after {behind}")))
        }
    }

    /// Letters, digits and underscores.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.run(|c| c.is_alphanumeric() || c == '_')
    }

    /// The name or offset of a time zone.
    pub(super) fn zone(&mut self) -> Option<&'a str> {
        self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '+' | '-' | ':'))
    }

    /// A whole number, possibly negative.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        let mut ahead = self.clone();
        let digits = ahead.run(|c| c.is_ascii_digit() || c == '-')?;
        let number = digits.parse().ok()?;
        *self = ahead;
        Some(number)
    }

    /// A name in double quotes; a doubled quote means one quote.
    pub(super) fn quoted(&mut self) -> Result<Option<String>> {
        let start = self.place();
        self.0.quoted().map_err(|Unclosed| start.error("a double quote is not closed"))
    }

    /// The position of what comes next.
    pub(super) fn place(&mut self) -> Self {
        self.skip_blank();
        self.clone()
    }

    /// The error for unexpected text at this position.
    pub(super) fn expected(&mut self, what: &str) -> Error {
        self.skip_blank();
        let found = match self.0.rest().chars().next() {
            None => return self.error(&format!("expected {what}, found the end")),
            Some(sign) => self.clone().word().map_or_else(|| sign.to_string(), str::to_owned),
        };
        self.error(&format!("expected {what}, found \"{}\"", escaped(&found)))
    }

    /// A usage error with the position: the line if there are several, and the character in it,
    /// both counted from 1.
    pub(super) fn error(&self, message: &str) -> Error {
        let (text, at) = (self.0.text(), self.0.at);
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let character = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let place = if text.trim_end().contains('\n') {
            format!("line {line}, character {character}")
        } else {
            format!("character {character}")
        };
        Error::usage(format!("{message} (at {place})"))
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> Option<&'a str> {
        self.skip_blank();
        Some(self.0.take_while(belongs)).filter(|taken| !taken.is_empty())
    }
}
