//! The footer of a Parquet file: its counts, and the ranges of the file that it points to.

use super::fault::{Faults, Kind, Place};
use crate::inspect::page_chunk::first_page;
use crate::inspect::parquet::file_path;
use crate::parquet_file::bloom_filter;
use crate::parquet_file::footer;
use crate::parquet_file::writer_bugs::chunk_size_lacks_dictionary_header;
use crate::text::{count, escaped};
use bytes::Bytes;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use std::ops::Range;

/// The length of the magic, before which nothing begins.
const MAGIC_BYTES: usize = footer::MAGIC.len();

/// Checks the counts and the ranges.
pub(super) fn check(file: &Bytes, footer_start: usize, metadata: &ParquetMetaData) -> Faults {
    let mut faults = Faults::default();
    check_counts(metadata, &mut faults);
    check_ranges(file, footer_start, metadata, &mut faults);
    faults
}

fn check_counts(metadata: &ParquetMetaData, faults: &mut Faults) {
    let file = metadata.file_metadata();
    let leaves = file.schema_descr().num_columns();
    let mut sum: i128 = 0;
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        let (place, rows) = (Place::row_group(number), row_group.num_rows());
        sum += i128::from(rows);
        if rows < 0 {
            faults.add(Kind::Count, place.clone(), format!("it claims to have {rows} rows"));
        }
        if row_group.num_columns() != leaves {
            let columns = row_group.num_columns();
            let what = format!("it has {columns} columns, but the schema has {leaves}");
            faults.add(Kind::Count, place, what);
            continue;
        }
        for chunk in row_group.columns() {
            let (values, column) = (chunk.num_values(), chunk.column_descr());
            let place = || Place::row_group(number).column(&chunk.column_path().string());
            if values < 0 {
                let what = format!("it claims to have {values} values");
                faults.add(Kind::Count, place(), what);
            } else if values < rows || (column.max_rep_level() == 0 && values != rows) {
                let what = format!("it has {values} values, but the row group has {rows} rows");
                faults.add(Kind::Count, place(), what);
            }
        }
    }
    if sum != i128::from(file.num_rows()) {
        let what =
            format!("it counts {} rows, but the row groups have {sum} together", file.num_rows());
        faults.add(Kind::Count, Place::part("footer"), what);
    }
}

/// A part of the file that the footer points to.
struct Part {
    range: Range<usize>,
    place: Place,
    /// Whether its end is not certain, so that the next part may begin before it.
    may_overlap: bool,
}

fn check_ranges(file: &Bytes, end: usize, metadata: &ParquetMetaData, faults: &mut Faults) {
    let may_overlap = chunk_size_lacks_dictionary_header(metadata.file_metadata().created_by());
    let mut parts = Vec::new();
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        for chunk in row_group.columns() {
            if file_path(chunk).is_some() {
                continue;
            }
            let column = Place::row_group(number).column(&chunk.column_path().string());
            for (part, range) in ranges(file, chunk) {
                let place = Place { part, ..column.clone() };
                match range.filter(|range| MAGIC_BYTES <= range.start && range.end <= end) {
                    Some(range) if range.is_empty() => {}
                    Some(range) => parts.push(Part { range, place, may_overlap }),
                    // Chunks without values need no pages, and some writers give them no offset.
                    None if part.is_none() && chunk.num_values() == 0 => {}
                    None => faults.add(Kind::Structure, place, "it is outside the file"),
                }
            }
        }
    }
    check_overlaps(parts, faults);
}

/// The pages, the page index and the bloom filter of a chunk; the range is none if the numbers are
/// impossible.
fn ranges(
    file: &Bytes,
    chunk: &ColumnChunkMetaData,
) -> Vec<(Option<&'static str>, Option<Range<usize>>)> {
    let at = |offset: i64, length: i64| {
        let start = usize::try_from(offset).ok()?;
        Some(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let pages = first_page(chunk).and_then(|start| at(start as i64, chunk.compressed_size()));
    let mut found = vec![(None, pages)];
    let mut add = |part, offset: Option<i64>, length: Option<i64>| {
        if let Some(offset) = offset {
            found.push((Some(part), length.and_then(|length| at(offset, length))));
        }
    };
    let (offset, length) = (chunk.offset_index_offset(), chunk.offset_index_length());
    add("offset index", offset, length.map(i64::from));
    let (offset, length) = (chunk.column_index_offset(), chunk.column_index_length());
    add("column index", offset, length.map(i64::from));
    // Older footers give only the offset of a bloom filter.
    let header = || {
        let start = usize::try_from(chunk.bloom_filter_offset()?).ok()?;
        i64::try_from(bloom_filter::stored_bytes(file.get(start..)?)?).ok()
    };
    let length = chunk.bloom_filter_length().map(i64::from).or_else(header);
    add("bloom filter", chunk.bloom_filter_offset(), length);
    found
}

fn check_overlaps(mut parts: Vec<Part>, faults: &mut Faults) {
    parts.sort_by_key(|part| (part.range.start, part.range.end));
    let mut last: Option<&Part> = None;
    for part in &parts {
        if let Some(last) = last.filter(|last| part.range.start < last.range.end)
            && !last.may_overlap
        {
            let bytes = last.range.end.min(part.range.end) - part.range.start;
            let what = format!("{} of its bytes are also in {}", count(bytes as u64), last.place);
            faults.add(Kind::Structure, part.place.clone(), what);
        }
        if last.is_none_or(|last| last.range.end < part.range.end) {
            last = Some(part);
        }
    }
}

/// The column chunks that are in other files, as in a `_metadata` file: they are not verified.
pub(super) fn is_elsewhere(chunk: &ColumnChunkMetaData) -> bool {
    file_path(chunk).is_some()
}

/// The columns whose values cannot be read, and why.
pub(super) fn unverified(name: &str, why: &str) -> (Place, String) {
    let place = Place { column: Some(name.to_owned()), ..Place::default() };
    (place, format!("it cannot be verified: {}", escaped(why)))
}
