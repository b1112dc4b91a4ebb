//! The bounds of pages in the page index, and the rows that can satisfy a predicate by them.
//!
//! The page index of a row group is read when it is needed: those of all row groups together may be
//! larger than the rest of the metadata. A damaged index is ignored.

use super::bounds::{converter, trust, usable};
use crate::error::{Error, guard};
use crate::expression::{ColumnBounds, Predicate};
use crate::parquet_file::cause::cause;
use crate::parquet_file::file::{ParquetFile, range_of, rows};
use crate::parquet_file::statistics_validity::{ColumnTrust, NullCount};
use crate::parquet_file::thrift::is_bounded;
use crate::schema::convert;
use arrow::array::{Array, ArrayRef, UInt64Array};
use arrow::datatypes::DataType;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::metadata::page_index::PageIndexProvider;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::index_reader::{decode_column_index, decode_offset_index};
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::statistics::Statistics;
use std::any::Any;
use std::collections::BTreeSet;
use std::ops::Range;

/// Gaps of fewer rows are not skipped: resuming after a gap costs every column the dictionary and
/// part of a page.
pub(crate) const GAP_ROWS: usize = 1 << 16;

/// The maximum number of pages whose bounds are compared. With more pages that costs more than it
/// is likely to save (the row group has 5 million rows, or the pages are useless for pruning).
const MOST_PAGES: usize = 4096;

/// The field of `ColumnIndex` that is a list of booleans.
const NULL_PAGES: i64 = 1;

/// The bounds of the pages of a column chunk.
pub(crate) struct PageBounds {
    /// The first row of each page, ascending from 0.
    starts: Vec<usize>,
    rows: usize,
    mins: ArrayRef,
    maxes: ArrayRef,
    null_counts: UInt64Array,
    trust: ColumnTrust,
}

impl PageBounds {
    /// Reads the page index of a leaf that is a top-level column, if there is one that can be
    /// believed.
    pub(crate) fn read(file: &ParquetFile, row_group: usize, leaf: usize) -> Option<Self> {
        guard("page index", || {
            try_read(file, row_group, leaf).map_err(|e| Error::failed(cause(&e)))
        })
        .ok()?
    }

    /// The same bounds for the widened column; `None` if one does not fit.
    pub(crate) fn widened(self, data_type: &DataType) -> Option<Self> {
        let mins = convert(&self.mins, data_type).ok()?;
        let maxes = convert(&self.maxes, data_type).ok()?;
        Some(Self { mins, maxes, ..self })
    }

    /// The bounds of the page that contains a row; those of the row group if the index has none.
    fn bounds(&self, row: usize, whole: &ColumnBounds) -> ColumnBounds {
        let page = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        let end = self.starts.get(page + 1).copied().unwrap_or(self.rows);
        let rows = (end - self.starts[page]) as u64;
        let nulls = self.null_counts.is_valid(page).then(|| self.null_counts.value(page));
        let (min, max) = usable(&self.mins.slice(page, 1), &self.maxes.slice(page, 1));
        let has_bounds = self.mins.is_valid(page) || self.maxes.is_valid(page);
        let is_believed = |nulls: &u64| {
            let stated = NullCount { nulls: *nulls, values: rows, has_bounds };
            self.trust.page_null_count(stated).is_ok()
        };
        ColumnBounds {
            min: min.or_else(|| whole.min.clone()),
            max: max.or_else(|| whole.max.clone()),
            absent: whole.absent.clone(),
            null_count: nulls.filter(is_believed),
            rows,
        }
    }
}

/// The rows that can satisfy the predicate. `whole` holds the bounds of the row group, `pages`
/// those of the pages, for each column. Gaps of fewer rows than `gap` are included.
pub(crate) fn matching_rows(
    predicate: &Predicate,
    whole: &[ColumnBounds],
    pages: &[Option<PageBounds>],
    all: usize,
    gap: usize,
) -> Vec<Range<usize>> {
    let starts: BTreeSet<usize> =
        pages.iter().flatten().flat_map(|pages| pages.starts.iter().copied()).collect();
    if starts.is_empty() || starts.len() > MOST_PAGES {
        return std::iter::once(0..all).collect();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(all));
    for (start, end) in starts.iter().copied().zip(ends) {
        let bounds = whole.iter().zip(pages).map(|(whole, pages)| match pages {
            Some(pages) => pages.bounds(start, whole),
            None => whole.clone(),
        });
        if !predicate.can_match(&bounds.collect::<Vec<_>>()) {
            continue;
        }
        match found.last_mut() {
            Some(last) if start - last.end < gap => last.end = end,
            _ => found.push(start..end),
        }
    }
    found
}

fn try_read(
    file: &ParquetFile,
    row_group: usize,
    leaf: usize,
) -> parquet::errors::Result<Option<PageBounds>> {
    let metadata = file.parquet().row_group(row_group);
    let (all, chunk) = (rows(metadata) as usize, metadata.column(leaf));
    let trust = trust(file, metadata, leaf);
    // The index has no older fields: its bounds count as those of current statistics.
    let current = Statistics::boolean(None, None, None, None, false);
    // The index is encrypted with its column.
    if trust.page_bounds(&current).is_err() || file.is_encrypted(row_group, leaf) {
        return Ok(None);
    }
    let Some(index) = Index::read(file, chunk)? else { return Ok(None) };
    let locations = index.offsets.page_locations().iter();
    let starts = locations.map(|page| usize::try_from(page.first_row_index).unwrap_or(usize::MAX));
    let starts: Vec<usize> = starts.collect();
    let ascend = starts.first() == Some(&0)
        && starts.is_sorted_by(|one, next| one < next)
        && starts.last().is_some_and(|last| *last < all);
    let converter = converter(file, leaf)?;
    let mins = converter.data_page_mins(&index, [&0])?;
    let maxes = converter.data_page_maxes(&index, [&0])?;
    let null_counts = converter.data_page_null_counts(&index, [&0])?;
    let pages = usize::try_from(index.bounds.num_pages()).ok();
    let agree = [pages, Some(mins.len()), Some(maxes.len()), Some(null_counts.len())]
        .iter()
        .all(|length| *length == Some(starts.len()));
    let known = PageBounds { starts, rows: all, mins, maxes, null_counts, trust };
    Ok((ascend && agree).then_some(known))
}

/// The page index of one column chunk, returned for every row group and column.
#[derive(Debug)]
struct Index {
    bounds: ColumnIndexMetaData,
    offsets: OffsetIndexMetaData,
}

impl Index {
    fn read(
        file: &ParquetFile,
        chunk: &ColumnChunkMetaData,
    ) -> parquet::errors::Result<Option<Self>> {
        let at = |offset: Option<i64>, length: Option<i32>| {
            file.bytes().read(range_of(offset?, length?.into())?).ok()
        };
        let bounds = at(chunk.column_index_offset(), chunk.column_index_length());
        let Some(bounds) = bounds else { return Ok(None) };
        let offsets = at(chunk.offset_index_offset(), chunk.offset_index_length());
        let Some(offsets) = offsets else { return Ok(None) };
        if !is_bounded(&bounds, Some(NULL_PAGES)) || !is_bounded(&offsets, None) {
            return Ok(None);
        }
        Ok(Some(Self {
            bounds: decode_column_index(&bounds, chunk.column_type())?,
            offsets: decode_offset_index(&offsets)?,
        }))
    }
}

impl PageIndexProvider for Index {
    fn has_offset_indexes(&self) -> bool {
        true
    }

    fn has_column_indexes(&self) -> bool {
        true
    }

    fn column_index(&self, _row_group: usize, _column: usize) -> Option<&ColumnIndexMetaData> {
        Some(&self.bounds)
    }

    fn offset_index(&self, _row_group: usize, _column: usize) -> Option<&OffsetIndexMetaData> {
        Some(&self.offsets)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
