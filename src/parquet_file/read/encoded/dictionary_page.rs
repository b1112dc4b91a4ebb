//! The size of the dictionary of a column chunk, from its page header only.
//!
//! Source: parquet.thrift, `PageHeader`. The size is only an estimate: nothing is lost if it differs
//! from what is read later.

use crate::io::{RangedBytes, read_at};
use crate::parquet_file::thrift::{CompactReader, Taken};
use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;

/// The size stated in the header of a dictionary page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DictionarySize {
    pub(crate) values: u64,
    /// Uncompressed.
    pub(crate) bytes: u64,
}

/// The size of the dictionary of a chunk, if it has one and states its size.
///
/// An estimate is worth no request: there is none if the header is not at hand.
pub(crate) fn dictionary_size(
    file: &dyn RangedBytes,
    chunk: &ColumnChunkMetaData,
) -> Option<DictionarySize> {
    let start = u64::try_from(chunk.dictionary_page_offset()?).ok()?;
    file.at_hand(start..start.saturating_add(1).min(file.size()))?;
    read_at(file, start, |bytes| read(bytes, chunk.compression())).ok()??
}

/// Whether the dictionary of a chunk claims more values than it has bytes, although no value takes
/// less than one byte: the `parquet` crate allocates memory for all claimed values before it reads
/// the first. `first_page` is the offset of the first page after a dictionary that is read, if it is
/// not that in the metadata.
pub(crate) fn claims_too_much(
    file: &dyn RangedBytes,
    chunk: &ColumnChunkMetaData,
    first_page: Option<u64>,
) -> bool {
    let place = |offset: i64| u64::try_from(offset).unwrap_or(u64::MAX);
    let data = first_page.unwrap_or_else(|| place(chunk.data_page_offset()));
    let starts = [chunk.dictionary_page_offset().map(place), Some(data)];
    starts.into_iter().flatten().any(|start| {
        let size = read_at(file, start, |bytes| read(bytes, chunk.compression()));
        size.ok().flatten().flatten().is_some_and(|size| {
            // The claimed size of compressed data is verified only when it is decompressed.
            let is_plain = chunk.compression() == Compression::UNCOMPRESSED;
            let rest = file.size().saturating_sub(start);
            size.values > if is_plain { size.bytes.min(rest) } else { size.bytes }
        })
    })
}

/// None for a header that is not complete, and no size in it for a page that is no dictionary.
fn read(header: &[u8], codec: Compression) -> Option<Option<DictionarySize>> {
    const UNCOMPRESSED_PAGE_SIZE: i64 = 2;
    const COMPRESSED_PAGE_SIZE: i64 = 3;
    const DICTIONARY_PAGE_HEADER: i64 = 7;
    const NUM_VALUES: i64 = 1;
    // A page that is not compressed has the bytes that it has in the file, whatever else it claims.
    let size = match codec {
        Compression::UNCOMPRESSED => COMPRESSED_PAGE_SIZE,
        _ => UNCOMPRESSED_PAGE_SIZE,
    };
    let (mut values, mut bytes) = (None, None);
    CompactReader::new(header).structure(|reader, field| {
        match field.id {
            id if id == size => bytes = Some(reader.count()?),
            DICTIONARY_PAGE_HEADER => reader.structure(|reader, field| {
                if field.id != NUM_VALUES {
                    return Some(Taken::No);
                }
                values = Some(reader.count()?);
                Some(Taken::Yes)
            })?,
            _ => return Some(Taken::No),
        }
        Some(Taken::Yes)
    })?;
    Some(values.zip(bytes).map(|(values, bytes)| DictionarySize { values, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_with_and_without_a_checksum() {
        // type 2, 8000 bytes, 500 compressed; dictionary header: 1000 values, plain.
        let plain =
            [0x15, 4, 0x15, 0x80, 0x7d, 0x15, 0xe8, 7, 0x4c, 0x15, 0xd0, 0x0f, 0x15, 0, 0, 0];
        let size = DictionarySize { values: 1000, bytes: 8000 };
        let read = |header: &[u8]| read(header, Compression::SNAPPY);
        assert_eq!(read(&plain), Some(Some(size)));
        let with_checksum = [
            0x15, 4, 0x15, 0x80, 0x7d, 0x15, 0xe8, 7, 0x15, 3, 0x3c, 0x15, 0xd0, 0x0f, 0x15, 0, 0,
            0,
        ];
        assert_eq!(read(&with_checksum), Some(Some(size)));
        for cut in 0..plain.len() {
            assert_eq!(read(&plain[..cut]), None, "{cut}");
        }
        assert_eq!(read(&[0xff; 40]), None);
    }
}
