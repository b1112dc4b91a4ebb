//! Expressions in files: `@FILE` instead of the text.

use crate::error::{Error, Result};
use crate::text::escaped;
use std::fs::File;
use std::io::Read;

/// The largest expression; the parser refuses larger ones anyway.
const LARGEST_BYTES: u64 = 64 << 20;

/// Returns the text itself, or the contents of the file that `@` names.
///
/// # Errors
/// A file that cannot be read, is larger than 64 MiB, or is not UTF-8.
pub fn expression_text(text: String) -> Result<String> {
    let Some(path) = text.strip_prefix('@') else { return Ok(text) };
    let failed = |why: &str| Error::usage(format!("{}: {why}", escaped(path)));
    if path.is_empty() {
        return Err(Error::usage(
            "@ must be followed by the name of a file that contains the expression",
        ));
    }
    let mut bytes = Vec::new();
    // A pipe has no size to check in advance.
    File::open(path)
        .and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Error::io(escaped(path), &error).as_usage())?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(failed("the expression exceeds 64 MiB; for many keys, use stream-filter --in"));
    }
    String::from_utf8(bytes).map_err(|_| failed("the expression is not UTF-8"))
}
