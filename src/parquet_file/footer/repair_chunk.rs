//! Repairs the column chunks of a footer: encodings and codecs of later versions of the format,
//! statistics that do not fit their type, and integers of the wrong width.

use super::fields::{self, repair_text};
use crate::parquet_file::thrift::{Structure, WireType, integer_list, structure_list};

/// Fields of `RowGroup`.
const COLUMNS: i64 = 1;
const SORTING_COLUMNS: i64 = 4;
/// Fields of `ColumnChunk`.
const FILE_PATH: i64 = 1;
const META_DATA: i64 = 3;
/// Fields of `ColumnMetaData`.
const ENCODINGS: i64 = 2;
const CODEC: i64 = 4;
const KEY_VALUES: i64 = 8;
const DICTIONARY_PAGE_OFFSET: i64 = 11;
const STATISTICS: i64 = 12;
const ENCODING_STATS: i64 = 13;
const SIZE_STATISTICS: i64 = 16;
const GEOSPATIAL_STATISTICS: i64 = 17;

/// Repairs a row group whose leaves have these physical types. Returns the leaves whose values
/// cannot be read, and why; `None` if the structure of the row group is damaged.
pub(crate) fn repair_row_group(
    row_group: &mut Structure<'_>,
    types: &[Option<i64>],
) -> Option<Vec<(usize, String)>> {
    fields::ROW_GROUP.keep_in(row_group);
    let columns = row_group.get(COLUMNS, WireType::LIST)?.to_vec();
    let mut chunks = structure_list(&columns)?;
    let mut unreadable = Vec::new();
    for (leaf, chunk) in chunks.iter_mut().enumerate() {
        fields::COLUMN_CHUNK.keep_in(chunk);
        repair_text(chunk, FILE_PATH);
        let Some(metadata) = chunk.get(META_DATA, WireType::STRUCT).map(<[u8]>::to_vec) else {
            continue;
        };
        let mut metadata = Structure::read(&metadata)?;
        if let Some(why) = repair_chunk(&mut metadata, types.get(leaf).copied().flatten()) {
            unreadable.push((leaf, why));
        }
        chunk.set(META_DATA, WireType::STRUCT, metadata.to_bytes());
    }
    let leaves = chunks.len() as i64;
    row_group.set_structures(COLUMNS, &chunks);
    let sorting = row_group.get(SORTING_COLUMNS, WireType::LIST).and_then(structure_list);
    let is_sane = |column: &Structure<'_>| {
        let mut column = column.clone();
        fields::SORTING_COLUMN.keep_in(&mut column);
        let leaf = column.integer(1);
        leaf.is_some_and(|leaf| (0..leaves).contains(&leaf)) && column.has(2) && column.has(3)
    };
    if sorting.is_none_or(|columns| !columns.iter().all(is_sane)) {
        row_group.remove(SORTING_COLUMNS);
    }
    Some(unreadable)
}

fn repair_chunk(chunk: &mut Structure<'_>, physical: Option<i64>) -> Option<String> {
    fields::COLUMN_META_DATA.keep_in(chunk);
    let encodings = chunk.get(ENCODINGS, WireType::LIST).and_then(integer_list).unwrap_or_default();
    let known: Vec<i64> = encodings.into_iter().filter(|code| is_encoding(*code)).collect();
    chunk.set_integers(ENCODINGS, &known);
    repair_statistics(chunk, physical);
    repair_encoding_stats(chunk);
    for field in [KEY_VALUES, SIZE_STATISTICS, GEOSPATIAL_STATISTICS] {
        chunk.remove(field);
    }
    // Old writers wrote 0, the offset of the file's magic, for "no dictionary".
    if chunk.integer(DICTIONARY_PAGE_OFFSET).is_none_or(|offset| offset <= 0) {
        chunk.remove(DICTIONARY_PAGE_OFFSET);
    }
    let codec = chunk.integer(CODEC)?;
    if (0..=7).contains(&codec) {
        return None;
    }
    chunk.set_integer(CODEC, WireType::I32, 0);
    Some(format!("it is compressed with codec {codec}, which this version does not support"))
}

/// Whether this is one of PLAIN to BYTE_STREAM_SPLIT; 1 was GROUP_VAR_INT and was never used.
fn is_encoding(code: i64) -> bool {
    matches!(code, 0 | 2..=9)
}

fn repair_encoding_stats(chunk: &mut Structure<'_>) {
    let stats = chunk.get(ENCODING_STATS, WireType::LIST).and_then(structure_list);
    let is_sane = |stat: &Structure<'_>| {
        stat.integer(1).is_some_and(|page| (0..=3).contains(&page))
            && stat.integer(2).is_some_and(is_encoding)
            && stat.has(3)
    };
    if stats.is_none_or(|stats| !stats.iter().all(is_sane)) {
        chunk.remove(ENCODING_STATS);
    }
}

/// Drops negative counts, and a min or max that is not a value of the physical type.
fn repair_statistics(chunk: &mut Structure<'_>, physical: Option<i64>) {
    const COUNTS: [i64; 3] = [3, 4, 9];
    const BOUNDS: [i64; 4] = [1, 2, 5, 6];
    let bytes = match physical {
        Some(0) => Some(1),
        Some(1 | 4) => Some(4),
        Some(2 | 5) => Some(8),
        Some(3) => Some(12),
        _ => None,
    };
    let statistics = chunk.get(STATISTICS, WireType::STRUCT).map(<[u8]>::to_vec);
    let Some(mut statistics) = statistics.as_deref().and_then(Structure::read) else {
        return chunk.remove(STATISTICS);
    };
    fields::STATISTICS.keep_in(&mut statistics);
    for count in COUNTS {
        if statistics.integer(count).is_none_or(|count| count < 0) {
            statistics.remove(count);
        }
    }
    let is_odd = |id: i64| {
        statistics.has(id)
            && statistics
                .binary(id)
                .is_none_or(|bound| bytes.is_some_and(|bytes| bound.len() != bytes))
    };
    if BOUNDS.into_iter().any(is_odd) {
        BOUNDS.into_iter().for_each(|bound| statistics.remove(bound));
    }
    let statistics = statistics.to_bytes();
    chunk.set(STATISTICS, WireType::STRUCT, statistics);
}
