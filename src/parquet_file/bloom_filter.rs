//! The bloom filter of a column chunk, read from a file that may be damaged.

use super::file::range_of;
use super::thrift::{CompactReader, Taken, is_bounded};
use crate::error::{Error, guard};
use crate::io::{RangedBytes, read_at};
use bytes::Bytes;
use bytes::buf::Reader;
use parquet::basic::Type as PhysicalType;
use parquet::bloom_filter::{BITSET_MAX_LENGTH, Sbbf};
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::ops::Range;

/// The largest header of a bloom filter: five small fields, of which one is a number.
const MOST_HEADER_BYTES: u64 = 64;

/// Reads the filter of a chunk. Returns `None` if the chunk has none or a damaged one.
pub(crate) fn load(file: &dyn RangedBytes, chunk: &ColumnChunkMetaData) -> Option<Sbbf> {
    let range = range(file, chunk)?;
    let bytes = file.read(range.clone()).ok()?;
    if !is_bounded(&bytes, None) {
        return None;
    }
    let filter = guard("bloom filter", || {
        let filter = Filter { start: range.start, bytes };
        Sbbf::read_from_column_chunk(chunk, &filter)
            .map_err(|error| Error::failed(error.to_string()))
    });
    filter.ok().flatten().filter(|filter| filter.num_blocks() > 0)
}

/// The bytes of the filter of a chunk with its header, and some more if only the header states their
/// number.
fn range(file: &dyn RangedBytes, chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(chunk.bloom_filter_offset()?).ok()?;
    let is_sane = |length: &u64| *length <= BITSET_MAX_LENGTH as u64 + MOST_HEADER_BYTES;
    let length = match chunk.bloom_filter_length() {
        Some(length) => u64::try_from(length).ok().filter(is_sane)?,
        None => {
            let stated = read_at(file, start, |bytes| stored_bytes(bytes)).ok()?.filter(is_sane)?;
            // The crate first reads as much as the largest header.
            stated.saturating_add(MOST_HEADER_BYTES)
        }
    };
    Some(start..start.checked_add(length)?.min(file.size()))
}

/// The size of a bloom filter with its header, from that header (`BloomFilterHeader`, field
/// `numBytes`): older footers only give its offset.
pub(crate) fn stored_bytes(bytes: &[u8]) -> Option<u64> {
    let mut bitset_bytes = None;
    let mut reader = CompactReader::new(bytes);
    reader.structure(|reader, head| {
        if head.id != 1 {
            return Some(Taken::No);
        }
        bitset_bytes = Some(reader.count()?);
        Some(Taken::Yes)
    })?;
    bitset_bytes?.checked_add(reader.place() as u64)
}

/// Where the filter of a chunk is, if the footer states its size.
pub(crate) fn stated_range(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    range_of(chunk.bloom_filter_offset()?, chunk.bloom_filter_length()?.into())
}

/// The bytes of a filter, at their place in the file, for the `parquet` crate.
struct Filter {
    start: u64,
    bytes: Bytes,
}

impl Length for Filter {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Filter {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.bytes.get_read(start.saturating_sub(self.start))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.bytes.get_bytes(start.saturating_sub(self.start), length)
    }
}

/// Whether a value with these stored bytes may be in the chunk. True if the filter is damaged.
pub(crate) fn may_contain(filter: &Sbbf, stored: &[u8]) -> bool {
    guard("bloom filter", || Ok(filter.check(stored))) != Ok(false)
}

/// The stored bytes of an integer in a column of 32 or 64 bits. Returns `None` if it does not fit.
/// Signed and unsigned integers have the same bits, so both ranges are accepted.
pub(crate) fn stored_integer(number: i128, physical: PhysicalType) -> Option<Vec<u8>> {
    let bytes = if physical == PhysicalType::INT32 { 4 } else { 8 };
    let range = -(1_i128 << (8 * bytes - 1))..1_i128 << (8 * bytes);
    range.contains(&number).then(|| number.to_le_bytes()[..bytes].to_vec())
}
