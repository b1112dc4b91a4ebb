//! Tests of pruning by wrong statistics: no row is lost.

use crate::expression::{Predicate, Reduced};
use crate::io::MappedFile;
use crate::parquet_file::ParquetFile;
use crate::parquet_file::footer::edited::{MAX_VALUE, MIN_VALUE, NULL_COUNT, with_statistics};
use crate::parquet_file::read::row_filter::PredicateColumn;
use crate::parquet_file::read::scan_tests::matching_rows;
use crate::parquet_file::thrift::{Structure, WireType};
use arrow::array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::io::Write;
use std::sync::Arc;

const GOOD_WRITER: &str = "parquet-cpp-arrow version 26.0.0";

/// A file with one column, `x`, with or without the Arrow schema.
fn file_of(values: ArrayRef, has_schema: bool) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable([("x", values, true)]).unwrap();
    // The page index would prune, too.
    let chunks_only =
        WriterProperties::builder().set_statistics_enabled(EnabledStatistics::Chunk).build();
    let options = ArrowWriterOptions::new()
        .with_properties(chunks_only)
        .with_skip_arrow_metadata(!has_schema);
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn is_read(file: &[u8], expression: &str) -> bool {
    let mut temporary = tempfile::NamedTempFile::new().unwrap();
    temporary.write_all(file).unwrap();
    let mapping = MappedFile::open(temporary.path()).unwrap();
    let file = ParquetFile::open(mapping, "in".to_owned()).unwrap();
    let predicate = Predicate::bind(expression, file.schema()).unwrap();
    !matching_rows(&file, 0, &predicate, 1).is_empty()
}

/// Whether statistics prove an expression true for all rows.
fn is_proven(file: &[u8], expression: &str) -> bool {
    let mut temporary = tempfile::NamedTempFile::new().unwrap();
    temporary.write_all(file).unwrap();
    let mapping = MappedFile::open(temporary.path()).unwrap();
    let file = ParquetFile::open(mapping, "in".to_owned()).unwrap();
    let predicate = Predicate::bind(expression, file.schema()).unwrap();
    let data_type = file.schema().field(0).data_type().clone();
    let bounds = super::bounds(&file, 0, &[PredicateColumn::Column(0, data_type)]);
    matches!(predicate.reduced(&bounds), Reduced::Always)
}

fn numbers() -> ArrayRef {
    Arc::new(Int64Array::from(vec![-5, 0, 3]))
}

fn set_bounds(statistics: &mut Structure<'_>, min: &[u8], max: &[u8]) {
    statistics.set_binary(MIN_VALUE, min);
    statistics.set_binary(MAX_VALUE, max);
}

/// The older fields of the bounds, which had no defined order.
const MAX: i64 = 1;
const MIN: i64 = 2;

fn remove_bounds(statistics: &mut Structure<'_>) {
    [MAX, MIN, MAX_VALUE, MIN_VALUE].into_iter().for_each(|bound| statistics.remove(bound));
}

#[test]
fn inverted_bounds_do_not_prune() {
    let bounds = |min: i64, max: i64| {
        with_statistics(&file_of(numbers(), true), GOOD_WRITER, |statistics| {
            set_bounds(statistics, &min.to_le_bytes(), &max.to_le_bytes());
        })
    };
    assert!(!is_read(&bounds(-5, 3), "x = 9"));
    for expression in ["x = 9", "x = 3", "x < -5", "x > 3"] {
        assert!(is_read(&bounds(3, -5), expression), "{expression}");
    }
}

#[test]
fn bounds_of_a_wrong_length_do_not_prune() {
    let values = Decimal128Array::from(vec![5, 7]).with_precision_and_scale(20, 0).unwrap();
    let file = file_of(Arc::new(values), true);
    let bounds = |min: &[u8], max: &[u8]| {
        let edit = |statistics: &mut Structure<'_>| set_bounds(statistics, min, max);
        is_read(&with_statistics(&file, GOOD_WRITER, edit), "x = 9")
    };
    let value = |last| [0, 0, 0, 0, 0, 0, 0, 0, last];
    assert!(!bounds(&value(5), &value(7)));
    assert!(bounds(&[5], &[7]));
    assert!(bounds(&value(5), &[&value(7)[..], &[0]].concat()));
}

#[test]
fn bounds_of_decimals_are_not_believed_of_writers_that_compare_them_wrongly() {
    let values = Decimal128Array::from(vec![5, 7]).with_precision_and_scale(20, 0).unwrap();
    let file = file_of(Arc::new(values), true);
    let written_by = |writer| with_statistics(&file, writer, |_| {});
    assert!(!is_read(&written_by(GOOD_WRITER), "x = 9"));
    for writer in ["Polars", "parquet-cpp-arrow version 3.0.0", "parquet-rs version 12.0.0"] {
        assert!(is_read(&written_by(writer), "x = 9"), "{writer}");
    }
    // Their bounds of other columns are right.
    let numbers = with_statistics(&file_of(numbers(), true), "Polars", |_| {});
    assert!(!is_read(&numbers, "x = 9"));
}

#[test]
fn a_null_count_of_zero_is_not_believed_of_dictionaries_of_old_parquet_cpp() {
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b"), None]));
    let keys = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let dictionary = cast(&text, &keys).unwrap();
    let no_nulls = |values: &ArrayRef, has_schema, writer| {
        let file = file_of(values.clone(), has_schema);
        with_statistics(&file, writer, |statistics| {
            statistics.set_integer(NULL_COUNT, WireType::I64, 0);
        })
    };
    for writer in ["parquet-cpp-arrow version 4.0.1", "parquet-cpp version 1.5.1-SNAPSHOT"] {
        for has_schema in [true, false] {
            let file = no_nulls(&dictionary, has_schema, writer);
            assert!(is_read(&file, "x IS NULL"), "{writer} {has_schema}");
        }
        // According to the schema, the column was not dictionary-encoded.
        assert!(!is_read(&no_nulls(&text, true, writer), "x IS NULL"), "{writer}");
    }
    assert!(!is_read(&no_nulls(&dictionary, true, GOOD_WRITER), "x IS NULL"));
}

#[test]
fn null_counts_of_polars_that_are_multiplied_do_not_prune() {
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let all_null = |writer| {
        with_statistics(&file_of(text.clone(), true), writer, |statistics| {
            statistics.set_integer(NULL_COUNT, WireType::I64, 2);
            remove_bounds(statistics);
        })
    };
    assert!(is_read(&all_null("Polars"), "x IS NOT NULL"));
    assert!(!is_read(&all_null("Polars (python) version 2.0.0 (build 1)"), "x IS NOT NULL"));
}

#[test]
fn a_null_count_of_all_values_is_not_believed_with_bounds() {
    let all_null = |has_bounds: bool| {
        with_statistics(&file_of(numbers(), true), GOOD_WRITER, |statistics| {
            statistics.set_integer(NULL_COUNT, WireType::I64, 3);
            if !has_bounds {
                remove_bounds(statistics);
            }
        })
    };
    assert!(!is_read(&all_null(false), "x = 3"));
    assert!(is_read(&all_null(true), "x = 3"));
}

#[test]
fn an_empty_maximum_of_text_does_not_prune() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["", "c"]));
    for min in [&b""[..], b"c"] {
        let file = with_statistics(&file_of(text.clone(), true), GOOD_WRITER, |statistics| {
            set_bounds(statistics, min, b"");
        });
        assert!(is_read(&file, "x = 'c'"));
        assert!(is_read(&file, "x = ''"));
    }
}

#[test]
fn statistics_that_are_not_believed_prove_nothing() {
    let number = file_of(numbers(), true);
    let edited =
        |file: &[u8], edit: &dyn Fn(&mut Structure<'_>)| with_statistics(file, GOOD_WRITER, edit);
    let low_and_high = [(-5_i64).to_le_bytes(), 3_i64.to_le_bytes()];
    assert!(is_proven(&edited(&number, &|_| {}), "x >= -5 AND x < 4"));
    let inverted = edited(&number, &|it| set_bounds(it, &low_and_high[1], &low_and_high[0]));
    let uncounted = edited(&number, &|it| it.remove(NULL_COUNT));
    let unbounded = edited(&number, &remove_bounds);
    for file in [&inverted, &uncounted, &unbounded] {
        assert!(!is_proven(file, "x >= -5") && !is_proven(file, "x < 4"));
    }
    // The older fields are right for signed numbers alone.
    let older = |values: ArrayRef, min: &[u8], max: &[u8]| {
        edited(&file_of(values, true), &|statistics| {
            remove_bounds(statistics);
            statistics.set_binary(MIN, min);
            statistics.set_binary(MAX, max);
        })
    };
    assert!(is_proven(&older(numbers(), &low_and_high[0], &low_and_high[1]), "x >= -5"));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "c"]));
    assert!(!is_proven(&older(texts.clone(), b"a", b"c"), "x >= 'a'"));
    let unsigned: ArrayRef = Arc::new(UInt32Array::from(vec![1, 9]));
    assert!(!is_proven(&older(unsigned, &[1, 0, 0, 0], &[9, 0, 0, 0]), "x >= 1"));
    // Truncated bounds enclose the values, too, but are none of them.
    let text = edited(&file_of(texts, true), &|it| set_bounds(it, b"", b"d"));
    assert!(is_proven(&text, "x >= '' AND x < 'e' AND x IS NOT NULL"));
    assert!(!is_proven(&text, "x < 'd'") && !is_proven(&text, "x > ''"));
}

#[test]
fn a_column_that_old_parquet_cpp_may_count_wrongly_is_evaluated() {
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b"), None]));
    let keys = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let file = file_of(cast(&text, &keys).unwrap(), true);
    let without_nulls = |writer| {
        with_statistics(&file, writer, |statistics| {
            statistics.set_integer(NULL_COUNT, WireType::I64, 0);
        })
    };
    assert!(is_proven(&without_nulls(GOOD_WRITER), "x >= 'a'"));
    for writer in ["parquet-cpp-arrow version 4.0.1", "parquet-cpp version 1.5.1-SNAPSHOT"] {
        assert!(!is_proven(&without_nulls(writer), "x >= 'a'"), "{writer}");
        assert!(!is_proven(&without_nulls(writer), "x IS NOT NULL"), "{writer}");
    }
}
