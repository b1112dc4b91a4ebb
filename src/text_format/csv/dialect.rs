//! A dialect's quotes: whether its special characters are distinct, and which fields need quotes.

use super::find::find;
use crate::error::{Error, Result};
use crate::options::Dialect;
use crate::text::escaped;

impl Dialect {
    /// Refuses a delimiter and a quote that conflict, and null texts that cannot be written
    /// unquoted.
    ///
    /// # Errors
    /// A conflict, as a usage error that names the option.
    pub(super) fn check(&self, nulls: &[String]) -> Result<()> {
        match self.quote {
            Some(quote) if self.delimiter.bytes() == [quote] => {
                return Err(Error::usage("--delimiter and --quote are the same character"));
            }
            Some(quote) if self.delimiter.bytes().contains(&quote) => {
                return Err(Error::usage("--delimiter contains the --quote character"));
            }
            _ => {}
        }
        match nulls.iter().find(|null| self.needs_quotes(null.as_bytes())) {
            None => Ok(()),
            Some(null) => Err(Error::usage(format!(
                "--null \"{}\": contains a delimiter, a quote or a line break, but nulls are never quoted",
                escaped(null)
            ))),
        }
    }

    /// Whether a field of these bytes would be misread without quotes.
    pub(super) fn needs_quotes(&self, bytes: &[u8]) -> bool {
        // The first byte of a longer delimiter is enough: an unnecessary quote does no harm.
        let delimiter = self.delimiter.first();
        let quote = self.quote.unwrap_or(delimiter);
        let signs = [delimiter, quote, b'\n', b'\r'];
        // A reader would strip a byte order mark at the front of a file.
        find(bytes, 0, signs) < bytes.len() || bytes.starts_with(b"\xef\xbb\xbf")
    }
}

/// Appends a field in quotes; quotes inside it are doubled.
pub(super) fn put_quoted(text: &mut Vec<u8>, quote: u8, field: &[u8]) {
    text.push(quote);
    for byte in field {
        if *byte == quote {
            text.push(quote);
        }
        text.push(*byte);
    }
    text.push(quote);
}
