//! A position in the text of a schema: words, names in double quotes, signs; and errors with the
//! position.

use crate::error::{Error, Result};
use crate::text::escaped;

/// The unread rest of a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // Files may begin with a byte order mark.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at }
    }

    /// Skips white space and comments (`--` to the end of its line); returns whether a line ended
    /// there.
    pub(super) fn skip_blank(&mut self) -> bool {
        let mut line_ended = false;
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            line_ended |= rest[..blank].contains('\n');
            self.at += blank;
            if !self.text[self.at..].starts_with("--") {
                return line_ended;
            }
            let rest = &self.text[self.at..];
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_blank();
        self.at == self.text.len()
    }

    /// Reads this sign if it comes next; returns whether it did.
    pub(super) fn takes(&mut self, sign: char) -> bool {
        self.skip_blank();
        let there = self.text[self.at..].starts_with(sign);
        self.at += if there { sign.len_utf8() } else { 0 };
        there
    }

    /// Reads this word, in any case, if it comes next; returns whether it did.
    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        let there = ahead.word().is_some_and(|found| found.eq_ignore_ascii_case(word));
        if there {
            *self = ahead;
        }
        there
    }

    /// Reads these consecutive words if they come next; returns whether they did.
    pub(super) fn takes_words(&mut self, words: &[&str]) -> bool {
        let mut ahead = self.clone();
        let there = words.iter().all(|word| ahead.takes_word(word));
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
        if !self.takes('"') {
            return Ok(None);
        }
        let mut name = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find('"') else {
                return Err(start.error("a double quote is not closed"));
            };
            name.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.text[self.at..].starts_with('"') {
                return Ok(Some(name));
            }
            name.push('"');
            self.at += 1;
        }
    }

    /// The position of what comes next.
    pub(super) fn place(&mut self) -> Self {
        self.skip_blank();
        self.clone()
    }

    /// The error for unexpected text at this position.
    pub(super) fn expected(&mut self, what: &str) -> Error {
        self.skip_blank();
        let rest = &self.text[self.at..];
        let found = match rest.chars().next() {
            None => return self.error(&format!("expected {what}, found the end")),
            Some(sign) => self.clone().word().map_or_else(|| sign.to_string(), str::to_owned),
        };
        self.error(&format!("expected {what}, found \"{}\"", escaped(&found)))
    }

    /// A usage error with the position: the line if there are several, and the character in it,
    /// both counted from 1.
    pub(super) fn error(&self, message: &str) -> Error {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let character = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let place = match self.text.trim_end().contains('\n') {
            true => format!("line {line}, character {character}"),
            false => format!("character {character}"),
        };
        Error::usage(format!("{message} (at {place})"))
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> Option<&'a str> {
        self.skip_blank();
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}
