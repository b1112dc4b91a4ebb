//! Page headers: their claims, checked before memory is allocated for them, their checksums, and
//! corrections of what the `parquet` crate refuses although other readers accept it.
//!
//! Source: parquet.thrift, `PageHeader` and its members.

use super::thrift::{CompactReader, Taken};
use crate::text::size;
use parquet::basic::{Compression, Type as PhysicalType};
use parquet::file::metadata::ColumnChunkMetaData;
use std::ops::Range;

/// The claims of a page header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageHeader {
    /// The size of the header itself.
    pub(crate) bytes: usize,
    kind: i64,
    uncompressed_bytes: i64,
    /// The place of that number.
    uncompressed_place: Range<usize>,
    stored_bytes: i64,
    /// The checksum of the page. Source: parquet-format, README, "Checksumming".
    pub(crate) checksum: Option<u32>,
    values: i64,
    /// The lengths of the levels in a data page of version 2.
    level_bytes: [i64; 2],
    /// The place of a negative null count.
    negative_nulls: Option<Range<usize>>,
}

/// The facts about a column chunk that limit the claims of its page headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageLimits {
    codec: Compression,
    /// The size of the smallest value in the PLAIN encoding.
    value_bytes: u64,
}

/// The kind of a dictionary page (`PageType`).
const DICTIONARY_PAGE: i64 = 2;

/// Smaller pages are decompressed whatever their codec can do.
const SMALL_BYTES: u64 = 64 << 10;

impl PageLimits {
    pub(crate) fn of(chunk: &ColumnChunkMetaData) -> Self {
        let value_bytes = match chunk.column_type() {
            PhysicalType::BOOLEAN => 0,
            PhysicalType::INT32 | PhysicalType::FLOAT | PhysicalType::BYTE_ARRAY => 4,
            PhysicalType::INT64 | PhysicalType::DOUBLE => 8,
            PhysicalType::INT96 => 12,
            PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                u64::try_from(chunk.column_descr().type_length()).unwrap_or(0)
            }
        };
        Self { codec: chunk.compression(), value_bytes }
    }

    /// The codec of the column chunk.
    pub(crate) fn codec(self) -> Compression {
        self.codec
    }

    /// Whether pages are in memory as they are in the file.
    pub(crate) fn is_uncompressed(self) -> bool {
        self.codec == Compression::UNCOMPRESSED
    }
}

impl PageHeader {
    /// Reads the header at the start of these bytes. `None` if they do not begin with one, or with
    /// one that the `parquet` crate reads differently.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut header = Self { kind: -1, ..Self::default() };
        let mut reader = CompactReader::new(bytes);
        reader.structure(|reader, field| {
            match field.id {
                1 => header.kind = reader.integer()?,
                2 => {
                    let start = reader.place();
                    header.uncompressed_bytes = reader.integer()?;
                    header.uncompressed_place = start..reader.place();
                }
                3 => header.stored_bytes = reader.integer()?,
                4 => {
                    let checksum = i32::try_from(reader.integer()?).ok()?;
                    header.checksum = Some(checksum.cast_unsigned());
                }
                5 | 7 => reader.field(1, |reader, _| {
                    header.values = reader.integer()?;
                    Some(())
                })?,
                8 => header.version_2(reader)?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })?;
        header.bytes = reader.place();
        (!reader.has_skipped_booleans()).then_some(header)
    }

    fn version_2(&mut self, reader: &mut CompactReader<'_>) -> Option<()> {
        reader.structure(|reader, field| {
            match field.id {
                1 => self.values = reader.integer()?,
                2 => {
                    let start = reader.place();
                    let is_negative = reader.integer()? < 0;
                    self.negative_nulls = is_negative.then(|| start..reader.place());
                }
                5 => self.level_bytes[0] = reader.integer()?,
                6 => self.level_bytes[1] = reader.integer()?,
                _ => return Some(Taken::No),
            }
            Some(Taken::Yes)
        })
    }

    /// Whether it is the header of a dictionary page.
    pub(crate) fn is_dictionary(&self) -> bool {
        self.kind == DICTIONARY_PAGE
    }

    /// Whether the page has no bytes in the file.
    pub(crate) fn is_empty(&self) -> bool {
        self.stored_bytes == 0
    }

    /// The claimed size of the page after decompression. A page that is not compressed has the bytes
    /// that it has in the file, whatever else it claims.
    pub(crate) fn uncompressed_bytes(&self, codec: Compression) -> u64 {
        let is_stored = codec == Compression::UNCOMPRESSED;
        let bytes = if is_stored { self.stored_bytes } else { self.uncompressed_bytes };
        u64::try_from(bytes).unwrap_or(0)
    }

    /// The largest value that a dictionary page of text can hold; 0 for other pages.
    pub(crate) fn most_text_bytes(&self, codec: Compression) -> u64 {
        let lengths = u64::try_from(self.values).unwrap_or(0).saturating_mul(4);
        let bytes = self.uncompressed_bytes(codec);
        if self.is_dictionary() { bytes.saturating_sub(lengths) } else { 0 }
    }

    /// The header as the crate reads it without an error, if it differs; `bytes` are those that the
    /// header was read from. Numbers change in place:
    ///
    /// - A negative null count becomes 0: pages that parquet-java up to 1.17 writes without statistics
    ///   have -1. The levels tell how many nulls there are.
    /// - The size of a page that is not compressed becomes its size in the file, as pyarrow reads it.
    pub(crate) fn corrected(&self, bytes: &[u8], codec: Compression) -> Option<Vec<u8>> {
        let size = (codec == Compression::UNCOMPRESSED
            && self.uncompressed_bytes != self.stored_bytes)
            .then(|| (self.uncompressed_place.clone(), self.stored_bytes));
        let nulls = self.negative_nulls.clone().map(|place| (place, 0));
        if size.is_none() && nulls.is_none() {
            return None;
        }
        let mut header = bytes.get(..self.bytes)?.to_vec();
        for (place, number) in [size, nulls].into_iter().flatten() {
            put_number(header.get_mut(place)?, number.unsigned_abs() << 1);
        }
        Some(header)
    }

    /// Checks the claims against the bytes that follow the header in the file, and against what the
    /// codec and the type of the column chunk allow.
    ///
    /// # Errors
    /// The reason why the header is damaged.
    pub(crate) fn check(&self, bytes_left: usize, limits: PageLimits) -> Result<(), String> {
        let PageLimits { codec, value_bytes } = limits;
        let (stored, uncompressed) = (self.stored_bytes, self.uncompressed_bytes);
        let (Ok(stored), Ok(uncompressed)) = (u64::try_from(stored), u64::try_from(uncompressed))
        else {
            return Err("damaged page header: it claims a negative size".to_owned());
        };
        if stored > bytes_left as u64 {
            return Err(format!(
                "damaged page header: it claims {stored} bytes, but {bytes_left} follow in the file"
            ));
        }
        let page_bytes = self.uncompressed_bytes(codec);
        if let Some(ratio) = most_ratio(codec)
            && uncompressed > stored.saturating_mul(ratio).max(SMALL_BYTES)
        {
            let (stored, uncompressed) = (size(stored), size(uncompressed));
            return Err(format!(
                "damaged page header: it claims that {stored} decompress to {uncompressed}, which \
                 {codec} cannot do"
            ));
        }
        let [one, other] = self.level_bytes;
        if one < 0 || other < 0 || one.saturating_add(other).cast_unsigned() > page_bytes {
            return Err("damaged page header: the levels do not fit into the page".to_owned());
        }
        let values = u64::try_from(self.values).unwrap_or(u64::MAX);
        if self.is_dictionary() && values.saturating_mul(value_bytes) > page_bytes {
            return Err("damaged dictionary: it is too short for its values".to_owned());
        }
        Ok(())
    }
}

/// Writes a varint into all of these bytes; leaves them as they are if it is too long for them.
fn put_number(place: &mut [u8], mut number: u64) {
    let bits = 7 * place.len();
    if bits < 64 && number >> bits > 0 {
        return;
    }
    let last = place.len().saturating_sub(1);
    for (position, byte) in place.iter_mut().enumerate() {
        let more = if position < last { 0x80 } else { 0 };
        *byte = (number & 0x7f) as u8 | more;
        number >>= 7;
    }
}

/// The largest factor by which a codec can shrink data.
fn most_ratio(codec: Compression) -> Option<u64> {
    match codec {
        // A copy of 64 bytes takes three (snappy's format_description.txt).
        Compression::SNAPPY => Some(22),
        // A byte more makes a match 255 bytes longer (lz4_Block_format.md).
        Compression::LZ4 | Compression::LZ4_RAW => Some(256),
        // A match of 258 bytes takes two bits (RFC 1951).
        Compression::GZIP(_) => Some(1032),
        // A block of 128 KiB takes four bytes (RFC 8878).
        Compression::ZSTD(_) => Some(1 << 15),
        // Brotli has no such limit. Pages that are not compressed take no memory of their own.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a page of 5 values, with these bytes as its null count.
    fn header(nulls: &[u8]) -> Vec<u8> {
        [&[0x15, 6, 0x15, 2, 0x15, 2, 0x5c, 0x15, 10, 0x15][..], nulls, &[0x15, 10, 0, 0]].concat()
    }

    fn without_negative_nulls(bytes: &[u8]) -> Option<Vec<u8>> {
        PageHeader::read(bytes)?.corrected(bytes, Compression::SNAPPY)
    }

    #[test]
    fn a_negative_number_of_nulls_becomes_zero_in_place() {
        assert_eq!(without_negative_nulls(&header(&[1])), Some(header(&[0])));
        assert_eq!(
            without_negative_nulls(&[header(&[0xff, 0xff, 3]), vec![7; 9]].concat()),
            Some(header(&[0x80, 0x80, 0]))
        );
        assert_eq!(without_negative_nulls(&header(&[2])), None);
        assert_eq!(without_negative_nulls(&header(&[1])[..9]), None);
    }

    #[test]
    fn fields_with_numbers_in_full_are_read() {
        // type 2, 8 bytes, 7 compressed; dictionary header: 1000 values. Each number is in full.
        let long = [5, 2, 4, 5, 4, 16, 5, 6, 14, 12, 14, 5, 2, 0xd0, 0x0f, 0, 0];
        let header = PageHeader::read(&long).unwrap();
        assert!(header.is_dictionary());
        assert_eq!(
            (header.values, header.uncompressed_bytes(Compression::SNAPPY), header.bytes),
            (1000, 8, 17)
        );
        // A list of booleans in an unknown field.
        assert_eq!(PageHeader::read(&[0x15, 4, 0xf9, 0x21, 1, 1, 0]), None);
    }

    #[test]
    fn a_page_that_is_not_compressed_has_its_stored_size() {
        // A dictionary of 3 numbers in 12 bytes, which claims 1,000,000 or 0 bytes uncompressed.
        let header = |claimed: &[u8]| {
            [&[0x15, 4, 0x15][..], claimed, &[0x15, 24, 0x4c, 0x15, 6, 0x15, 0, 0, 0]].concat()
        };
        let limits = PageLimits { codec: Compression::UNCOMPRESSED, value_bytes: 4 };
        for (claimed, stored) in [(&[0x80, 0x89, 0x7a][..], &[0x98, 0x80, 0][..]), (&[0], &[24])] {
            let bytes = header(claimed);
            let read = PageHeader::read(&bytes).unwrap();
            assert_eq!(read.uncompressed_bytes(limits.codec), 12);
            assert_eq!(read.check(12, limits), Ok(()));
            assert!(read.check(12, PageLimits { value_bytes: 5, ..limits }).is_err());
            let corrected = read.corrected(&bytes, limits.codec).unwrap();
            assert_eq!(corrected, header(stored));
            let corrected = PageHeader::read(&corrected).unwrap();
            assert_eq!(corrected.uncompressed_bytes, 12);
            assert_eq!(corrected.corrected(&header(stored), limits.codec), None);
        }
        assert_eq!(PageHeader::read(&header(&[24])).unwrap().corrected(&[], limits.codec), None);
    }
}
