//! The size of the rows of a row group in memory, estimated before they are decoded.

use super::decode::Decoder;
use super::source::{OpenFile, RowRange, Selected};
use crate::error::{Error, guard};
use crate::io::read_at;
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::page_check::Decoding;
use crate::parquet_file::page_header::PageHeader;
use crate::parquet_file::row_values::decoded_bytes;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use parquet::basic::Type as PhysicalType;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use std::ops::Range;

/// The number of rows decoded as a sample. It is small enough that values of the size of a
/// dictionary page (usually 1 MiB) take a hundred MiB at most.
const PROBE_ROWS: usize = 100;

/// A column chunk whose values would take less than this in total, if every row held the largest,
/// makes no batch too large.
const SMALL_BYTES: usize = 2 << 20;

/// A batch may be this much larger than usual if every row holds the largest value of a dictionary:
/// 256 MiB.
const MOST_BATCH_FACTOR: usize = 128;

/// Values of this size make no batch larger than that.
const SMALL_VALUE_BYTES: u64 = 4 << 10;

/// A chunk of no more bytes than this is fetched as a whole for its dictionary: at 100 MB/s, they take
/// a fiftieth of a round trip of 30 ms.
const SMALL_CHUNK_BYTES: u64 = 64 << 10;

/// The approximate size of a row in bytes.
#[derive(Debug, Default)]
pub(crate) struct RowSize {
    pub(crate) bytes: usize,
    /// The bytes of its largest leaf column.
    pub(crate) largest_column_bytes: usize,
    /// Whether a column has several values per row.
    pub(crate) is_repeated: bool,
}

/// The size of a row with all columns that are read: predicate columns are decoded too, whether
/// they are output or not. Dictionary-encoded text, whose size the footer does not state, is
/// sampled.
pub(crate) fn of(range: &RowRange) -> RowSize {
    let (source, row_group) = (&range.source, range.row_group);
    let metadata = source.file.parquet().row_group(row_group);
    let mut size = RowSize::default();
    for leaf in &*range.leaves {
        let chunk = metadata.column(*leaf);
        let mut bytes = stored_row_bytes(chunk, crate::parquet_file::file::rows(metadata));
        if hides_its_size(chunk, range.rows.len()) {
            bytes = bytes.saturating_add(hidden_row_bytes(range, *leaf));
        }
        let largest = largest_in_dictionary(source, row_group, *leaf).unwrap_or(0);
        bytes = bytes.max(largest / MOST_BATCH_FACTOR);
        size.bytes = size.bytes.saturating_add(bytes);
        size.largest_column_bytes = size.largest_column_bytes.max(bytes);
        size.is_repeated |= chunk.column_descr().max_rep_level() > 0;
    }
    size
}

/// The part of a chunk that is read to know the size of its rows, if the file must be fetched: the
/// dictionary, or all of a small chunk. The rest is needed only if rows match.
pub(crate) fn sampled_bytes(
    source: &OpenFile,
    row_group: usize,
    leaf: usize,
) -> Option<Range<u64>> {
    let chunk = source.file.parquet().row_group(row_group).column(leaf);
    if !source.file.bytes().fetches() || chunk.column_type() != PhysicalType::BYTE_ARRAY {
        return None;
    }
    let start = u64::try_from(chunk.dictionary_page_offset()?).ok().filter(|start| *start > 0)?;
    let (first, bytes) = chunk.byte_range();
    let end = first.saturating_add(bytes);
    let pages = u64::try_from(chunk.data_page_offset()).ok()?;
    let is_small = bytes <= SMALL_CHUNK_BYTES;
    (start == first && start < pages).then(|| start..if is_small { end } else { pages.min(end) })
}

/// The size of the largest value in the dictionary of a chunk of text, if it matters: each row may
/// hold that value, although the first rows do not.
fn largest_in_dictionary(source: &OpenFile, row_group: usize, leaf: usize) -> Option<usize> {
    let file = &source.file;
    let chunk = file.parquet().row_group(row_group).column(leaf);
    if chunk.column_type() != PhysicalType::BYTE_ARRAY || file.is_encrypted(row_group, leaf) {
        return None;
    }
    let start = chunk.dictionary_page_offset().filter(|start| *start > 0);
    // A dictionary that the footer does not mention is not worth a request: the first page may be one
    // that is not fetched.
    if start.is_none() && file.bytes().fetches() {
        return None;
    }
    let start = u64::try_from(start.unwrap_or(chunk.data_page_offset())).ok()?;
    let header = read_at(&**file.bytes(), start, |bytes| PageHeader::read(bytes)).ok()??;
    if header.most_text_bytes(chunk.compression()) <= SMALL_VALUE_BYTES {
        return None;
    }
    let decoding = Decoding { skips: false, batch_rows: 1, first_page: None };
    let page = guard("dictionary", || {
        let pages = ChunkPages::open(file, &source.pages, row_group, leaf, decoding);
        let page = pages.and_then(|mut pages| pages.get_next_page());
        page.map_err(|error| Error::failed(error.to_string()))
    });
    let Ok(Some(Page::DictionaryPage { buf, .. })) = page else { return None };
    let (mut rest, mut largest) = (&buf[..], 0);
    while let Some((length, values)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some(others) = values.get(length..) else { break };
        (rest, largest) = (others, length.max(largest));
    }
    Some(largest)
}

/// Whether the values of a chunk may be many times larger than it states: dictionary-encoded text
/// in a file whose writer did not record its size. No value is larger than the whole dictionary.
fn hides_its_size(chunk: &ColumnChunkMetaData, rows: usize) -> bool {
    let most_bytes = usize::try_from(chunk.uncompressed_size()).unwrap_or(usize::MAX);
    chunk.column_type() == PhysicalType::BYTE_ARRAY
        && chunk.dictionary_page_offset().is_some()
        && chunk.unencoded_byte_array_data_bytes().is_none()
        && most_bytes.saturating_mul(rows) > SMALL_BYTES
}

/// The bytes of text per row, estimated from the first rows. Decoding errors are ignored here and
/// reported when the rows are read.
fn hidden_row_bytes(range: &RowRange, leaf: usize) -> usize {
    let count = range.rows.len().min(PROBE_ROWS);
    let probed = range.rows.start..range.rows.start + count;
    let range = RowRange { rows: probed, batch_rows: count, fetched: None, ..range.clone() };
    let batch = range
        .source
        .file
        .columns()
        .leaf_reader(leaf)
        .and_then(|column| Decoder::start(&range, &column, &Selected::All, count)?.next());
    batch.map_or(0, |batch| batch.columns().iter().map(text_bytes).sum::<usize>() / count)
}

/// The bytes of the values if each is stored separately.
fn text_bytes(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().lengths().map(|bytes| bytes as usize).sum(),
        DataType::BinaryView => column.as_binary_view().lengths().map(|bytes| bytes as usize).sum(),
        // A dictionary value is no larger for being used often.
        DataType::Dictionary(_, _) => 0,
        _ => column.get_array_memory_size(),
    }
}

/// The approximate size of a decoded row in bytes: the width of its type, or the size in the footer
/// if that is larger.
fn stored_row_bytes(chunk: &ColumnChunkMetaData, rows: u64) -> usize {
    let text_bytes = chunk.unencoded_byte_array_data_bytes().unwrap_or(0);
    let bytes = chunk.uncompressed_size().max(text_bytes);
    let stored = bytes.unsigned_abs() / rows.max(1);
    // A run of levels is many values of a few bytes.
    let values = chunk.num_values().unsigned_abs().div_ceil(rows.max(1)).max(1);
    let width = decoded_bytes(chunk).saturating_mul(usize::try_from(values).unwrap_or(usize::MAX));
    usize::try_from(stored).unwrap_or(usize::MAX).max(width)
}
