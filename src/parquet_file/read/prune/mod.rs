//! Pruning: skipping row groups and, by the page index, pages, by statistics and bloom filters of
//! the columns of a predicate.
//!
//! `statistics_validity` decides which statistics are believed. Bounds that still say nothing (NaN,
//! a minimum above the maximum, bytes that do not fit their type) are dropped in `bounds`, so that
//! pruning never changes an answer. `expression` decides what bounds mean for an expression.

mod bloom;
mod bounds;
mod page_bounds;
#[cfg(test)]
mod wrong_statistics_tests;

use crate::error::{Error, guard};
use crate::explain::Cause;
use crate::expression::{Absent, ColumnBounds, Predicate};
use crate::parquet_file::bloom_filter;
use crate::parquet_file::file::{ParquetFile, rows};
use crate::parquet_file::read::prune::bounds::{converter, trust, usable};
use crate::parquet_file::read::row_filter::PredicateColumn;
use crate::parquet_file::statistics_validity::NullCount;
use crate::schema::convert;
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use parquet::file::metadata::RowGroupMetaData;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use page_bounds::GAP_ROWS;
use page_bounds::PageBounds;

/// The rows of a row group that can satisfy a predicate, and why the others cannot.
pub(crate) struct Matching {
    pub(crate) rows: Vec<Range<usize>>,
    pub(crate) cause: Cause,
}

/// The means by which a row group may be pruned, besides its statistics.
#[derive(Clone, Copy)]
pub(crate) struct Details<'a> {
    /// Gaps of fewer rows than this are included.
    pub(crate) gap: usize,
    /// The size of the largest bloom filter that is read.
    pub(crate) filter_bytes: u64,
    /// Called before the page index is read; `None` if it is not.
    pub(crate) index: Option<&'a dyn Fn()>,
}

impl Details<'_> {
    /// Everything may be read.
    pub(crate) fn all(gap: usize) -> Self {
        Self { gap, filter_bytes: u64::MAX, index: Some(&|| {}) }
    }
}

/// The rows of a row group that can satisfy a predicate that its statistics do not decide. `bounds` are
/// those that [`bounds`] gives for the columns.
pub(crate) fn matching_rows(
    file: &ParquetFile,
    row_group: usize,
    (predicate, columns): (&Predicate, &[PredicateColumn]),
    mut bounds: Vec<ColumnBounds>,
    details: Details<'_>,
) -> Matching {
    for (column, bounds) in columns.iter().zip(&mut bounds) {
        bounds.absent = absent(file, row_group, column, details.filter_bytes);
    }
    if bounds.iter().any(|bounds| bounds.absent.is_some()) && !predicate.can_match(&bounds) {
        return Matching { rows: Vec::new(), cause: Cause::Bloom };
    }
    let all = rows(file.parquet().row_group(row_group)) as usize;
    let Some(before) = details.index else {
        return Matching { rows: std::iter::once(0..all).collect(), cause: Cause::PageIndex };
    };
    before();
    let pages = columns.iter().map(|column| {
        let PredicateColumn::Column(root, data_type) = column else { return None };
        let in_file = file.schema().field(*root).data_type();
        let leaf = plain_leaf(file, *root)?;
        let pages = PageBounds::read(file, row_group, leaf)?;
        if in_file == data_type { Some(pages) } else { pages.widened(data_type) }
    });
    let pages: Vec<Option<PageBounds>> = pages.collect();
    let rows = page_bounds::matching_rows(predicate, &bounds, &pages, all, details.gap);
    Matching { rows, cause: Cause::PageIndex }
}

/// Where the bloom filters are that are read to decide whether a row group can match. `bounds` are those
/// that [`bounds`] gives for the columns; filters larger than `filter_bytes` are not read.
pub(crate) fn filters(
    file: &ParquetFile,
    row_group: usize,
    (predicate, columns): (&Predicate, &[PredicateColumn]),
    mut bounds: Vec<ColumnBounds>,
    filter_bytes: u64,
) -> Vec<Range<u64>> {
    let mut filters = Vec::new();
    for (column, bounds) in columns.iter().zip(&mut bounds) {
        let PredicateColumn::Column(root, _) = column else { continue };
        let Some(leaf) = plain_leaf(file, *root) else { continue };
        if absent(file, row_group, column, filter_bytes).is_some() {
            let is_asked = Arc::new(AtomicBool::new(false));
            filters.push((leaf, Arc::clone(&is_asked)));
            bounds.absent = Some(Absent::new(move |_| {
                is_asked.store(true, Ordering::Relaxed);
                false
            }));
        }
    }
    if filters.is_empty() || !predicate.can_match(&bounds) {
        return Vec::new();
    }
    let is_asked = filters.iter().filter(|(_, is_asked)| is_asked.load(Ordering::Relaxed));
    let chunk = |leaf: usize| file.parquet().row_group(row_group).column(leaf);
    is_asked.filter_map(|(leaf, _)| bloom_filter::stated_range(chunk(*leaf))).collect()
}

/// The bounds of predicate columns in one row group, by its statistics.
pub(crate) fn bounds(
    file: &ParquetFile,
    row_group: usize,
    columns: &[PredicateColumn],
) -> Vec<ColumnBounds> {
    columns.iter().map(|column| column_bounds(file, row_group, column)).collect()
}

/// The bounds of a predicate column in one row group. Bounds of a widened column are widened with
/// it: that keeps their order, and a bound that does not fit is dropped.
fn column_bounds(file: &ParquetFile, number: usize, column: &PredicateColumn) -> ColumnBounds {
    let (root, data_type) = match column {
        PredicateColumn::Constant(constant) => {
            return constant.bounds(rows(file.parquet().row_group(number)));
        }
        PredicateColumn::Column(root, data_type) => (*root, data_type),
    };
    let bounds = bounds_in_file(file, number, root);
    if file.schema().field(root).data_type() == data_type {
        return bounds;
    }
    let wide = |bound: Option<ArrayRef>| convert(&bound?, data_type).ok();
    let (min, max) = (wide(bounds.min), wide(bounds.max));
    ColumnBounds { min, max, ..bounds }
}

/// The values that are absent from a predicate column in one row group, by its bloom filter.
fn absent(
    file: &ParquetFile,
    number: usize,
    column: &PredicateColumn,
    filter_bytes: u64,
) -> Option<Absent> {
    let PredicateColumn::Column(root, data_type) = column else { return None };
    // A filter contains values as they are in the file.
    let in_file = Some(file.schema().field(*root).data_type()).filter(|it| *it == data_type)?;
    bloom::absent(file, number, plain_leaf(file, *root)?, in_file, filter_bytes)
}

/// The leaf of a top-level column that is not nested.
fn plain_leaf(file: &ParquetFile, root: usize) -> Option<usize> {
    let is_nested = file.schema().field(root).data_type().is_nested();
    file.columns().plain_leaf(root).filter(|_| !is_nested)
}

/// The bounds of a top-level column in one row group. Nested columns have none.
fn bounds_in_file(file: &ParquetFile, number: usize, column: usize) -> ColumnBounds {
    let row_group = file.parquet().row_group(number);
    let rows = rows(row_group);
    let unknown = ColumnBounds { min: None, max: None, absent: None, null_count: None, rows };
    // All values of type null are read as null, whatever the file states.
    let has_values = *file.schema().field(column).data_type() != DataType::Null;
    let Some(leaf) = plain_leaf(file, column).filter(|_| has_values) else { return unknown };
    // The statistics of a damaged file may have any length; if they do not fit their type, nothing
    // is known.
    let bounds = guard("statistics", || {
        known(file, row_group, leaf, unknown.clone()).map_err(|e| Error::failed(e.to_string()))
    });
    bounds.unwrap_or(unknown)
}

fn known(
    file: &ParquetFile,
    row_group: &RowGroupMetaData,
    leaf: usize,
    unknown: ColumnBounds,
) -> parquet::errors::Result<ColumnBounds> {
    let converter = converter(file, leaf)?;
    // A required column has no nulls, even if nothing else is known of it.
    let is_required = row_group.column(leaf).column_descr().max_def_level() == 0;
    let none = is_required.then_some(0);
    let Some(stated) = row_group.column(leaf).statistics() else {
        return Ok(ColumnBounds { null_count: none, ..unknown });
    };
    let trust = trust(file, row_group, leaf);
    let has_bounds = stated.min_bytes_opt().is_some();
    let null_counts = converter.row_group_null_counts([row_group])?;
    let null_count = null_counts.iter().next().flatten().filter(|nulls| {
        let stated = NullCount { nulls: *nulls, values: unknown.rows, has_bounds };
        trust.null_count(stated).is_ok()
    });
    let bounds = ColumnBounds { null_count: null_count.or(none), ..unknown };
    if trust.bounds(stated).is_err() {
        return Ok(bounds);
    }
    let mins = converter.row_group_mins([row_group])?;
    let (min, max) = usable(&mins, &converter.row_group_maxes([row_group])?);
    Ok(ColumnBounds { min, max, ..bounds })
}
