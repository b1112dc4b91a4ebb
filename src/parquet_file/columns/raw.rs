//! Leaves that are decoded as bytes and converted here, because the `parquet` crate converts them
//! wrongly or silently: INT96 wraps around outside 1677 to 2262, INTERVAL loses its months, and
//! errors on invalid text do not name its position.

use super::leaf_fields::{edited, is_leaf, leaves};
use super::options::{Checks, InvalidText, Reading};
use super::stored::{TWELVE_BYTES, plain_leaf, with_leaves};
use super::value_error::{ValueError, parent_row};
use super::{decimal, int96};
use crate::error::Result;
use crate::parquet_file::intervals::intervals_read;
use crate::schema::{inner_arrays, inner_types, plain_type, with_inner_arrays};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringArray, new_null_array};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, FieldRef, IntervalUnit};
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::schema::types::{Type, TypePtr};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a column is decoded and what it is converted to.
pub(crate) struct ColumnPlan {
    pub(crate) stored: TypePtr,
    pub(crate) decoded: FieldRef,
    pub(crate) field: FieldRef,
    pub(crate) raw: BTreeMap<usize, DataType>,
}

/// Decides which leaves of a column, which the crate reads as `field`, are decoded as their stored
/// type. The leaves of the column are numbered from `first_leaf` in the file.
pub(crate) fn plan(
    stored: &TypePtr,
    field: &FieldRef,
    first_leaf: usize,
    reading: Reading<'_>,
) -> ColumnPlan {
    let parquet_leaves = leaves(stored);
    let mut raw = BTreeMap::new();
    let field = edited(field, &mut |field, leaves| {
        let leaf = parquet_leaves.get(leaves.start).filter(|_| is_leaf(field.data_type()));
        let decimal = reading.decimals.get(&(first_leaf + leaves.start));
        let becomes = leaf.and_then(|leaf| match decimal {
            Some((digits, scale)) if *digits <= DECIMAL128_MAX_PRECISION => {
                Some(DataType::Decimal128(*digits, *scale))
            }
            Some((digits, scale)) => Some(DataType::Decimal256(*digits, *scale)),
            None => becomes(leaf, field.data_type(), reading),
        });
        match becomes {
            Some(data_type) => {
                raw.insert(leaves.start, data_type.clone());
                let nullable = field.is_nullable() || data_type == DataType::Null;
                field.with_data_type(data_type).with_nullable(nullable)
            }
            None => field,
        }
    });
    if raw.is_empty() {
        return ColumnPlan { stored: Arc::clone(stored), decoded: Arc::clone(&field), field, raw };
    }
    let stored = with_leaves(stored, &mut 0, &|number, leaf| {
        raw.contains_key(&number)
            .then(|| plain_leaf(leaf, is_twelve_bytes(leaf).then_some(TWELVE_BYTES)))
    });
    let decoded = edited(&field, &mut |field, leaves| {
        let leaf = parquet_leaves.get(leaves.start).filter(|_| is_leaf(field.data_type()));
        match leaf.filter(|_| raw.contains_key(&leaves.start)) {
            Some(leaf) => field.with_data_type(stored_type(leaf)),
            None => field,
        }
    });
    ColumnPlan { stored, decoded, field, raw }
}

/// The type of a leaf decoded without its annotation.
fn stored_type(leaf: &Type) -> DataType {
    if is_twelve_bytes(leaf) {
        return DataType::FixedSizeBinary(TWELVE_BYTES);
    }
    match leaf {
        Type::PrimitiveType { physical_type, type_length, .. } => match physical_type {
            PhysicalType::BOOLEAN => DataType::Boolean,
            PhysicalType::INT32 => DataType::Int32,
            PhysicalType::INT64 => DataType::Int64,
            PhysicalType::FLOAT => DataType::Float32,
            PhysicalType::DOUBLE => DataType::Float64,
            PhysicalType::FIXED_LEN_BYTE_ARRAY => DataType::FixedSizeBinary(*type_length),
            PhysicalType::INT96 | PhysicalType::BYTE_ARRAY => DataType::Binary,
        },
        Type::GroupType { .. } => DataType::Null,
    }
}

fn is_twelve_bytes(leaf: &Type) -> bool {
    leaf.get_physical_type() == PhysicalType::INT96 || is_interval(leaf)
}

fn is_interval(leaf: &Type) -> bool {
    leaf.get_basic_info().converted_type() == ConvertedType::INTERVAL
}

/// The type that a leaf, which the crate reads as `data_type`, is converted to if it is decoded as
/// bytes.
fn becomes(leaf: &Type, data_type: &DataType, reading: Reading<'_>) -> Option<DataType> {
    use DataType as T;
    match (leaf.get_physical_type(), data_type) {
        // The crate decodes some types wrongly as nulls; there is nothing to decode.
        (_, T::Null) => Some(T::Null),
        (PhysicalType::INT96, T::Timestamp(unit, zone)) => {
            // Coarser units come first in the order of the type.
            let unit = reading.options.int96.unwrap_or(reading.int96_unit.min(*unit));
            Some(T::Timestamp(unit, zone.clone()))
        }
        // The older Arrow interval types do not combine months and days.
        (_, T::Interval(_)) if is_interval(leaf) => Some(T::Interval(IntervalUnit::MonthDayNano)),
        (PhysicalType::BYTE_ARRAY, text) if is_text(text) => match reading.options.invalid_text {
            InvalidText::Error if reading.options.checks_text => Some(text.clone()),
            InvalidText::Error => None,
            InvalidText::Binary => Some(T::Binary),
            InvalidText::Replace => Some(text.clone()),
        },
        _ => None,
    }
}

fn is_text(data_type: &DataType) -> bool {
    plain_type(data_type).is_string()
}

/// Converts a decoded array to its final type. `first_row` is the number of its first row; `checks`
/// says which faults are errors.
///
/// # Errors
/// A value that the type cannot hold, with its row.
pub(crate) fn converted(
    array: &ArrayRef,
    to: &DataType,
    first_row: usize,
    checks: Checks,
) -> Result<ArrayRef> {
    convert(array, to, checks).map_err(|error| error.at(first_row))
}

fn convert(array: &ArrayRef, to: &DataType, checks: Checks) -> Result<ArrayRef, ValueError> {
    if array.data_type() == to {
        return Ok(array.clone());
    }
    if is_leaf(to) {
        return leaf(array, to, checks);
    }
    let inner = inner_arrays(array);
    let inner = inner.iter().zip(inner_types(to)).map(|(inner, to)| {
        convert(inner, to, checks).map_err(|error| parent_row(&array.to_data(), error))
    });
    let inner = inner.collect::<Result<Vec<_>, _>>()?;
    with_inner_arrays(array, to, inner).map_err(|error| ValueError::new(0, error.to_string()))
}

/// Checks for text that is not UTF-8; the error names the first one.
fn check_text(text: &BinaryArray) -> Result<(), ValueError> {
    let mut values = text.iter().enumerate();
    let wrong = values.find_map(|(place, value)| {
        let value = value.filter(|value| std::str::from_utf8(value).is_err())?;
        Some((place, value))
    });
    wrong.map_or(Ok(()), |(place, value)| {
        let shown: String = String::from_utf8_lossy(value).chars().take(40).collect();
        let what = format!(
            "text that is not UTF-8: \"{}\"; use --invalid-text replace or binary",
            escaped(&shown)
        );
        Err(ValueError::new(place, what))
    })
}

fn leaf(array: &ArrayRef, to: &DataType, checks: Checks) -> Result<ArrayRef, ValueError> {
    let cast = |array: &ArrayRef| {
        let cast = arrow::compute::cast(array, to);
        cast.map_err(|error| ValueError { place: 0, what: error.to_string() })
    };
    match to {
        DataType::Timestamp(unit, zone) => {
            int96::timestamps(array.as_fixed_size_binary(), *unit, zone.clone(), checks.int96)
        }
        DataType::Interval(_) => Ok(intervals_read(array.as_fixed_size_binary())),
        text if is_text(text) => {
            let text = array.as_binary::<i32>();
            if checks.text {
                check_text(text)?;
            }
            let text = text.iter().map(|text| text.map(String::from_utf8_lossy));
            let text: ArrayRef = Arc::new(text.collect::<StringArray>());
            cast(&text)
        }
        DataType::Null => Ok(new_null_array(to, array.len())),
        DataType::Decimal128(..) | DataType::Decimal256(..) => decimal::decimals(array, to),
        _ => cast(array),
    }
}
