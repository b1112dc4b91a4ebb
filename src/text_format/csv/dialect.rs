//! The signs of delimited text: what parts fields, what quotes them, what stands for null.

use super::find::find;
use crate::error::{Error, Result};
use crate::text::escaped;
use crate::text_format::BinaryText;

/// How delimited text is written; by default as RFC 4180 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What parts the fields of a line.
    pub delimiter: u8,
    /// What stands around a field that holds a delimiter, a quote or a line end; a doubled one in it
    /// stands for itself.
    pub quote: Option<u8>,
    /// Whether the first line holds the names of the columns.
    pub header: bool,
    /// Bytes as text.
    pub binary: BinaryText,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), header: true, binary: BinaryText::default() }
    }
}

impl Dialect {
    /// Reads the option's value: one ASCII character, or `\t`.
    ///
    /// # Errors
    /// Anything else; a letter or digit, a line end.
    pub fn parse_delimiter(text: &str) -> Result<u8> {
        match text {
            "\\t" => Ok(b'\t'),
            _ => sign(text, "parts no fields", "\\t"),
        }
    }

    /// Reads the option's value: one ASCII character, or `none`.
    ///
    /// # Errors
    /// Anything else; a letter or digit, a line end.
    pub fn parse_quote(text: &str) -> Result<Option<u8>> {
        match text {
            "none" => Ok(None),
            _ => sign(text, "quotes no fields", "none").map(Some),
        }
    }

    /// Refuses signs that cannot be told apart, and null texts that cannot be written unquoted.
    ///
    /// # Errors
    /// Names the option.
    pub(super) fn check(&self, nulls: &[String]) -> Result<()> {
        if Some(self.delimiter) == self.quote {
            return Err(Error::usage("--delimiter and --quote are the same character"));
        }
        match nulls.iter().find(|null| self.needs_quotes(null.as_bytes())) {
            None => Ok(()),
            Some(null) => Err(Error::usage(format!(
                "--null \"{}\": holds a delimiter, a quote or a line end, and a null is never quoted",
                escaped(null)
            ))),
        }
    }

    /// Whether a field of these bytes would be misread without quotes.
    pub(super) fn needs_quotes(&self, bytes: &[u8]) -> bool {
        let quote = self.quote.unwrap_or(self.delimiter);
        let signs = [self.delimiter, quote, b'\n', b'\r'];
        // A byte order mark at the front of a file would be taken off.
        find(bytes, 0, signs) < bytes.len() || bytes.starts_with(b"\xef\xbb\xbf")
    }
}

fn sign(text: &str, refusal: &str, word: &str) -> Result<u8> {
    match text.as_bytes() {
        // Letters, digits and line ends would be found in the middle of values.
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\r\n".contains(byte) => {
            Ok(*byte)
        }
        _ => Err(Error::usage(format!(
            "\"{}\" {refusal}; one ASCII character does that is no letter, digit or line end, or {word}",
            escaped(text)
        ))),
    }
}
