//! The format of a file, recognized by its first bytes.

use crate::error::{Error, Result};
use crate::io::{Input, is_regular_file};
use crate::options::Operand;
use crate::text::known_format;

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// An Arrow stream or file, or an unknown format, which the Arrow reader reports.
    Arrow,
    Parquet,
    Delimited {
        delimiter: u8,
    },
    Json,
}

impl Format {
    /// Returns the format of all operands.
    ///
    /// # Errors
    /// Operands that cannot be opened; operands of different formats.
    pub(super) fn of(operands: &[Operand]) -> Result<Self> {
        let mut formats = operands.iter().map(|operand| Ok((operand, of_operand(operand)?)));
        let Some(first) = formats.next() else { return Ok(Self::Arrow) };
        let (first, format) = first?;
        for other in formats {
            let (operand, other) = other?;
            if other != format {
                return Err(Error::failed(format!(
                    "{} is {}, but {} is {}: files read together must have the same format",
                    first.name(),
                    format.name(),
                    operand.name(),
                    other.name()
                )));
            }
        }
        Ok(format)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Arrow => "an Arrow stream or file",
            Self::Parquet => "a Parquet file",
            Self::Delimited { .. } => "delimited text",
            Self::Json => "JSON",
        }
    }
}

/// The format of one operand. A pipe can be read only once, so it is taken for an Arrow stream. An object
/// is read again.
fn of_operand(operand: &Operand) -> Result<Format> {
    const LOOKED_AT_BYTES: usize = 4096;
    match operand {
        // The name of an object saves a request. If it is wrong, the reader says so.
        Operand::Url(_) if operand.name().ends_with(".parquet") => return Ok(Format::Parquet),
        Operand::Url(_) if operand.name().ends_with(".arrows") => return Ok(Format::Arrow),
        Operand::Url(_) => {}
        _ if !is_regular_file(operand)? => return Ok(Format::Arrow),
        _ => {}
    }
    let start = Input::open(operand)?.peek::<LOOKED_AT_BYTES>()?;
    Ok(of_bytes(&start, &operand.name()))
}

fn of_bytes(start: &[u8], name: &str) -> Format {
    match start {
        [b'P', b'A', b'R', b'1' | b'E', ..] => return Format::Parquet,
        _ if known_format(start).is_some() => return Format::Arrow,
        _ => {}
    }
    let Some(text) = text_of(start) else { return Format::Arrow };
    if text.trim_start().starts_with(['{', '[']) {
        return Format::Json;
    }
    let has_name = [".csv", ".tsv", ".tab", ".txt"].iter().any(|end| name.ends_with(end));
    match delimiter(text) {
        Some(delimiter) => Format::Delimited { delimiter },
        None if has_name && !text.is_empty() => Format::Delimited { delimiter: b',' },
        None => Format::Arrow,
    }
}

/// The bytes as text, if they are text; they may end in the middle of a character.
fn text_of(start: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&start[..e.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.chars().all(is_text).then_some(text)
}

/// The delimiter that is most frequent in the first line; a comma if there is a tie.
fn delimiter(text: &str) -> Option<u8> {
    let line = text.lines().next()?;
    let count = |sign: &u8| line.bytes().filter(|byte| byte == sign).count();
    // `max_by_key` returns the last of equal counts.
    b"|;\t,".iter().copied().filter(|sign| count(sign) > 0).max_by_key(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognized_by_their_first_bytes() {
        let delimited = |delimiter| Format::Delimited { delimiter };
        for (start, name, format) in [
            (&b"PAR1..."[..], "x", Format::Parquet),
            (b"PARE...", "x", Format::Parquet),
            (b"ARROW1\0\0", "x.csv", Format::Arrow),
            (b"\xff\xff\xff\xff\x10\0\0\0", "x", Format::Arrow),
            (b"\x10\x01\0\0\x10\0\0\0", "x", Format::Arrow),
            (b"\x1f\x8b,,", "x.csv", Format::Arrow),
            (b"{\"a\":1}\n", "x", Format::Json),
            (b" \n[\n{\"a\":1}]", "x.csv", Format::Json),
            (b"a,b;c,d\n", "x", delimited(b',')),
            (b"\xef\xbb\xbfa;b\n1,5;2\n", "x", delimited(b';')),
            (b"a\tb,c\td\n", "x", delimited(b'\t')),
            (b"a;b,c\n", "x", delimited(b',')),
            (b"caf\xc3\xa9,b\xc3", "x", delimited(b',')),
            (b"caf\xe9,b", "x", Format::Arrow),
            (b"id\n1\n", "x.csv", delimited(b',')),
            (b"hello\n", "x", Format::Arrow),
            (b"", "x.csv", Format::Arrow),
        ] {
            assert_eq!(of_bytes(start, name), format, "{}", String::from_utf8_lossy(start));
        }
    }
}
