//! The headers of pages as they are stored: with the checksum of the page.
//!
//! The crate writes headers without a checksum. It is the CRC-32 of the page's bytes after the
//! header, as stored (parquet-format, README, "Checksumming").

use crate::parquet_file::thrift::{Structure, WireType};
use parquet::errors::{ParquetError, Result};

/// Fields of `PageHeader`.
const TYPE: i64 = 1;
const CHECKSUM: i64 = 4;

/// The type of a dictionary page.
const DICTIONARY_PAGE: i64 = 2;

/// A page header as the crate writes it.
#[derive(Debug)]
pub(crate) struct PlainHeader<'a>(Structure<'a>);

impl<'a> PlainHeader<'a> {
    /// Reads a header.
    ///
    /// # Errors
    /// Bytes that are not a header, or a header with a checksum.
    pub(crate) fn parse(header: &'a [u8]) -> Result<Self> {
        let fields = Structure::read(header);
        let plain = fields.filter(|fields| fields.has(TYPE) && !fields.has(CHECKSUM));
        let why = || ParquetError::General("a page header has no place for a checksum".to_owned());
        plain.map(Self).ok_or_else(why)
    }

    /// Whether it belongs to a dictionary page.
    pub(crate) fn is_dictionary(&self) -> bool {
        self.0.integer(TYPE) == Some(DICTIONARY_PAGE)
    }

    /// The header with the checksum of the page.
    pub(crate) fn with_checksum(mut self, page: &[u8]) -> Vec<u8> {
        let checksum = crc32fast::hash(page).cast_signed();
        self.0.set_integer(CHECKSUM, WireType::I32, checksum.into());
        self.0.to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_inserted_between_the_sizes_and_the_page_s_own_header() {
        // A data page: type 0, 300 and 200 bytes, then field 5.
        let header = [0x15, 0, 0x15, 0xd8, 0x04, 0x15, 0x90, 0x03, 0x2c, 0x11, 0, 0];
        let parsed = PlainHeader::parse(&header).unwrap();
        assert!(!parsed.is_dictionary());
        // CRC-32 of "123456789" is 0xcbf43926 (the check value of the algorithm).
        let with_checksum = parsed.with_checksum(b"123456789");
        let zigzag = [0xb3, 0x9b, 0xde, 0xc0, 0x06];
        let expected = [&header[..8], &[0x15], &zigzag, &[0x1c, 0x11, 0, 0]].concat();
        assert_eq!(with_checksum, expected);
        let dictionary = [0x15, 4, 0x15, 2, 0x15, 2, 0x4c, 0, 0];
        assert!(PlainHeader::parse(&dictionary).unwrap().is_dictionary());
    }

    #[test]
    fn a_header_with_a_checksum_or_a_truncated_one_is_refused() {
        let full = [0x15, 0, 0x15, 2, 0x15, 2, 0x15, 8, 0x1c, 0, 0];
        assert!(PlainHeader::parse(&full).is_err());
        for length in 0..7 {
            assert!(PlainHeader::parse(&full[..length]).is_err(), "{length}");
        }
    }
}
