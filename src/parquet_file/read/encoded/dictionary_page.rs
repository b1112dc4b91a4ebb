//! The size of the dictionary of a column chunk, from its page header only.
//!
//! Source: parquet.thrift, `PageHeader`, in Thrift's compact protocol. The size is only an
//! estimate: nothing is lost if it differs from what is read later.

use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;

/// The size stated in the header of a dictionary page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DictionarySize {
    pub(crate) values: u64,
    /// Uncompressed.
    pub(crate) bytes: u64,
}

/// Type tags of the protocol.
const INTEGERS: std::ops::RangeInclusive<u8> = 4..=6;
const STRUCT: u8 = 12;

/// The size of the dictionary of a chunk, if it has one and states its size.
pub(crate) fn dictionary_size(file: &[u8], chunk: &ColumnChunkMetaData) -> Option<DictionarySize> {
    let start = usize::try_from(chunk.dictionary_page_offset()?).ok()?;
    read(file.get(start..)?)
}

/// Whether the dictionary of a chunk claims more values than it has bytes, although no value takes
/// less than one byte: the `parquet` crate allocates memory for all claimed values before it reads
/// the first.
pub(crate) fn claims_too_much(file: &[u8], chunk: &ColumnChunkMetaData) -> bool {
    let starts = [chunk.dictionary_page_offset(), Some(chunk.data_page_offset())];
    starts.into_iter().flatten().any(|start| {
        let page = usize::try_from(start).ok().and_then(|start| file.get(start..));
        page.and_then(|page| Some((page.len() as u64, read(page)?))).is_some_and(|(rest, size)| {
            // The claimed size of compressed data is verified only when it is decompressed.
            let is_plain = chunk.compression() == Compression::UNCOMPRESSED;
            size.values > if is_plain { size.bytes.min(rest) } else { size.bytes }
        })
    })
}

fn read(mut bytes: &[u8]) -> Option<DictionarySize> {
    const UNCOMPRESSED_SIZE: u8 = 2;
    const DICTIONARY_HEADER: u8 = 7;
    const NUM_VALUES: u8 = 1;
    let (mut field, mut size) = (0_u8, None);
    loop {
        let (kind, delta) = head(&mut bytes)?;
        field = field.checked_add(delta)?;
        match (field, kind) {
            (DICTIONARY_HEADER, STRUCT) => {
                let (kind, NUM_VALUES) = head(&mut bytes)? else { return None };
                let values = INTEGERS.contains(&kind).then(|| integer(&mut bytes)).flatten()?;
                return size.map(|bytes| DictionarySize { values, bytes });
            }
            (UNCOMPRESSED_SIZE, kind) if INTEGERS.contains(&kind) => {
                size = Some(integer(&mut bytes)?);
            }
            (_, kind) if INTEGERS.contains(&kind) => {
                integer(&mut bytes)?;
            }
            // The header of another page, or not a header.
            _ => return None,
        }
    }
}

/// The type of a field, and the difference between its number and that of the previous field.
fn head(bytes: &mut &[u8]) -> Option<(u8, u8)> {
    let (head, rest) = bytes.split_first()?;
    *bytes = rest;
    Some((head & 0x0f, head >> 4)).filter(|(_, delta)| *delta != 0)
}

/// An integer as a zigzag varint, whose lowest bit is its sign. The integers read here are not
/// negative.
fn integer(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value >> 1);
        }
    }
    None
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
        assert_eq!(read(&plain), Some(size));
        let with_checksum = [
            0x15, 4, 0x15, 0x80, 0x7d, 0x15, 0xe8, 7, 0x15, 3, 0x3c, 0x15, 0xd0, 0x0f, 0x15, 0, 0,
            0,
        ];
        assert_eq!(read(&with_checksum), Some(size));
        for cut in 0..11 {
            assert_eq!(read(&plain[..cut]), None, "{cut}");
        }
        assert_eq!(read(&[0xff; 40]), None);
    }
}
