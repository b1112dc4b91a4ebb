//! Pruning: skipping row groups and, by the page index, pages, by statistics and bloom filters of
//! the columns of a predicate.
//!
//! `trust` decides which statistics are believed. Bounds that still say nothing (NaN, a minimum
//! above the maximum, bytes that do not fit their type) are dropped here, so that pruning never
//! changes an answer. `expression` decides what bounds mean for an expression.

mod bloom;
mod page_bounds;
#[cfg(test)]
mod trust_tests;

use arrow::array::{Array, ArrayRef, AsArray, make_comparator};
use arrow::compute::SortOptions;
use arrow::compute::kernels::cast;
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::RowGroupMetaData;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, guard};
use crate::expression::{ColumnBounds, Predicate};
use crate::parquet_file::adapt::Asked;
use crate::parquet_file::file::{ParquetFile, rows};
use crate::parquet_file::trust::{ColumnTrust, NullCount};
use crate::parquet_file::writer_bugs::WriterBugs;
use crate::schema::convert;
pub(super) use page_bounds::GAP_ROWS;
use page_bounds::Pages;

/// The rows of a row group that can satisfy the predicate, as far as it is known without reading
/// them. `asked` gives the origins of its columns. Gaps of fewer rows than `gap` are included.
pub(in crate::parquet_file) fn matching_rows(
    file: &ParquetFile,
    row_group: usize,
    predicate: &Predicate,
    asked: &[Asked],
    gap: usize,
) -> Vec<Range<usize>> {
    let columns = asked.iter();
    let bounds: Vec<_> = columns.map(|column| bounds(file, row_group, column)).collect();
    if !predicate.can_match(&bounds) {
        return Vec::new();
    }
    let pages = asked.iter().map(|column| {
        let Asked::Column(root, data_type) = column else { return None };
        let in_file = file.schema().field(*root).data_type();
        let leaf = file.columns().plain_leaf(*root).filter(|_| !in_file.is_nested())?;
        let pages = Pages::read(file, row_group, leaf)?;
        if in_file == data_type { Some(pages) } else { pages.widened(data_type) }
    });
    let pages: Vec<Option<Pages>> = pages.collect();
    let all = rows(file.parquet().row_group(row_group)) as usize;
    page_bounds::matching_rows(predicate, &bounds, &pages, all, gap)
}

/// The bounds of a predicate column in one row group. Bounds of a widened column are widened with
/// it: that keeps their order, and a bound that does not fit is dropped.
fn bounds(file: &ParquetFile, number: usize, column: &Asked) -> ColumnBounds {
    let (root, data_type) = match column {
        Asked::Constant(constant) => {
            return constant.bounds(rows(file.parquet().row_group(number)));
        }
        Asked::Column(root, data_type) => (*root, data_type),
    };
    let bounds = bounds_in_file(file, number, root);
    if file.schema().field(root).data_type() == data_type {
        return bounds;
    }
    let wide = |bound: Option<ArrayRef>| convert(&bound?, data_type).ok();
    let (min, max) = (wide(bounds.min), wide(bounds.max));
    // A filter contains values as they are in the file.
    ColumnBounds { min, max, absent: None, ..bounds }
}

/// The bounds of a top-level column in one row group. Nested columns have none.
fn bounds_in_file(file: &ParquetFile, number: usize, column: usize) -> ColumnBounds {
    let row_group = file.parquet().row_group(number);
    let rows = rows(row_group);
    let unknown = ColumnBounds { min: None, max: None, absent: None, null_count: None, rows };
    let field = file.schema().field(column);
    if field.data_type().is_nested() {
        return unknown;
    }
    let Some(leaf) = file.columns().plain_leaf(column) else { return unknown };
    // The statistics of a damaged file may have any length; if they do not fit their type, nothing
    // is known.
    let bounds = guard("statistics", || {
        known(file, row_group, leaf, unknown.clone()).map_err(|e| Error::failed(e.to_string()))
    });
    let absent = bloom::absent(file, number, leaf, field.data_type());
    ColumnBounds { absent, ..bounds.unwrap_or(unknown) }
}

fn known(
    file: &ParquetFile,
    row_group: &RowGroupMetaData,
    leaf: usize,
    unknown: ColumnBounds,
) -> parquet::errors::Result<ColumnBounds> {
    let metadata = file.parquet().file_metadata();
    let root = metadata.schema_descr().get_column_root_idx(leaf);
    let field = file.schema().field(root);
    let converter = StatisticsConverter::from_column_index(leaf, field, metadata.schema_descr())?
        .with_missing_null_counts_as_zero(false)
        .with_column_orders(metadata.column_orders().map(Vec::as_slice));
    let Some(stated) = row_group.column(leaf).statistics() else { return Ok(unknown) };
    let trust = trust(file, row_group, leaf, field.data_type());
    let has_bounds = stated.min_bytes_opt().is_some();
    let null_counts = converter.row_group_null_counts([row_group])?;
    let null_count = null_counts.iter().next().flatten().filter(|nulls| {
        let stated = NullCount { nulls: *nulls, values: unknown.rows, has_bounds };
        trust.null_count(stated).is_ok()
    });
    let bounds = ColumnBounds { null_count, ..unknown };
    if trust.bounds(stated).is_err() {
        return Ok(bounds);
    }
    let min = minimum(&converter.row_group_mins([row_group])?);
    let max = maximum(&converter.row_group_maxes([row_group])?);
    let (min, max) = in_order(min, max);
    Ok(ColumnBounds { min, max, ..bounds })
}

/// Determines which statistics of a column with a single leaf are believed.
fn trust(
    file: &ParquetFile,
    row_group: &RowGroupMetaData,
    leaf: usize,
    data_type: &DataType,
) -> ColumnTrust {
    let metadata = file.parquet().file_metadata();
    let bugs = WriterBugs::of(metadata.created_by());
    let mut pairs = metadata.key_value_metadata().into_iter().flatten();
    let has_arrow_schema = pairs.any(|pair| pair.key == ARROW_SCHEMA_META_KEY);
    let is_dictionary = has_arrow_schema.then_some(matches!(data_type, DataType::Dictionary(..)));
    ColumnTrust::of(metadata, &bugs, row_group.column(leaf), leaf, is_dictionary)
}

/// The usable bounds among those that a file states. Both are dropped if the minimum is greater
/// than the maximum, which a writer may state if it compares values wrongly
/// (parquet-go/parquet-go#592), or if they cannot be compared. An empty maximum is dropped: some
/// writers mean "none" by it.
fn in_order(min: Option<ArrayRef>, max: Option<ArrayRef>) -> (Option<ArrayRef>, Option<ArrayRef>) {
    if let (Some(min), Some(max)) = (&min, &max) {
        let compare = make_comparator(min, max, SortOptions::default());
        if !compare.is_ok_and(|compare| compare(0, 0) != Ordering::Greater) {
            return (None, None);
        }
    }
    (min, max.filter(|max| !is_empty(max)))
}

/// A usable lower bound, if the array of one value holds one.
pub(super) fn minimum(bound: &ArrayRef) -> Option<ArrayRef> {
    believed(bound, -0.0)
}

/// A usable upper bound, if the array of one value holds one.
pub(super) fn maximum(bound: &ArrayRef) -> Option<ArrayRef> {
    believed(bound, 0.0)
}

fn is_empty(bound: &ArrayRef) -> bool {
    let is_bytes = matches!(
        bound.data_type(),
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::Dictionary(..)
    );
    let bytes = is_bytes.then(|| cast::cast(bound, &DataType::LargeBinary).ok()).flatten();
    bytes.is_some_and(|bytes| bytes.as_binary::<i64>().value(0).is_empty())
}

fn believed(bound: &ArrayRef, outer_zero: f64) -> Option<ArrayRef> {
    if bound.len() != 1 || bound.is_null(0) {
        return None;
    }
    if is_float(bound.data_type()) { float_bound(bound, outer_zero) } else { Some(bound.clone()) }
}

fn is_float(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_float(values),
        DataType::RunEndEncoded(_, values) => is_float(values.data_type()),
        other => other.is_floating(),
    }
}

/// A usable bound of a float column. NaN is not a bound: some writers let it into the statistics. A
/// zero of either sign may represent both zeros, so it is given the outer sign.
///
/// NaN may always occur, whatever the bounds: `expression` takes that into account.
fn float_bound(bound: &ArrayRef, outer_zero: f64) -> Option<ArrayRef> {
    let wide = cast::cast(bound, &DataType::Float64).ok()?;
    let value = wide.as_primitive::<Float64Type>().value(0);
    if value.is_nan() {
        return None;
    }
    if value == 0.0 {
        let zero: ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![outer_zero]));
        return cast::cast(&zero, bound.data_type()).ok();
    }
    Some(bound.clone())
}
