//! The options of a command line for values in text, as plain data. Reading and writing text is the
//! job of `text_format`.

use crate::error::{Error, Result};
use crate::text::escaped;

/// The encoding of bytes in text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BinaryText {
    /// RFC 4648, section 4, with padding, as most readers of JSON expect.
    #[default]
    Base64,
    /// Two digits per byte.
    Hexadecimal,
}

/// The dialect of delimited text; that of RFC 4180 by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// The delimiter between the fields of a line.
    pub delimiter: Delimiter,
    /// The quote around a field that contains a delimiter, a quote or a line break; a quote inside
    /// it is doubled.
    pub quote: Option<u8>,
    /// Whether the first line has the column names.
    pub header: bool,
}

/// The delimiter between fields: a few bytes, usually one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter {
    bytes: [u8; Self::MOST_BYTES],
    length: u8,
}

/// The character encoding of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, or UTF-16 if there is a byte order mark for it.
    #[default]
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// Windows code page 1252: Latin-1 with other characters at 0x80 to 0x9f, such as the
    /// euro sign.
    Windows1252,
    /// UTF-16, with the byte order of its byte order mark.
    Utf16,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl TextEncoding {
    /// The encodings, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[
        ("utf-8", Self::Utf8),
        ("latin1", Self::Latin1),
        ("windows-1252", Self::Windows1252),
        ("utf-16", Self::Utf16),
        ("utf-16le", Self::Utf16Le),
        ("utf-16be", Self::Utf16Be),
    ];
}

impl Delimiter {
    const MOST_BYTES: usize = 8;

    /// A delimiter of one byte.
    pub const fn of_byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0, 0, 0, 0, 0], length: 1 }
    }

    /// All bytes of the delimiter; at least one.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The first byte of the delimiter.
    pub fn first(self) -> u8 {
        self.bytes[0]
    }
}

/// The column declarations for text, which has no types itself: the unparsed values of the options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenColumns {
    /// All columns and their types.
    pub schema: Option<String>,
    /// The types of some columns, where the others are inferred.
    pub types: Option<String>,
    /// How many rows the others are inferred from; by default, some of the first input.
    pub infer_rows: Option<InferRows>,
}

/// How many rows types are inferred from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InferRows {
    /// The first N rows.
    First(u64),
    /// All rows of all inputs.
    All,
}

impl InferRows {
    /// The word for all rows.
    pub const ALL: &str = "all";

    /// Parses the option's value: a number, or `all`.
    ///
    /// # Errors
    /// Anything else; 0.
    pub fn parse(text: &str) -> Result<Self> {
        match (text, text.parse()) {
            (Self::ALL, _) => Ok(Self::All),
            (_, Ok(1..)) => Ok(Self::First(text.parse().unwrap_or(u64::MAX))),
            _ => Err(Error::usage(format!(
                "\"{}\" is neither a number of rows nor {}",
                escaped(text),
                Self::ALL
            ))),
        }
    }

    /// The number of rows; for all, a number that cannot be reached.
    pub fn most(self) -> u64 {
        match self {
            Self::First(rows) => rows,
            Self::All => u64::MAX,
        }
    }
}

impl BinaryText {
    /// The encodings, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("base64", Self::Base64), ("hex", Self::Hexadecimal)];
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: Delimiter::of_byte(b','), quote: Some(b'"'), header: true }
    }
}

impl Dialect {
    /// The word for no quote.
    pub const NO_QUOTE: &str = "none";

    /// Parses the option's value: one or several characters, or `\t`.
    ///
    /// # Errors
    /// No character, or too many; a letter, a digit or a line break.
    pub fn parse_delimiter(text: &str) -> Result<Delimiter> {
        let text = if text == "\\t" { "\t" } else { text };
        // Letters, digits and line breaks occur in values.
        let is_sign = |sign: char| !sign.is_alphanumeric() && !matches!(sign, '\r' | '\n');
        if text.is_empty() || text.len() > Delimiter::MOST_BYTES || !text.chars().all(is_sign) {
            return Err(Error::usage(format!(
                "invalid delimiter \"{}\": use characters (8 bytes at most) that are not letters, \
                 digits or line breaks, or \\t",
                escaped(text)
            )));
        }
        let mut bytes = [0; Delimiter::MOST_BYTES];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Delimiter { bytes, length: text.len() as u8 })
    }

    /// Parses the option's value: one ASCII character, or `none`.
    ///
    /// # Errors
    /// Anything else; a letter, a digit or a line break.
    pub fn parse_quote(text: &str) -> Result<Option<u8>> {
        match text.as_bytes() {
            _ if text == Self::NO_QUOTE => Ok(None),
            // Letters, digits and line breaks occur in values.
            [byte @ 0..=127] if !byte.is_ascii_alphanumeric() && !b"\r\n".contains(byte) => {
                Ok(Some(*byte))
            }
            _ => Err(Error::usage(format!(
                "\"{}\" is not a valid quote: use one ASCII character that is not a letter, a \
                 digit or a line break, or {}",
                escaped(text),
                Self::NO_QUOTE
            ))),
        }
    }
}
