//! Whether the signs of delimited text can be told apart, and which fields they make a quote
//! necessary for.

use super::find::find;
use crate::endpoint::Dialect;
use crate::error::{Error, Result};
use crate::text::escaped;

impl Dialect {
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
