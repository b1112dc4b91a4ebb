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
                "--null \"{}\": holds a delimiter, a quote or a line end, and a null is never quoted",
                escaped(null)
            ))),
        }
    }

    /// Whether a field of these bytes would be misread without quotes.
    pub(super) fn needs_quotes(&self, bytes: &[u8]) -> bool {
        // Of a longer delimiter the first byte is enough: an unnecessary quote does no harm.
        let delimiter = self.delimiter.first();
        let quote = self.quote.unwrap_or(delimiter);
        let signs = [delimiter, quote, b'\n', b'\r'];
        // A byte order mark at the front of a file would be taken off.
        find(bytes, 0, signs) < bytes.len() || bytes.starts_with(b"\xef\xbb\xbf")
    }
}
