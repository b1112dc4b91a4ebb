//! Values that are certainly absent from a column chunk, according to its bloom filter.
//!
//! A filter holds hashes of stored values, so it is used only if the stored form of a value is
//! certain: integers, days, text and bytes. Not floats (0 equals -0, but they are stored
//! differently), and not decimals and times, whose Arrow type may differ from the stored one.

use super::bounds::is_bytes;
use crate::expression::Absent;
use crate::parquet_file::bloom_filter;
use crate::parquet_file::file::ParquetFile;
use crate::schema::plain_type;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type};
use parquet::basic::Type as PhysicalType;
use std::sync::OnceLock;

/// The bloom filter of a leaf column, if it has a usable one. The filter is read at its first use.
pub(crate) fn absent(
    file: &ParquetFile,
    row_group: usize,
    leaf: usize,
    data_type: &DataType,
    most_bytes: u64,
) -> Option<Absent> {
    let chunk = file.parquet().row_group(row_group).column(leaf);
    chunk.bloom_filter_offset()?;
    // Older footers give only the offset.
    let length = chunk.bloom_filter_length().map_or(1, i32::unsigned_abs);
    if most_bytes < length.into() {
        return None;
    }
    let stored = chunk.column_type();
    // The filter is encrypted with its column.
    if file.is_encrypted(row_group, leaf) || !is_stored_alike(data_type, stored) {
        return None;
    }
    let (file, filter) = (file.clone(), OnceLock::new());
    Some(Absent::new(move |value| {
        let Some(key) = key(value, stored) else { return false };
        let filter = filter.get_or_init(|| {
            let chunk = file.parquet().row_group(row_group).column(leaf);
            bloom_filter::load(&**file.bytes(), chunk)
        });
        filter.as_ref().is_some_and(|filter| !bloom_filter::may_contain(filter, &key))
    }))
}

/// Whether equal values of the Arrow type always have the same bytes in the file.
fn is_stored_alike(data_type: &DataType, stored: PhysicalType) -> bool {
    match plain_type(data_type) {
        DataType::Date32 => stored == PhysicalType::INT32,
        integer if integer.is_integer() => {
            matches!(stored, PhysicalType::INT32 | PhysicalType::INT64)
        }
        other => is_bytes(other) && stored == PhysicalType::BYTE_ARRAY,
    }
}

/// The stored bytes of a value; `None` if its kind differs from that of the column.
fn key(value: &ArrayRef, stored: PhysicalType) -> Option<Vec<u8>> {
    if value.len() != 1 || value.is_null(0) {
        return None;
    }
    match stored {
        PhysicalType::BYTE_ARRAY if is_bytes(value.data_type()) => {
            let bytes = cast(value, &DataType::LargeBinary).ok()?;
            Some(bytes.as_binary::<i64>().value(0).to_vec())
        }
        PhysicalType::INT32 | PhysicalType::INT64 => {
            bloom_filter::stored_integer(integer(value)?, stored)
        }
        _ => None,
    }
}

fn integer(value: &ArrayRef) -> Option<i128> {
    if let Some(days) = value.as_primitive_opt::<Date32Type>() {
        return Some(i128::from(days.value(0)));
    }
    if !value.data_type().is_integer() {
        return None;
    }
    let wide = cast(value, &DataType::Decimal128(20, 0)).ok()?;
    wide.is_valid(0).then(|| wide.as_primitive::<Decimal128Type>().value(0))
}

#[cfg(test)]
mod tests {
    use crate::expression::Predicate;
    use crate::io::MappedFile;
    use crate::parquet_file::read::scan_tests::matching_rows;
    use crate::parquet_file::write::encode::tests::encode;
    use crate::parquet_file::{EncodeOptions, ParquetFile, Statistics};
    use arrow::array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
    use arrow::compute::cast;
    use arrow::datatypes::DataType;
    use arrow::util::display::array_value_to_string;
    use std::io::Write;
    use std::sync::Arc;

    /// A file of one column, `x`, with a bloom filter and without statistics.
    fn filtered(values: &ArrayRef) -> ParquetFile {
        let batch = RecordBatch::try_from_iter([("x", values.clone())]).unwrap();
        let options = EncodeOptions {
            bloom: vec!["x".to_owned()],
            statistics: Statistics::None,
            ..EncodeOptions::default()
        };
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&encode(&[batch], &options)).unwrap();
        ParquetFile::open(MappedFile::open(file.path()).unwrap(), "in".to_owned()).unwrap()
    }

    fn can_match(file: &ParquetFile, expression: &str) -> bool {
        let predicate = Predicate::bind(expression, file.schema()).unwrap();
        !matching_rows(file, 0, &predicate, 1).is_empty()
    }

    /// Checks a file that contains every second value.
    fn check(values: &ArrayRef, quote: &str) {
        let kept = (0..values.len()).map(|row| (row % 2 == 0).then_some(row as u64));
        let kept: arrow::array::UInt64Array = kept.collect();
        let file = filtered(&arrow::compute::take(values, &kept, None).unwrap());
        let mut passed_over = 0;
        for row in 0..values.len() {
            let value = array_value_to_string(values, row).unwrap();
            let value = format!("{quote}{value}{quote}");
            let found = can_match(&file, &format!("x = {value}"));
            let what = format!("{} {value}", values.data_type());
            assert!(found || row % 2 == 1, "{what}");
            assert_eq!(found, can_match(&file, &format!("x IN (NULL, {value})")), "{what}");
            assert!(can_match(&file, &format!("x <> {value}")), "{what}");
            passed_over += usize::from(!found);
        }
        let absent = values.len() / 2;
        assert!(
            absent * 9 / 10 <= passed_over,
            "{}: {passed_over} of {absent}",
            values.data_type()
        );
    }

    #[test]
    fn a_value_in_the_file_is_never_skipped() {
        let small: ArrayRef = Arc::new(Int64Array::from_iter_values(-50..50));
        let large: ArrayRef =
            Arc::new(Int64Array::from_iter_values((0..500).map(|n| n * 18_000_000_000_007)));
        use DataType as T;
        for data_type in [T::Int8, T::Int16, T::Int32, T::Int64] {
            check(&cast(&small, &data_type).unwrap(), "");
        }
        let raised: ArrayRef = Arc::new(Int64Array::from_iter_values(120..220));
        for data_type in [T::UInt8, T::UInt16, T::UInt32, T::UInt64] {
            check(&cast(&raised, &data_type).unwrap(), "");
        }
        check(&large, "");
        let top: ArrayRef = Arc::new(arrow::array::UInt64Array::from_iter_values(
            (0..100).map(|n| u64::MAX - n * 3),
        ));
        check(&top, "");
        let top: ArrayRef = Arc::new(arrow::array::UInt32Array::from_iter_values(
            (0..100).map(|n| u32::MAX - n * 3),
        ));
        check(&top, "");
        let days: ArrayRef = Arc::new(Date32Array::from_iter_values((-50..50).map(|n| n * 99)));
        check(&days, "'");
        let texts: ArrayRef =
            Arc::new(StringArray::from_iter_values((0..500).map(|n| format!("text {n}"))));
        let dictionary = T::Dictionary(Box::new(T::Int32), Box::new(T::Utf8));
        for data_type in [T::Utf8, T::LargeUtf8, T::Utf8View, dictionary] {
            check(&cast(&texts, &data_type).unwrap(), "'");
        }
    }

    #[test]
    fn expressions_other_than_equality_may_match() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(5)]));
        let file = filtered(&numbers);
        for expression in ["x < 3", "x + 1 = 3", "x IS NULL", "x <> 3", "x IN (3, 5)", "x = 5.0"] {
            assert!(can_match(&file, expression), "{expression}");
        }
        assert!(!can_match(&file, "x = 3") && !can_match(&file, "x IN (2, 3)"));
        assert!(!can_match(&file, "x IS NOT DISTINCT FROM 3"));
    }
}
