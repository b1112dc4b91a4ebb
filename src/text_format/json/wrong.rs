//! An invalid object, for an error message that names its line.

use super::not_a_number::has_word;
use super::parts::Fault;
use crate::error::Error;
use crate::text::{escaped, known_format};

/// Why an object is invalid.
pub(super) enum InvalidObject {
    /// Not JSON. `has_word` says whether it may contain NaN or Infinity, which JSON does not have.
    Syntax {
        error: serde_json::Error,
        has_word: bool,
    },
    Object(String),
}

impl InvalidObject {
    /// For an object whose parts were not all handled; `text` words the reason.
    pub(super) fn of<E>(fault: Fault<E>, object: &str, text: impl FnOnce(E) -> String) -> Self {
        match fault {
            Fault::Syntax(error) => Self::Syntax { error, has_word: has_word(object) },
            Fault::Refused(reason) => Self::Object(text(reason)),
        }
    }

    /// Adds the input and the line.
    pub(super) fn placed(self, name: &str, line: u64) -> Error {
        let (line, why) = match self {
            Self::Object(why) => (line, why),
            Self::Syntax { error, .. } if error.is_eof() => {
                (line, "the object is not closed".to_owned())
            }
            Self::Syntax { error, has_word } => {
                let line = line + (error.line() as u64).saturating_sub(1);
                let text = error.to_string();
                let why = text.split(" at line ").next().unwrap_or_default();
                let way_out = if has_word { " (--allow-nan reads NaN and Infinity)" } else { "" };
                (line, format!("not JSON at byte {}: {why}{way_out}", error.column()))
            }
        };
        Error::failed(format!("line {line}: {why}")).with(name)
    }
}

/// The object in a text, without surrounding blanks, and the number of bytes before it.
pub(super) fn object_of(text: &[u8]) -> Result<(&str, usize), InvalidObject> {
    // JSON contains no zero byte; every format with such a magic number does.
    if let Some(format) = known_format(text).filter(|_| text.contains(&0)) {
        return Err(InvalidObject::Object(format!("not JSON: {format}")));
    }
    let front = text.len() - text.trim_ascii_start().len();
    let text = match std::str::from_utf8(text[front..].trim_ascii_end()) {
        Ok(text) => text,
        Err(_) => return Err(InvalidObject::Object("not UTF-8".to_owned())),
    };
    if text.starts_with('{') {
        return Ok((text, front));
    }
    let start: String = text.chars().take(20).collect();
    Err(InvalidObject::Object(format!("not a JSON object: it starts with \"{}\"", escaped(&start))))
}
