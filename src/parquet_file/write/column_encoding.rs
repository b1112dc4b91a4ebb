//! The encoding of a column, as `--encode` names it.

use crate::error::{Error, Result};
use crate::text::escaped;
use parquet::basic::{Encoding, Type as PhysicalType};

/// An encoding that `--encode` can request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnEncoding {
    /// PLAIN: the values themselves.
    Plain,
    /// RLE_DICTIONARY: each distinct value once, and indices.
    Dictionary,
    /// DELTA_BINARY_PACKED: packed differences of integers.
    Delta,
    /// DELTA_LENGTH_BYTE_ARRAY: the lengths of byte strings, then their bytes.
    DeltaLength,
    /// DELTA_BYTE_ARRAY: the suffix in which each byte string differs from the previous one.
    DeltaStrings,
    /// BYTE_STREAM_SPLIT: the first bytes of all numbers, then the second bytes, and so on.
    ByteStreamSplit,
}

impl ColumnEncoding {
    /// All encodings, by their names on the command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("plain", Self::Plain),
        ("dictionary", Self::Dictionary),
        ("delta", Self::Delta),
        ("delta-length", Self::DeltaLength),
        ("delta-strings", Self::DeltaStrings),
        ("byte-stream-split", Self::ByteStreamSplit),
    ];

    /// Parses `COLUMN=ENCODING`; the name of the column may contain `=`.
    ///
    /// # Errors
    /// Text of another form; an unknown encoding (usage errors).
    pub fn parse_pair(text: &str) -> Result<(String, Self)> {
        let known = Self::ALL.map(|(name, _)| name).join(", ");
        let pair = text.rsplit_once('=').filter(|(column, _)| !column.is_empty());
        let Some((column, name)) = pair else {
            let text = escaped(text);
            return Err(Error::usage(format!("\"{text}\" is not COLUMN=ENCODING ({known})")));
        };
        match Self::ALL.iter().find(|(other, _)| *other == name) {
            Some((_, encoding)) => Ok((column.to_owned(), *encoding)),
            None => {
                let name = escaped(name);
                Err(Error::usage(format!("unknown encoding \"{name}\": use one of {known}")))
            }
        }
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, encoding)| *encoding == self).map_or("", |(name, _)| name)
    }

    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Self::Plain => Encoding::PLAIN,
            Self::Dictionary => Encoding::RLE_DICTIONARY,
            Self::Delta => Encoding::DELTA_BINARY_PACKED,
            Self::DeltaLength => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Self::DeltaStrings => Encoding::DELTA_BYTE_ARRAY,
            Self::ByteStreamSplit => Encoding::BYTE_STREAM_SPLIT,
        }
    }

    /// The types for which the format allows this encoding.
    pub(crate) fn types(self) -> &'static str {
        match self {
            Self::Plain => "all types",
            Self::Dictionary => "all types except booleans",
            Self::Delta => "integers, dates, times and timestamps",
            Self::DeltaLength => "text and binary",
            Self::DeltaStrings => "text and binary, including fixed-size binary",
            Self::ByteStreamSplit => "numbers and fixed-size binary",
        }
    }

    pub(crate) fn fits(self, physical: PhysicalType) -> bool {
        use PhysicalType as P;
        match self {
            Self::Plain => true,
            Self::Dictionary => physical != P::BOOLEAN,
            Self::Delta => matches!(physical, P::INT32 | P::INT64),
            Self::DeltaLength => physical == P::BYTE_ARRAY,
            Self::DeltaStrings => matches!(physical, P::BYTE_ARRAY | P::FIXED_LEN_BYTE_ARRAY),
            Self::ByteStreamSplit => !matches!(physical, P::BOOLEAN | P::BYTE_ARRAY | P::INT96),
        }
    }
}
