//! Tests of columns that a predicate reads and that are also output: they are decoded once, and no
//! value differs from those of a scan without the predicate.

use super::scan_tests::opened;
use crate::expression::Predicate;
use crate::io::MappedFile;
use crate::parquet_file::{EncodedColumns, ParquetFile, Scan, ScanFile, ScanOptions};
use crate::schema::{MergeSchema, expand};
use crate::threads::Threads;
use arrow::array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
};
use arrow::compute::{concat, filter_record_batch};
use arrow::datatypes::{DataType, Field, Fields, Int8Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

const ROWS: i64 = 300;
const ROW_GROUP_ROWS: i64 = 100;

/// A value, or null in every fifth row.
fn sparse<T>(value: impl Fn(i64) -> T) -> impl Iterator<Item = Option<T>> {
    (0..ROWS).map(move |row| (row % 5 > 0).then(|| value(row)))
}

fn text(row: i64) -> String {
    format!("{} {}", "text of some length".repeat(row as usize % 3), row % 40)
}

fn flat_columns() -> Vec<(&'static str, ArrayRef)> {
    let fixed = sparse(|row| [row as u8; 3]);
    let words = sparse(text).collect::<Vec<_>>();
    vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..ROWS))),
        ("int", Arc::new(Int32Array::from_iter(sparse(|row| row as i32 / 7)))),
        ("double", Arc::new(Float64Array::from_iter(sparse(|row| row as f64 / 8.0)))),
        ("flag", Arc::new(BooleanArray::from_iter(sparse(|row| row % 3 == 0)))),
        ("time", Arc::new(TimestampMicrosecondArray::from_iter(sparse(|row| row * 1_000_001)))),
        ("decimal", Arc::new(Decimal128Array::from_iter(sparse(|row| row as i128 * 12_345)))),
        ("text", Arc::new(StringArray::from_iter(&words))),
        ("large", Arc::new(LargeStringArray::from_iter(&words))),
        ("view", Arc::new(StringViewArray::from_iter(&words))),
        ("bytes", Arc::new(BinaryViewArray::from_iter(&words))),
        (
            "fixed",
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(fixed, 3).unwrap()),
        ),
        (
            "word",
            Arc::new(words.iter().map(Option::as_deref).collect::<DictionaryArray<Int8Type>>()),
        ),
    ]
}

fn nested_columns() -> Vec<(&'static str, ArrayRef)> {
    let mut lists = ListBuilder::new(StringBuilder::new());
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for row in 0..ROWS {
        for item in 0..row % 4 {
            lists.values().append_option((item != 2).then(|| text(row + item)));
            maps.keys().append_value(text(item));
            maps.values().append_value(row as i32);
        }
        lists.append(row % 5 > 0);
        maps.append(row % 7 > 0).unwrap();
    }
    let lists: ArrayRef = Arc::new(lists.finish());
    let numbers: ArrayRef = Arc::new(Int32Array::from_iter(sparse(|row| row as i32)));
    let fields = Fields::from(vec![
        Field::new("number", DataType::Int32, true),
        Field::new("list", lists.data_type().clone(), true),
    ]);
    let nulls = (0..ROWS).map(|row| row % 6 > 0).collect::<Vec<_>>();
    let structs = StructArray::new(fields, vec![numbers, lists.clone()], Some(nulls.into()));
    vec![("list", lists), ("map", Arc::new(maps.finish())), ("struct", Arc::new(structs))]
}

fn all_columns() -> RecordBatch {
    let columns = [flat_columns(), nested_columns()].concat();
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS as usize))
        .set_data_page_row_count_limit(20)
        .set_write_batch_size(5)
}

fn written(batch: &RecordBatch, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), properties).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The same rows in each encoding that a column can have.
fn encoded_files() -> Vec<ParquetFile> {
    let plain = || properties().set_dictionary_enabled(false);
    let encoded = |numbers: Encoding, texts: Encoding| {
        let mut properties = plain().set_writer_version(WriterVersion::PARQUET_2_0);
        for column in ["id", "int", "time", "map.key_value.value", "struct.number"] {
            properties = properties.set_column_encoding(column.into(), numbers);
        }
        for column in ["text", "large", "view", "bytes", "list.list.element"] {
            properties = properties.set_column_encoding(column.into(), texts);
        }
        properties
    };
    let files = [
        properties(),
        properties().set_compression(Compression::ZSTD(Default::default())),
        // The dictionary ends within the row group.
        properties().set_dictionary_page_size_limit(100),
        plain(),
        encoded(Encoding::DELTA_BINARY_PACKED, Encoding::DELTA_LENGTH_BYTE_ARRAY),
        encoded(Encoding::BYTE_STREAM_SPLIT, Encoding::DELTA_BYTE_ARRAY),
    ];
    let batch = all_columns();
    files.into_iter().map(|properties| opened("a", &written(&batch, properties)).unwrap()).collect()
}

fn batches(file: &ParquetFile, options: ScanOptions) -> Vec<RecordBatch> {
    let mut scan = Scan::try_new(vec![file.clone().into()], options).unwrap();
    std::iter::from_fn(|| scan.next_batch().unwrap()).collect()
}

/// The columns of all batches, without the encodings in transit.
fn plain_columns(batches: &[RecordBatch]) -> Vec<ArrayRef> {
    let columns = 0..batches.first().map_or(0, RecordBatch::num_columns);
    let whole = columns.map(|place| {
        let parts: Vec<ArrayRef> =
            batches.iter().map(|batch| expand(batch.column(place)).unwrap()).collect();
        concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>()).unwrap()
    });
    whole.collect()
}

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|name| (*name).to_owned()).collect()
}

/// Checks a scan with a predicate against the filtered `groups`: the row groups of the file.
fn check(file: &ParquetFile, groups: &[RecordBatch], predicate: &str, options: &ScanOptions) {
    let bound = Predicate::bind(predicate, file.schema()).unwrap();
    let matching = groups.iter().map(|group| {
        let truth = bound.evaluate(&group.project(bound.columns()).unwrap()).unwrap();
        filter_record_batch(group, &truth).unwrap()
    });
    let matching: Vec<RecordBatch> = matching.collect();
    let with = ScanOptions { predicate: Some(predicate.to_owned()), ..options.clone() };
    let found = batches(file, with);
    let what = format!("{predicate} {options:?}");
    if options.skip == 0 && options.limit.is_none() {
        let most = options.batch_rows.unwrap_or(usize::MAX);
        let sizes = matching.iter().map(RecordBatch::num_rows).flat_map(|rows| {
            (0..rows).step_by(most).map(move |first| most.min(rows - first)).collect::<Vec<_>>()
        });
        let found: Vec<usize> = found.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(found, sizes.collect::<Vec<_>>(), "{what}");
    }
    let expected = plain_columns(&matching);
    let skip = (options.skip as usize).min(expected[0].len());
    let rows = (expected[0].len() - skip).min(options.limit.unwrap_or(u64::MAX) as usize);
    let names = options.columns.clone().unwrap_or_else(|| {
        file.schema().fields().iter().map(|field| field.name().clone()).collect()
    });
    if rows == 0 {
        return assert!(found.is_empty(), "{what}");
    }
    for (column, name) in plain_columns(&found).iter().zip(names) {
        let place = file.schema().index_of(&name).unwrap();
        assert_eq!(column, &expected[place].slice(skip, rows), "{what}: {name}");
    }
}

#[test]
fn columns_of_a_predicate_come_out_as_without_it() {
    let threads = || Threads::new(3);
    let options = ScanOptions { batch_rows: Some(7), ..ScanOptions::default() };
    let encodings = ["id", "int", "text", "view"];
    let each = [
        options.clone(),
        ScanOptions { threads: threads(), ..options.clone() },
        ScanOptions { threads: threads(), batch_rows: None, ..options.clone() },
        ScanOptions { limit: Some(30), ..options.clone() },
        ScanOptions { skip: 11, limit: Some(60), threads: threads(), ..options.clone() },
        ScanOptions { dictionary: EncodedColumns::Named(named(&encodings)), ..options.clone() },
        ScanOptions { runs: EncodedColumns::Named(named(&encodings)), ..options },
    ];
    for file in encoded_files() {
        let groups = batches(&file, ScanOptions::default());
        for (place, field) in file.schema().fields().iter().enumerate() {
            let name = field.name();
            let predicates = [
                format!("\"{name}\" IS NOT NULL AND id % 3 = 1"),
                format!("\"{name}\" IS NULL OR id > 250"),
                format!("\"{name}\" IS NULL OR id >= 0"),
                format!("\"{name}\" IS NULL AND id < 0"),
            ];
            for (number, predicate) in predicates.iter().enumerate() {
                // Every predicate meets every option, in some column.
                for options in each.iter().skip((place + number) % 4).step_by(4) {
                    check(&file, &groups, predicate, options);
                }
            }
            let columns = Some(named(&[name]));
            let alone = ScanOptions { columns, ..each[0].clone() };
            check(&file, &groups, &predicates[0], &alone);
        }
    }
}

#[test]
fn a_part_of_a_struct_in_the_predicate_is_output() {
    for file in encoded_files() {
        let options = |predicate: &str| ScanOptions {
            columns: Some(named(&["struct.number", "id"])),
            predicate: Some(predicate.to_owned()),
            batch_rows: Some(7),
            ..ScanOptions::default()
        };
        let found =
            plain_columns(&batches(&file, options("\"struct\" IS NOT NULL AND id % 3 = 1")));
        let numbers = found[0].as_struct();
        assert_eq!((numbers.num_columns(), numbers.null_count()), (1, 0));
        let ids = (0..ROWS).filter(|row| row % 6 > 0 && row % 3 == 1);
        let values = ids.clone().map(|row| (row % 5 > 0).then_some(row as i32));
        let values: ArrayRef = Arc::new(Int32Array::from_iter(values));
        assert_eq!(numbers.column(0), &values);
        assert_eq!(found[1].as_ref(), &Int64Array::from_iter_values(ids) as &dyn Array);
    }
}

#[test]
fn columns_of_a_predicate_are_widened() {
    let file = |name: &str, column: ArrayRef| {
        let batch = RecordBatch::try_from_iter([("id", column)]).unwrap();
        ScanFile::from(opened(name, &written(&batch, properties())).unwrap())
    };
    let files = vec![
        file("a", Arc::new(Int32Array::from_iter_values(0..200))),
        file("b", Arc::new(Int64Array::from_iter_values(200..400))),
    ];
    let options = ScanOptions {
        predicate: Some("id % 3 = 1".to_owned()),
        merge_schema: MergeSchema::Union,
        batch_rows: Some(7),
        ..ScanOptions::default()
    };
    let mut scan = Scan::try_new(files, options).unwrap();
    let found: Vec<_> = std::iter::from_fn(|| scan.next_batch().unwrap()).collect();
    let expected = Int64Array::from_iter_values((0..400).filter(|id| id % 3 == 1));
    assert_eq!(plain_columns(&found)[0].as_primitive::<Int64Type>(), &expected);
}

#[test]
fn columns_of_a_predicate_are_decoded_once() {
    let all = "IS NOT NULL";
    for (column, condition) in [("id", "% 2 = 0"), ("text", all), ("list", all), ("word", all)] {
        let bytes = written(&all_columns(), properties().set_dictionary_enabled(false));
        let mut stored = tempfile::NamedTempFile::new().unwrap();
        stored.write_all(&bytes).unwrap();
        let file = ParquetFile::open(MappedFile::open(stored.path()).unwrap(), "a".into()).unwrap();
        let place = file.schema().index_of(column).unwrap();
        let (start, length) = file.parquet().row_group(0).column(place).byte_range();
        let options = ScanOptions {
            columns: Some(named(&[column, "int"])),
            predicate: Some(format!("{column} {condition}")),
            batch_rows: Some(10),
            ..ScanOptions::default()
        };
        let expected = plain_columns(&batches(&file, options.clone()));
        let mut scan = Scan::try_new(vec![file.into()], options).unwrap();
        let mut found = vec![scan.next_batch().unwrap().unwrap()];
        // The predicate has been evaluated, and nothing of its column is read any more.
        stored.as_file().write_all_at(&vec![0; length as usize], start).unwrap();
        if column == "word" {
            // Dictionaries are decoded again.
            assert!(scan.next_batch().is_err());
            continue;
        }
        found.extend(std::iter::from_fn(|| scan.next_batch().unwrap()));
        assert_eq!(plain_columns(&found), expected);
    }
}
