//! How large the rows of a row group are in memory, before they are decoded.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::ColumnChunkMetaData;
use std::ops::Range;
use std::sync::Arc;

use super::decode::{Decoder, Run, Selected, Source};

/// So many rows show how large rows are: few enough for values of a dictionary page's size (1 MiB by
/// custom) to take a hundred MiB at most.
const PROBE_ROWS: usize = 100;

/// A column chunk whose values together are smaller than this, if all rows held the largest, makes no
/// batch too large.
const SMALL_BYTES: usize = 2 << 20;

/// About how many bytes a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowSize {
    pub(super) bytes: usize,
    /// Those of its largest leaf column.
    pub(super) largest_column_bytes: usize,
    /// Whether a column has several values in a row.
    pub(super) is_repeated: bool,
}

/// The size of a row with all columns that are read: what a predicate reads is decoded too, whether
/// it comes out or not. Text behind a dictionary, whose size the footer does not tell, is probed.
pub(super) fn of(source: &Arc<Source>, row_group: usize, rows: &Range<usize>) -> RowSize {
    let metadata = source.file.parquet().row_group(row_group);
    let sizes = source.read.iter().map(|leaf| {
        let chunk = metadata.column(*leaf);
        let hidden = match hides_its_size(chunk, rows.len()) {
            true => hidden_row_bytes(source, row_group, rows, *leaf),
            false => 0,
        };
        stored_row_bytes(chunk, super::file::rows(metadata)).saturating_add(hidden)
    });
    let mut size = RowSize { bytes: 0, largest_column_bytes: 0, is_repeated: false };
    for bytes in sizes {
        size.bytes = size.bytes.saturating_add(bytes);
        size.largest_column_bytes = size.largest_column_bytes.max(bytes);
    }
    let repeats = |leaf: &usize| metadata.column(*leaf).column_descr().max_rep_level() > 0;
    RowSize { is_repeated: source.read.iter().any(repeats), ..size }
}

/// Whether a chunk's values may be many times larger than it says: text behind a dictionary, in a
/// file whose writer did not note its size. No value is larger than all values of the dictionary.
fn hides_its_size(chunk: &ColumnChunkMetaData, rows: usize) -> bool {
    let most_bytes = usize::try_from(chunk.uncompressed_size()).unwrap_or(usize::MAX);
    chunk.column_type() == PhysicalType::BYTE_ARRAY
        && chunk.dictionary_page_offset().is_some()
        && chunk.unencoded_byte_array_data_bytes().is_none()
        && SMALL_BYTES < most_bytes.saturating_mul(rows)
}

/// The bytes of text in a row, as the first rows show them. Where they cannot be decoded, whoever
/// reads them in their turn will say so.
fn hidden_row_bytes(
    source: &Arc<Source>,
    row_group: usize,
    rows: &Range<usize>,
    leaf: usize,
) -> usize {
    let count = rows.len().min(PROBE_ROWS);
    let probed = rows.start..rows.start + count;
    let run =
        Run { source: source.clone(), row_group, rows: probed, batch_rows: count, batch_bytes: 0 };
    let batch = source
        .file
        .columns()
        .leaf_reader(leaf)
        .and_then(|column| Decoder::start(&run, &column, &Selected::All, count)?.next());
    batch.map_or(0, |batch| batch.columns().iter().map(text_bytes).sum::<usize>() / count)
}

/// What the values take, as if each were held on its own.
fn text_bytes(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().lengths().map(|bytes| bytes as usize).sum(),
        DataType::BinaryView => column.as_binary_view().lengths().map(|bytes| bytes as usize).sum(),
        // A value that is there once is no larger for being used often.
        DataType::Dictionary(_, _) => 0,
        _ => column.get_array_memory_size(),
    }
}

/// About how many bytes a decoded row takes: the width of its type, or what the footer says where
/// that is more.
fn stored_row_bytes(chunk: &ColumnChunkMetaData, rows: u64) -> usize {
    let text_bytes = chunk.unencoded_byte_array_data_bytes().unwrap_or(0);
    let bytes = chunk.uncompressed_size().max(text_bytes);
    let stored = bytes.unsigned_abs() / rows.max(1);
    let width = match chunk.column_type() {
        PhysicalType::BOOLEAN => 1,
        PhysicalType::INT32 | PhysicalType::FLOAT => 4,
        // A view, or an offset and a short string.
        PhysicalType::BYTE_ARRAY => 16,
        PhysicalType::INT64 | PhysicalType::DOUBLE | PhysicalType::INT96 => 8,
        PhysicalType::FIXED_LEN_BYTE_ARRAY => {
            usize::try_from(chunk.column_descr().type_length()).unwrap_or(16)
        }
    };
    usize::try_from(stored).unwrap_or(usize::MAX).max(width)
}
