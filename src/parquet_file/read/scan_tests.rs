//! Tests of scans of files made here: the output, its order, and what is never read.

use super::prune;
use super::row_filter::PredicateColumn;
use crate::error::Result;
use crate::expression::Predicate;
use crate::io::MappedFile;
use crate::options::NumberList;
use crate::parquet_file::write::encode::tests::encode;
use crate::parquet_file::{
    EncodeOptions, EncodedColumns, ParquetFile, Scan, ScanFile, ScanOptions,
};
use crate::schema::MergeSchema;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Int64Type, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

/// Rows `first..first + 100` of columns `id`, `text` (id as text) and `noise`, in row groups of
/// ten.
fn file(name: &str, first: i64) -> ParquetFile {
    let ids = || first..first + 100;
    let columns: [(&str, ArrayRef, bool); 3] = [
        ("id", Arc::new(Int64Array::from_iter_values(ids())), false),
        ("text", Arc::new(StringArray::from_iter_values(ids().map(|i| i.to_string()))), true),
        ("noise", Arc::new(Int64Array::from_iter_values(ids().map(|i| i * 37 % 100))), false),
    ];
    written(name, &RecordBatch::try_from_iter_with_nullable(columns).unwrap())
}

pub(crate) fn written(name: &str, batch: &RecordBatch) -> ParquetFile {
    let options = EncodeOptions { row_group_rows: 10, ..EncodeOptions::default() };
    opened(name, &encode(std::slice::from_ref(batch), &options)).unwrap()
}

pub(crate) fn opened(name: &str, bytes: &[u8]) -> Result<ParquetFile> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    ParquetFile::open(MappedFile::open(file.path()).unwrap(), name.to_owned())
}

fn scan(files: Vec<ParquetFile>, options: ScanOptions) -> Result<Scan> {
    Scan::try_new(files.into_iter().map(ScanFile::from).collect(), options)
}

/// The columns of a predicate as the file has them.
fn asked(file: &ParquetFile, predicate: &Predicate) -> Vec<PredicateColumn> {
    let columns = predicate.columns().iter();
    columns
        .map(|c| PredicateColumn::Column(*c, file.schema().field(*c).data_type().clone()))
        .collect()
}

pub(crate) fn matching_rows(
    file: &ParquetFile,
    number: usize,
    predicate: &Predicate,
    gap: usize,
) -> Vec<std::ops::Range<usize>> {
    let columns = asked(file, predicate);
    let bounds = prune::bounds(file, number, &columns);
    if !predicate.can_match(&bounds) {
        return Vec::new();
    }
    let asked = (predicate, &columns[..]);
    prune::matching_rows(file, number, asked, bounds, prune::Details::all(gap)).rows
}

fn batches(files: Vec<ParquetFile>, options: ScanOptions) -> Result<Vec<RecordBatch>> {
    let mut scan = scan(files, options)?;
    std::iter::from_fn(|| scan.next_batch().transpose()).collect()
}

/// The ids in the output.
fn ids(files: Vec<ParquetFile>, options: ScanOptions) -> Vec<i64> {
    let batches = batches(files, options).unwrap();
    let values = batches.iter().flat_map(|batch| {
        batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
    });
    values.collect()
}

fn named(columns: &[&str]) -> Option<Vec<String>> {
    Some(columns.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn files_follow_one_another() {
    let options = ScanOptions::default();
    let both = vec![file("a", 0), file("b", 100)];
    assert_eq!(scan(both.clone(), options.clone()).unwrap().total_rows(), None);
    assert_eq!(ids(both, options), (0..200).collect::<Vec<_>>());
}

#[test]
fn skip_and_limit_cut_anywhere() {
    for (skip, limit) in [(0, 0), (0, 1), (9, 2), (10, 10), (55, 100), (199, 5), (200, 1)] {
        let options =
            ScanOptions { skip, limit: Some(limit), batch_rows: Some(7), ..ScanOptions::default() };
        let both = vec![file("a", 0), file("b", 100)];
        let expected: Vec<i64> = (0..200).skip(skip as usize).take(limit as usize).collect();
        let options = ScanOptions { merge_schema: MergeSchema::Union, ..options };
        let total = scan(both.clone(), options.clone()).unwrap().total_rows();
        assert_eq!(total, Some(expected.len() as u64));
        assert_eq!(ids(both.clone(), options.clone()), expected, "{skip} {limit}");
        // The same with a predicate, which counts only matching rows.
        let options = ScanOptions { predicate: Some("noise >= 50".to_owned()), ..options.clone() };
        let expected: Vec<i64> = (0..200)
            .filter(|i| 50 <= i * 37 % 100)
            .skip(skip as usize)
            .take(limit as usize)
            .collect();
        assert_eq!(ids(both, options), expected, "{skip} {limit}");
    }
}

#[test]
fn a_predicate_reads_columns_that_are_not_output() {
    let options = ScanOptions {
        predicate: Some("id < 13".to_owned()),
        columns: named(&["text"]),
        ..ScanOptions::default()
    };
    let found = batches(vec![file("a", 0)], options).unwrap();
    let text: Vec<_> =
        found.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter()).collect();
    assert_eq!(text.len(), 13);
    assert_eq!(text[12], Some("12"));
    assert_eq!(found[0].num_columns(), 1);
}

#[test]
fn row_groups_that_cannot_match_are_not_read() {
    let file = file("a", 0);
    let predicate = Predicate::bind("id < 13", file.schema()).unwrap();
    let read: Vec<usize> =
        (0..10).filter(|number| !matching_rows(&file, *number, &predicate, 1).is_empty()).collect();
    assert_eq!(read, [0, 1]);
}

/// NaN, both zeros, nulls, and strings longer than statistics keep.
fn awkward() -> RecordBatch {
    let number = |row: i64| match row % 50 {
        3 => None,
        11 => Some(f64::NAN),
        17 => Some(-0.0),
        23 => Some(0.0),
        29 => Some(-f64::NAN),
        31 => Some(f64::INFINITY),
        // Whole row groups of NaN, of null, and of zeros.
        40..50 if row < 50 => Some(f64::NAN),
        40..50 if row < 100 => None,
        40..50 if row < 150 => Some(-0.0),
        other => Some(other as f64 - 20.0 + (row / 50) as f64),
    };
    let text = |row: i64| (row % 7 > 0).then(|| format!("{}{}", "x".repeat(70), row / 10));
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..200))),
        ("f", Arc::new(Float64Array::from_iter((0..200).map(number)))),
        ("s", Arc::new(StringArray::from_iter((0..200).map(text)))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// The same in one row group with pages of ten rows.
fn in_pages(batch: &RecordBatch) -> ParquetFile {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(10)
        .set_write_batch_size(5)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    opened("pages", &bytes).unwrap()
}

#[test]
fn skipping_rows_never_changes_the_answer() {
    let batch = awkward();
    let files = [written("a", &batch), in_pages(&batch)];
    let long = format!("{}19", "x".repeat(70));
    let texts = [format!("s = '{long}'"), format!("s > '{long}'"), format!("s < '{long}'")];
    let numbers = [
        "f > 25",
        "f < -15",
        "f = 0",
        "f = -0.0",
        "f > 0 AND f < 3",
        "f <> 0",
        "NOT (f > 5)",
        "f IS NULL",
        "f IS NOT NULL",
        "f IN (0, 99)",
        "f BETWEEN -1 AND 0",
        "f >= 1e300",
        "f = CAST('NaN' AS DOUBLE)",
        "f IS DISTINCT FROM 0",
        "f > 5 OR s IS NULL",
        "s LIKE 'xxx%19'",
        "s IN ('a', 'z')",
        "id % 2 = 0 AND f < 0",
        "TRUE",
        "FALSE",
    ];
    for text in numbers.iter().map(|text| (*text).to_owned()).chain(texts) {
        let predicate = Predicate::bind(&text, batch.schema_ref()).unwrap();
        let read = batch.project(predicate.columns()).unwrap();
        let mask = predicate.evaluate(&read).unwrap();
        let expected: Vec<i64> = (0..200)
            .filter(|row| mask.is_valid(*row) && mask.value(*row))
            .map(|r| r as i64)
            .collect();
        for file in &files {
            let options = ScanOptions { predicate: Some(text.clone()), ..ScanOptions::default() };
            assert_eq!(ids(vec![file.clone()], options), expected, "{text}");
        }
        // Not even if every page that can be skipped is skipped.
        let read = matching_rows(&files[1], 0, &predicate, 1);
        let is_read = |id: &i64| read.iter().any(|rows| rows.contains(&(*id as usize)));
        assert!(expected.iter().all(is_read), "{text}: {read:?}");
    }
}

#[test]
fn pages_that_cannot_match_are_not_read() {
    let file = in_pages(&awkward());
    // Start and end of each range.
    let read = |text: &str, gap: usize| -> Vec<(usize, usize)> {
        let predicate = Predicate::bind(text, file.schema()).unwrap();
        let ranges = matching_rows(&file, 0, &predicate, gap);
        ranges.iter().map(|range| (range.start, range.end)).collect()
    };
    assert_eq!(read("id < 13", 1), [(0, 20)]);
    let three = "id < 13 OR id IN (55) OR id > 190";
    assert_eq!(read(three, 1), [(0, 20), (50, 60), (190, 200)]);
    assert_eq!(read(three, 100), [(0, 60), (190, 200)]);
    assert_eq!(read(three, 1000), [(0, 200)]);
    assert_eq!(read("id BETWEEN 25 AND 38 AND id % 2 = 0", 1), [(20, 40)]);
    // Ten rows of one page are all null, and none of another.
    assert_eq!(read("f IS NOT NULL AND id >= 90 AND id < 110", 1), [(100, 110)]);
    assert!(read("id < 0", 1).is_empty());
    assert_eq!(read("id + 1 < 0", 1), [(0, 200)]);
}

#[test]
fn columns_come_in_the_order_named_and_may_be_none() {
    let options = |names: &[&str]| ScanOptions { columns: named(names), ..ScanOptions::default() };
    let scan = scan(vec![file("a", 0)], options(&["noise", "id"])).unwrap();
    let names: Vec<_> = scan.schema().fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, ["noise", "id"]);
    assert_eq!(ids(vec![file("a", 0)], options(&["noise", "id"])).len(), 100);
    let without = batches(vec![file("a", 0)], options(&[])).unwrap();
    assert_eq!(without.iter().map(RecordBatch::num_rows).sum::<usize>(), 100);
    let filtered = ScanOptions { predicate: Some("id < 13".to_owned()), ..options(&[]) };
    let filtered = batches(vec![file("a", 0)], filtered).unwrap();
    assert_eq!(filtered.iter().map(RecordBatch::num_rows).sum::<usize>(), 13);
}

#[test]
fn row_groups_come_in_the_order_given() {
    let options =
        |list: &str| ScanOptions { row_groups: NumberList::parse(list), ..ScanOptions::default() };
    let expected: Vec<i64> = (90..100).chain(20..30).collect();
    assert_eq!(ids(vec![file("a", 0)], options("9,2")), expected);
    let error = batches(vec![file("a", 0)], options("10")).unwrap_err();
    assert_eq!(error.to_string(), "a: no row group 10: they are numbered 0 to 9");
}

#[test]
fn a_file_of_another_schema_is_named() {
    let column: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let other = RecordBatch::try_from_iter_with_nullable([("id", column, false)]).unwrap();
    let files = vec![file("a", 0), written("b", &other)];
    let error = batches(files, ScanOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "b: column \"id\" is float64, but int64 in the first");
}

#[test]
fn nullability_is_widened_before_the_first_batch() {
    let one = |nullable| {
        let field = Field::new("id", arrow::datatypes::DataType::Int64, nullable);
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column]).unwrap()
    };
    let files = vec![written("a", &one(false)), written("b", &one(true))];
    let options = ScanOptions { merge_schema: MergeSchema::Union, ..ScanOptions::default() };
    let found = batches(files, options).unwrap();
    assert_eq!(found, [one(true), one(true)]);
}

#[test]
fn an_error_of_the_expression_names_the_row_group() {
    let options =
        ScanOptions { predicate: Some("id // (id - 20) >= 0".to_owned()), ..Default::default() };
    let error = batches(vec![file("a", 0)], options).unwrap_err();
    assert!(error.to_string().starts_with("a: row group 2: "), "{error}");
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_whole() {
    let batch = RecordBatch::try_from_iter([(
        "id",
        Arc::new(Int64Array::from_iter_values(0..25)) as ArrayRef,
    )])
    .unwrap();
    let options = EncodeOptions { row_group_rows: 10, ..EncodeOptions::default() };
    let whole = encode(&[batch], &options);
    for length in 0..whole.len() {
        let error = opened("a", &whole[..length]).unwrap_err().to_string();
        assert!(error.starts_with("a: ") && !error.contains('\n'), "{length}: {error}");
    }
    assert_eq!(ids(vec![opened("a", &whole).unwrap()], ScanOptions::default()).len(), 25);
}

#[test]
fn columns_of_one_name_have_keys_that_number_the_values_of_each() {
    let text = |count: usize| -> ArrayRef {
        let texts = (0..2000).map(|row| format!("{:060}", row % count));
        Arc::new(StringArray::from_iter_values(texts))
    };
    for counts in [[200, 3], [3, 200]] {
        let batch = RecordBatch::try_from_iter(counts.map(|count| ("x", text(count)))).unwrap();
        let file = opened("a", &encode(std::slice::from_ref(&batch), &EncodeOptions::default()));
        let dictionary = EncodedColumns::Auto;
        let options = ScanOptions { dictionary, ..ScanOptions::default() };
        let found = batches(vec![file.unwrap()], options).unwrap();
        let rows: usize = found.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, 2000);
        assert_ne!(found[0].schema(), batch.schema());
    }
}

#[test]
fn a_dictionary_that_claims_more_values_than_it_has_bytes_is_refused() {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values((0..2000).map(|row| row % 100)));
    let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let options = EncodeOptions { checksums: false, ..EncodeOptions::default() };
    let mut bytes = encode(&[batch], &options);
    let file = opened("a", &bytes).unwrap();
    let start = file.parquet().row_group(0).column(0).dictionary_page_offset().unwrap() as usize;
    // The header of the dictionary begins with its number of values, 100 as a zigzag varint.
    let header = bytes[start..].windows(4).position(|part| part == [0x4c, 0x15, 0xc8, 1]).unwrap();
    bytes[start + header + 2..start + header + 4].copy_from_slice(&[0xfe, 0x7f]);
    let predicate = Some("id < 50".to_owned());
    let options = ScanOptions { predicate, ..ScanOptions::default() };
    let error = batches(vec![opened("a", &bytes).unwrap()], options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a: row group 0: column \"id\": damaged dictionary: it is too short for its values"
    );
}

#[test]
fn rows_that_are_only_claimed_take_no_memory() {
    let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..100));
    let batch = RecordBatch::try_from_iter([("id", column)]).unwrap();
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(50)
        .set_write_batch_size(50)
        .set_dictionary_enabled(false);
    let mut bytes = Vec::new();
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), properties).unwrap();
    writer.write(&batch).unwrap();
    let whole = writer.close().unwrap();
    // An index in which the second of the two pages begins at row 2^61, of 2^62.
    let far = [&[0x16, 8, 0x15, 20, 0x16][..], &[0x80; 8], &[0x40, 0, 0]].concat();
    let index = [&[0x19, 0x2c, 0x16, 8, 0x15, 20, 0x16, 0, 0][..], &far].concat();
    let row_group = whole.row_group(0).clone();
    let chunk = row_group.column(0).clone().into_builder();
    let chunk = chunk
        .set_offset_index_offset(Some(bytes.len() as i64))
        .set_offset_index_length(Some(index.len() as i32));
    let row_group = row_group
        .into_builder()
        .set_num_rows(1 << 62)
        .set_column_metadata(vec![chunk.build().unwrap()]);
    let claim =
        ParquetMetaData::new(whole.file_metadata().clone(), vec![row_group.build().unwrap()]);
    bytes.extend(index);
    let mut footer = Vec::new();
    ParquetMetaDataWriter::new(&mut footer, &claim).finish().unwrap();
    bytes.extend(footer);
    let predicate = Some("id >= 60".to_owned());
    let options = ScanOptions { predicate, ..ScanOptions::default() };
    let error = batches(vec![opened("a", &bytes).unwrap()], options).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("a: row group 0: failed to skip rows, expected {}, got 100", 1_u64 << 61)
    );
}
