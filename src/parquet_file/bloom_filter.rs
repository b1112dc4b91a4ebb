//! The bloom filter of a column chunk, read from a file that may be damaged.

use super::thrift::is_bounded;
use crate::error::{Error, guard};
use bytes::Bytes;
use parquet::basic::Type as PhysicalType;
use parquet::bloom_filter::{BITSET_MAX_LENGTH, Sbbf};
use parquet::file::metadata::ColumnChunkMetaData;

/// Reads the filter of a chunk. Returns `None` if the chunk has none or a damaged one.
pub(crate) fn load(file: &Bytes, chunk: &ColumnChunkMetaData) -> Option<Sbbf> {
    let is_sane = |length: i32| (0..=BITSET_MAX_LENGTH as i64 + 64).contains(&i64::from(length));
    if !chunk.bloom_filter_length().is_none_or(is_sane) {
        return None;
    }
    let start = usize::try_from(chunk.bloom_filter_offset()?).ok()?;
    if !is_bounded(file.get(start..)?, None) {
        return None;
    }
    let filter = guard("bloom filter", || {
        Sbbf::read_from_column_chunk(chunk, file).map_err(|error| Error::failed(error.to_string()))
    });
    filter.ok().flatten().filter(|filter| filter.num_blocks() > 0)
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
