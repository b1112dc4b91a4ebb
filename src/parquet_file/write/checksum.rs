//! Adds the checksum of a page to its header.
//!
//! The crate writes headers without a checksum. It is the CRC-32 of the page's bytes after the
//! header, as stored (parquet-format, README, "Checksumming").

use parquet::errors::{ParquetError, Result};

/// A page header as the crate writes it: in Thrift's compact protocol, without a checksum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainHeader<'a> {
    /// The fields `type`, `uncompressed_page_size` and `compressed_page_size`.
    sizes: &'a [u8],
    /// The next field, which depends on the kind of page, and everything after it.
    rest: &'a [u8],
    /// Whether it belongs to a dictionary page.
    pub(crate) is_dictionary: bool,
}

/// The first byte of an `i32` field whose number is one more than that of the previous field: the
/// compact protocol has the difference in the upper four bits and the type in the lower four.
const NEXT_I32: u8 = 0x15;

/// `DICTIONARY_PAGE` (2) as a zigzag integer.
const DICTIONARY_PAGE: u8 = 4;

impl<'a> PlainHeader<'a> {
    /// Finds the place for the checksum.
    ///
    /// # Errors
    /// Bytes that do not begin like a header without a checksum.
    pub(crate) fn parse(header: &'a [u8]) -> Result<Self> {
        let mut rest = header;
        for _ in 0..3 {
            let [NEXT_I32, varint @ ..] = rest else { return Err(unexpected()) };
            let last = varint.iter().position(|byte| *byte < 0x80).ok_or_else(unexpected)?;
            rest = &varint[last + 1..];
        }
        // The next field is number 5, 7 or 8, which is two to five more than 3.
        if !rest.first().is_some_and(|field| (2..=5).contains(&(field >> 4))) {
            return Err(unexpected());
        }
        let sizes = &header[..header.len() - rest.len()];
        Ok(Self { sizes, rest, is_dictionary: sizes.get(1) == Some(&DICTIONARY_PAGE) })
    }

    /// The header with the checksum of the page, which is field number 4.
    pub(crate) fn with_checksum(&self, page: &[u8]) -> Vec<u8> {
        let checksum = crc32fast::hash(page).cast_signed();
        let mut zigzag = ((checksum << 1) ^ (checksum >> 31)).cast_unsigned();
        let mut header = Vec::with_capacity(self.sizes.len() + self.rest.len() + 6);
        header.extend_from_slice(self.sizes);
        header.push(NEXT_I32);
        while 0x80 <= zigzag {
            header.push(zigzag as u8 | 0x80);
            zigzag >>= 7;
        }
        header.push(zigzag as u8);
        if let [field, rest @ ..] = self.rest {
            header.push(field - 0x10);
            header.extend_from_slice(rest);
        }
        header
    }
}

fn unexpected() -> ParquetError {
    ParquetError::General("a page header has no place for a checksum".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_inserted_between_the_sizes_and_the_page_s_own_header() {
        // A data page: type 0, 300 and 200 bytes, then field 5.
        let header = [0x15, 0, 0x15, 0xd8, 0x04, 0x15, 0x90, 0x03, 0x2c, 1, 2, 0];
        let parsed = PlainHeader::parse(&header).unwrap();
        assert!(!parsed.is_dictionary);
        // CRC-32 of "123456789" is 0xcbf43926 (the check value of the algorithm).
        let with_checksum = parsed.with_checksum(b"123456789");
        let zigzag = [0xb3, 0x9b, 0xde, 0xc0, 0x06];
        let expected = [&header[..8], &[0x15], &zigzag, &[0x1c, 1, 2, 0]].concat();
        assert_eq!(with_checksum, expected);
        let dictionary = [0x15, 4, 0x15, 2, 0x15, 2, 0x4c, 0];
        assert!(PlainHeader::parse(&dictionary).unwrap().is_dictionary);
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
