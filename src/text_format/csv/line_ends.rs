//! The line ends of an input, detected from its first line: LF, CRLF or CR CR LF, or, as on
//! computers of the last century, CR alone.

use super::find::find;

/// The byte that ends each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF, with any CRs before it.
    Lf,
    /// CR alone.
    Cr,
}

impl LineEnd {
    /// The end of the first line; `None` if more bytes are needed. `ended` says that none follow.
    pub(super) fn of_first_line(
        bytes: &[u8],
        ended: bool,
        delimiter: &[u8],
        quote: Option<u8>,
    ) -> Option<Self> {
        let quote = quote.unwrap_or(b'\n');
        let (mut at, mut field_start) = (0, 0);
        let first = *delimiter.first()?;
        loop {
            at = find(bytes, at, [b'\n', b'\r', first, quote]);
            match bytes.get(at)? {
                b'\n' => return Some(Self::Lf),
                b'\r' => return Self::of_return(bytes.get(at..)?, ended),
                byte if *byte == first => {
                    let is_delimiter = bytes.get(at..)?.starts_with(delimiter);
                    field_start = if is_delimiter { at + delimiter.len() } else { field_start };
                }
                // A quote that is not the first character of its field is an ordinary character.
                _ if at == field_start => at = behind_quoted(bytes, at + 1, quote)?,
                _ => {}
            }
            at += 1;
        }
    }

    /// The line end of text that starts with a CR.
    fn of_return(bytes: &[u8], ended: bool) -> Option<Self> {
        match bytes.iter().find(|byte| **byte != b'\r') {
            Some(b'\n') => Some(Self::Lf),
            Some(_) => Some(Self::Cr),
            None => ended.then_some(Self::Cr),
        }
    }

    /// The byte to search for.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Lf => b'\n',
            Self::Cr => b'\r',
        }
    }

    /// The message for a line that contains a line end of the other kind.
    pub(super) fn stray_words(self) -> &'static str {
        match self {
            Self::Lf => {
                "an unquoted field contains a carriage return, but the first line ends with LF (quote \
                 the field, or remove carriage returns: tr -d '\\r')"
            }
            Self::Cr => {
                "an unquoted field contains an LF, but the first line ends with CR alone (give all \
                 lines the same end: tr '\\r' '\\n')"
            }
        }
    }
}

/// The position of the closing quote of a field; `None` if it has not arrived yet.
fn behind_quoted(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        at = find(bytes, at, [quote; 3]);
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (_, Some(next)) if *next == quote => at += 2,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_shows_how_lines_end() {
        use LineEnd::{Cr, Lf};
        for (text, ended, expected) in [
            ("a,b\n", false, Some(Lf)),
            ("a,b\r\n", false, Some(Lf)),
            ("a,b\r\r\n", false, Some(Lf)),
            ("a,b\r1,2", false, Some(Cr)),
            ("a,b\r", false, None),
            ("a,b\r\r", false, None),
            ("a,b\r", true, Some(Cr)),
            ("a,b", false, None),
            ("a,b", true, None),
            ("", true, None),
            ("\"a\r\"\"\rb\",c\n", false, Some(Lf)),
            ("\"a\nb\",\"\"\r1,2\n", false, Some(Cr)),
            ("it's 5\" wide\rx\n", false, Some(Cr)),
            ("\"a\r", false, None),
        ] {
            assert_eq!(
                LineEnd::of_first_line(text.as_bytes(), ended, b",", Some(b'"')),
                expected,
                "{text:?}"
            );
        }
        assert_eq!(LineEnd::of_first_line(b"\"a\rb\"\n", false, b",", None), Some(Cr));
    }
}
