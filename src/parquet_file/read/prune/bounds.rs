//! Bounds from statistics, as far as they can be believed.

use crate::parquet_file::file::ParquetFile;
use crate::parquet_file::statistics_validity::ColumnTrust;
use crate::parquet_file::writer_bugs::WriterBugs;
use crate::schema::plain_type;
use arrow::array::{Array, ArrayRef, AsArray, make_comparator};
use arrow::compute::SortOptions;
use arrow::compute::kernels::cast;
use arrow::datatypes::{DataType, Field, Float64Type};
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::RowGroupMetaData;
use std::cmp::Ordering;
use std::sync::Arc;

/// Determines which statistics of a column with a single leaf are believed.
pub(crate) fn trust(file: &ParquetFile, row_group: &RowGroupMetaData, leaf: usize) -> ColumnTrust {
    let metadata = file.parquet().file_metadata();
    let bugs = WriterBugs::of(metadata.created_by());
    let mut pairs = metadata.key_value_metadata().into_iter().flatten();
    let has_arrow_schema = pairs.any(|pair| pair.key == ARROW_SCHEMA_META_KEY);
    let is_dictionary = matches!(field_of(file, leaf).data_type(), DataType::Dictionary(..));
    let is_dictionary = has_arrow_schema.then_some(is_dictionary);
    ColumnTrust::of(metadata, &bugs, row_group.column(leaf), leaf, is_dictionary)
}

/// The top-level column to which a leaf belongs.
fn field_of(file: &ParquetFile, leaf: usize) -> &Field {
    let described = file.parquet().file_metadata().schema_descr();
    file.schema().field(described.get_column_root_idx(leaf))
}

/// A reader of the bounds of a column with a single leaf.
///
/// # Errors
/// A column that the `parquet` crate has no statistics for.
pub(crate) fn converter(
    file: &ParquetFile,
    leaf: usize,
) -> parquet::errors::Result<StatisticsConverter<'_>> {
    let metadata = file.parquet().file_metadata();
    let (field, described) = (field_of(file, leaf), metadata.schema_descr());
    Ok(StatisticsConverter::from_column_index(leaf, field, described)?
        .with_missing_null_counts_as_zero(false)
        .with_column_orders(metadata.column_orders().map(Vec::as_slice)))
}

/// The usable bounds among those that a file states, each in an array of one value. Both are
/// dropped if the minimum is greater than the maximum, which a writer may state if it compares
/// values wrongly (parquet-go/parquet-go#592), or if they cannot be compared. An empty maximum is
/// dropped: some writers mean "none" by it.
pub(crate) fn usable(min: &ArrayRef, max: &ArrayRef) -> (Option<ArrayRef>, Option<ArrayRef>) {
    let (min, max) = (believed(min, -0.0), believed(max, 0.0));
    if let (Some(min), Some(max)) = (&min, &max) {
        let compare = make_comparator(min, max, SortOptions::default());
        if !compare.is_ok_and(|compare| compare(0, 0) != Ordering::Greater) {
            return (None, None);
        }
    }
    (min, max.filter(|max| !is_empty(max)))
}

/// Whether values of the type are text or bytes of any length.
pub(crate) fn is_bytes(data_type: &DataType) -> bool {
    use DataType as T;
    data_type.is_string() || matches!(data_type, T::Binary | T::LargeBinary | T::BinaryView)
}

fn is_empty(bound: &ArrayRef) -> bool {
    let is_bytes =
        is_bytes(bound.data_type()) || matches!(bound.data_type(), DataType::Dictionary(..));
    let bytes = is_bytes.then(|| cast::cast(bound, &DataType::LargeBinary).ok()).flatten();
    bytes.is_some_and(|bytes| bytes.as_binary::<i64>().value(0).is_empty())
}

/// The bound, if there is one. In a float column, NaN is not a bound: some writers let it into the
/// statistics. A zero of either sign may represent both zeros, so it is given the outer sign.
///
/// NaN may always occur, whatever the bounds: `expression` takes that into account.
fn believed(bound: &ArrayRef, outer_zero: f64) -> Option<ArrayRef> {
    if bound.len() != 1 || bound.is_null(0) {
        return None;
    }
    if !plain_type(bound.data_type()).is_floating() {
        return Some(bound.clone());
    }
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
