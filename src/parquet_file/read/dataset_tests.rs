//! Tests of scans of many files: partition columns, differing columns, files that are never opened.

use super::scan_tests::{opened, written};
use crate::error::Result;
use crate::expression::Predicate;
use crate::parquet_file::write::encode::tests::encode;
use crate::parquet_file::{
    EncodeOptions, EncodedColumns, ParquetFile, Scan, ScanFile, ScanHead, ScanOptions,
};
use crate::schema::{MergeSchema, plain_batch, plain_schema, schema_text};
use crate::threads::Threads;
use arrow::array::{
    Array, ArrayRef, AsArray, Float32Array, Float64Array, Int16Array, Int32Array, Int64Array,
    RecordBatch, StringArray, StructArray,
};
use arrow::compute::{concat, concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type, Schema};
use std::sync::Arc;

/// A year that may be null, and a text.
fn keys(year: Option<i64>, split: &str) -> Vec<ArrayRef> {
    vec![Arc::new(Int64Array::from(vec![year])), Arc::new(StringArray::from(vec![split]))]
}

fn key_fields() -> Vec<FieldRef> {
    let field = |name: &str, data_type| Arc::new(Field::new(name, data_type, true));
    vec![field("year", DataType::Int64), field("split", DataType::Utf8)]
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Forty rows of `x`, counting up from `first`.
fn numbers(first: i64) -> RecordBatch {
    batch(vec![("x", Arc::new(Int64Array::from_iter_values(first..first + 40)))])
}

/// A file and its partition keys.
type Keyed = (ScanFile, Vec<ArrayRef>);

fn file(name: &str, batch: &RecordBatch, keys: Vec<ArrayRef>) -> Keyed {
    (written(name, batch).into(), keys)
}

/// A file that must not be opened.
fn garbage(keys: Vec<ArrayRef>) -> Keyed {
    (ScanFile::At("/nowhere/garbage".into(), None), keys)
}

fn scan_keyed(files: Vec<Keyed>, options: ScanOptions) -> Result<Scan> {
    let (files, keys): (Vec<ScanFile>, Vec<Vec<ArrayRef>>) = files.into_iter().unzip();
    let column = |place: usize| {
        let values: Vec<&dyn Array> = keys.iter().map(|keys| &*keys[place]).collect();
        concat(&values).unwrap()
    };
    let key_columns = (0..options.key_fields.len()).map(column).collect();
    Scan::try_new(files, ScanOptions { key_columns, ..options })
}

fn read_keyed(files: Vec<Keyed>, options: ScanOptions) -> Result<RecordBatch> {
    all_rows(scan_keyed(files, options)?)
}

fn read(files: Vec<ScanFile>, options: ScanOptions) -> Result<RecordBatch> {
    all_rows(Scan::try_new(files, options)?)
}

fn all_rows(mut scan: Scan) -> Result<RecordBatch> {
    let schema = scan.schema().clone();
    let batches: Vec<_> =
        std::iter::from_fn(|| scan.next_batch().transpose()).collect::<Result<_>>()?;
    // Dictionaries with different values cannot be concatenated as they are.
    let plain: Vec<RecordBatch> = batches.iter().map(|b| plain_batch(b).unwrap()).collect();
    Ok(match plain.first() {
        None => RecordBatch::new_empty(plain_schema(&schema)),
        Some(first) => concat_batches(&first.schema(), &plain).unwrap(),
    })
}

fn with_keys(predicate: Option<&str>) -> ScanOptions {
    ScanOptions {
        key_fields: key_fields(),
        predicate: predicate.map(str::to_owned),
        ..ScanOptions::default()
    }
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn xs(batch: &RecordBatch) -> Vec<i64> {
    let column = batch.column_by_name("x").unwrap();
    column.as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
}

#[test]
fn keys_are_columns_after_those_of_the_file_or_in_their_places() {
    let old: ArrayRef = Arc::new(StringArray::from(vec!["old"; 40]));
    let x = numbers(0).column(0).clone();
    let both = batch(vec![("x", x.clone()), ("split", old), ("y", x)]);
    let files =
        || vec![file("a", &both, keys(Some(2024), "train")), file("b", &both, keys(None, "test"))];
    let rows = read_keyed(files(), with_keys(None)).unwrap();
    assert_eq!(schema_text(&rows.schema()), "x int64, split utf8, y int64, year int64");
    assert_eq!((rows.num_rows(), rows.column(3).null_count()), (80, 40));
    let splits = rows.column(1).as_string::<i32>();
    assert_eq!((splits.value(39), splits.value(40)), ("train", "test"));
    // In any encoding, and without a column of the files.
    for (runs, dictionary) in [
        (EncodedColumns::Named(named(&["year", "split"])), EncodedColumns::None),
        (EncodedColumns::None, EncodedColumns::Named(named(&["split", "year"]))),
        (EncodedColumns::Auto, EncodedColumns::Auto),
    ] {
        let columns = Some(named(&["split", "year"]));
        let options = ScanOptions { runs, dictionary, columns, ..with_keys(None) };
        let encoded = scan_keyed(files(), options.clone()).unwrap();
        assert!(!encoded.schema().field(1).data_type().is_primitive());
        assert_eq!(read_keyed(files(), options).unwrap(), rows.project(&[1, 3]).unwrap());
    }
}

#[test]
fn a_run_of_a_key_is_one_run() {
    let files = vec![file("a", &numbers(0), keys(Some(1), "s"))];
    let runs = EncodedColumns::Auto;
    let mut scan = scan_keyed(files, ScanOptions { runs, ..with_keys(None) }).unwrap();
    let batch = scan.next_batch().unwrap().unwrap();
    let runs = batch.column_by_name("split").unwrap();
    let runs = runs.as_any().downcast_ref::<arrow::array::RunArray<arrow::datatypes::Int32Type>>();
    assert_eq!(runs.unwrap().values().len(), 1);
}

#[test]
fn numbers_are_dictionaries_for_a_reader_if_all_files_are_known() {
    let values = (0..10_000_i64).map(|row| 1_000_000 + row * 7919 % 300);
    let few = batch(vec![("x", Arc::new(Int64Array::from_iter_values(values)))]);
    let bytes = encode(std::slice::from_ref(&few), &EncodeOptions::default());
    let file = |name: &str| opened(name, &bytes).unwrap().into();
    for (files, of_numbers, expected) in [
        (vec![file("a")], true, "x dictionary<int16, int64>"),
        (vec![file("a")], false, "x int64"),
        (vec![file("a"), file("b")], true, "x int64"),
    ] {
        let mut scan = ScanHead::open(files, ScanOptions::default()).unwrap();
        scan.encode(true, of_numbers).unwrap();
        assert_eq!(schema_text(scan.schema()), expected);
        let rows = all_rows(Scan::begin(scan)).unwrap();
        assert_eq!(rows.slice(0, 10_000), few);
    }
}

#[test]
fn files_pruned_by_partition_keys_are_never_opened() {
    let files = || {
        vec![
            garbage(keys(Some(2022), "train")),
            file("a", &numbers(0), keys(Some(2023), "train")),
            garbage(keys(Some(2024), "train")),
            garbage(keys(None, "train")),
            file("b", &numbers(100), keys(Some(2023), "test")),
        ]
    };
    for (predicate, expected) in [
        ("year = 2023", (0..40).chain(100..140).collect::<Vec<i64>>()),
        ("year = 2023 AND split = 'test'", (100..140).collect()),
        ("year % 2 = 1 AND x < 3", vec![0, 1, 2]),
        ("(year = 2023 AND x = 5) OR (year = 2023 AND x = 105)", vec![5, 105]),
        ("x < 2 AND NOT (year <> 2023 OR year IS NULL)", vec![0, 1]),
    ] {
        for threads in [1, 3] {
            let threads = Threads::new(threads);
            let options = ScanOptions { threads, ..with_keys(Some(predicate)) };
            assert_eq!(xs(&read_keyed(files(), options).unwrap()), expected, "{predicate}");
        }
    }
    // Even if footers decide on dictionaries.
    let options =
        ScanOptions { dictionary: EncodedColumns::Auto, ..with_keys(Some("year = 2023")) };
    assert_eq!(read_keyed(files(), options).unwrap().num_rows(), 80);
    let error = read_keyed(files(), with_keys(Some("x < 3"))).unwrap_err().to_string();
    assert!(error.starts_with("cannot open /nowhere/garbage: "), "{error}");
}

#[test]
fn the_schema_is_known_even_if_all_files_are_pruned() {
    let files = vec![file("a", &numbers(0), keys(None, "s")), garbage(keys(Some(1), "s"))];
    let scan = scan_keyed(files, with_keys(Some("year = 7"))).unwrap();
    assert_eq!(schema_text(scan.schema()), "x int64, year int64, split utf8");
}

#[test]
fn the_name_of_the_file_is_a_column() {
    let files = || vec![written("a", &numbers(0)).into(), written("b", &numbers(40)).into()];
    let named_so = |filename: &str, predicate: Option<&str>| ScanOptions {
        filename: Some(filename.to_owned()),
        predicate: predicate.map(str::to_owned),
        ..ScanOptions::default()
    };
    let rows = read(files(), named_so("from", Some("\"from\" = 'b' OR x = 3"))).unwrap();
    let expected: Vec<i64> = std::iter::once(3).chain(40..80).collect();
    assert_eq!(xs(&rows), expected);
    assert_eq!(rows.column(1).as_string::<i32>().value(0), "a");
    let error = read(files(), named_so("x", None)).unwrap_err();
    assert_eq!(
        (error.exit_status(), error.to_string()),
        (2, "--filename: \"x\" is already a column of a; choose another name".to_owned())
    );
}

#[test]
fn a_limit_opens_few_files() {
    let files = || {
        vec![written("a", &numbers(0)).into(), written("b", &numbers(40)).into(), garbage(vec![]).0]
    };
    for (predicate, skip, limit) in [(None, 0, 80), (None, 50, 3), (Some("x >= 0"), 50, 30)] {
        for threads in [1, 4] {
            let options = ScanOptions {
                predicate: predicate.map(str::to_owned),
                skip,
                limit: Some(limit),
                threads: Threads::new(threads),
                ..ScanOptions::default()
            };
            assert_eq!(read(files(), options).unwrap().num_rows() as u64, limit);
        }
    }
}

#[test]
fn an_error_comes_after_the_rows_before_it_whatever_the_threads() {
    let other = batch(vec![("x", Arc::new(StringArray::from(vec!["x"; 40])))]);
    let mut files: Vec<ScanFile> =
        (0..50).map(|number| written("a", &numbers(number * 40)).into()).collect();
    files.insert(30, written("other", &other).into());
    let outcome = |threads: usize| {
        let options = ScanOptions { threads: Threads::new(threads), ..ScanOptions::default() };
        let mut scan = Scan::try_new(files.clone(), options).unwrap();
        let mut rows = Vec::new();
        loop {
            match scan.next_batch() {
                Ok(batch) => rows.push(batch.unwrap().num_rows()),
                Err(error) => return (rows, error.to_string()),
            }
        }
    };
    let alone = outcome(1);
    let told = "other: column \"x\" is utf8, but int64 in the first";
    assert_eq!((alone.0.iter().sum::<usize>(), alone.1.as_str()), (1200, told));
    assert!([2, 3, 8].iter().all(|threads| outcome(*threads) == alone));
}

#[test]
fn any_of_several_files_may_hold_nulls_and_one_alone_keeps_what_it_says() {
    let one = |value: Option<i64>, nullable| -> ScanFile {
        let x = Field::new("x", DataType::Int64, nullable);
        let column: ArrayRef = Arc::new(Int64Array::from(vec![value]));
        // Two fields of one name, so that the index counts.
        let parts = Fields::from(vec![x.clone(), x.clone()]);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![value.map(|value| value + 10)]));
        let parts = StructArray::new(parts, vec![column.clone(), numbers], None);
        let s = Field::new("s", parts.data_type().clone(), nullable);
        let schema = Arc::new(Schema::new(vec![x, s]));
        written("b", &RecordBatch::try_new(schema, vec![column, Arc::new(parts)]).unwrap()).into()
    };
    let seconds = |rows: &RecordBatch| {
        rows.column(1).as_struct().column(1).as_primitive::<Int64Type>().iter().collect::<Vec<_>>()
    };
    for (second, expected) in [(one(None, true), None), (one(Some(2), false), Some(2))] {
        let rows = read(vec![one(Some(1), false), second], ScanOptions::default()).unwrap();
        let xs: Vec<_> = rows.column(0).as_primitive::<Int64Type>().iter().collect();
        assert_eq!(xs, [Some(1), expected]);
        assert_eq!(seconds(&rows), [Some(11), expected.map(|value| value + 10)]);
        assert!(rows.schema().field(0).is_nullable());
    }
    let rows = read(vec![one(Some(1), false)], ScanOptions::default()).unwrap();
    assert_eq!((rows.schema().field(0).is_nullable(), seconds(&rows)), (false, vec![Some(11)]));
    // All footers are read.
    let rows = read(vec![one(Some(1), false), one(Some(2), false)], union(Some("x < 9"))).unwrap();
    assert!(!rows.schema().field(0).is_nullable());
}

fn union(predicate: Option<&str>) -> ScanOptions {
    ScanOptions {
        merge_schema: MergeSchema::Union,
        predicate: predicate.map(str::to_owned),
        ..ScanOptions::default()
    }
}

/// Files that lack columns, or have them in other positions and types, with bounds in ten row
/// groups.
fn differing() -> Vec<ScanFile> {
    let ids = |first: i64| first..first + 40;
    let some = |i: i64| (i % 7 != 0).then_some(i);
    let text =
        |first| StringArray::from_iter(ids(first).map(|i| some(i).map(|i| format!("t{i:04}"))));
    let inside = |name: &str, first: i64| -> ArrayRef {
        let values: ArrayRef = Arc::new(Int64Array::from_iter(ids(first).map(some)));
        Arc::new(StructArray::from(vec![(
            Arc::new(Field::new(name, DataType::Int64, true)),
            values,
        )]))
    };
    let batches = [
        batch(vec![
            ("id", Arc::new(Int16Array::from_iter_values(ids(0).map(|i| i as i16)))),
            (
                "f",
                Arc::new(Float32Array::from_iter(ids(0).map(|i| some(i).map(|i| i as f32 / 10.0)))),
            ),
            ("s", Arc::new(text(0))),
            ("pair", inside("a", 0)),
        ]),
        batch(vec![
            ("s", arrow::compute::cast(&text(40), &DataType::Utf8View).unwrap()),
            ("id", Arc::new(Int64Array::from_iter(ids(40).map(some)))),
            ("pair", inside("b", 40)),
        ]),
        batch(vec![
            ("id", Arc::new(Int32Array::from_iter_values(ids(80).map(|i| i as i32)))),
            (
                "f",
                Arc::new(Float64Array::from_iter(
                    ids(80).map(|i| some(i).map(|i| i as f64 / 10.0)),
                )),
            ),
            ("more", Arc::new(Int64Array::from_iter(ids(80).map(some)))),
        ]),
    ];
    batches.iter().zip(["a", "b", "c"]).map(|(batch, name)| written(name, batch).into()).collect()
}

#[test]
fn columns_are_matched_by_name_in_the_order_of_first_appearance() {
    let rows = read(differing(), union(None)).unwrap();
    assert_eq!(
        schema_text(&rows.schema()),
        "id int64, f float64, s utf8_view, pair struct<a int64, b int64>, more int64"
    );
    let nulls: Vec<usize> = rows.columns().iter().map(|column| column.null_count()).collect();
    let sevenths = |from: i64, to: i64| (from..to).filter(|i| i % 7 == 0).count();
    let f = sevenths(0, 40) + 40 + sevenths(80, 120);
    assert_eq!(nulls, [sevenths(40, 80), f, sevenths(0, 80) + 40, 40, 80 + sevenths(80, 120)]);
    let b = rows.column(3).as_struct().column(1).clone();
    assert_eq!(b.null_count(), 80 + sevenths(40, 80));
    // A field that some files lack still shows which structs there are.
    let columns = Some(named(&["pair.b", "more"]));
    let parts = read(differing(), ScanOptions { columns, ..union(None) }).unwrap();
    assert_eq!(schema_text(&parts.schema()), "pair struct<b int64>, more int64");
    assert_eq!(parts.column(0).null_count(), 40);
    assert_eq!(parts.column(0).as_struct().column(0), &b);
}

#[test]
fn skipping_rows_of_differing_files_never_changes_the_answer() {
    let whole = read(differing(), union(None)).unwrap();
    for text in [
        "id = 25",
        "id > 100",
        "id IS NULL",
        "id < 300 AND id > 110",
        "f < 0.5",
        "f = 1.1",
        "f = CAST(1.1 AS FLOAT)",
        "f IS NULL",
        "f IS NOT NULL AND id < 50",
        "f > 11 OR more = 85",
        "NOT (f > 1)",
        "s = 't0045'",
        "s >= 't0077' OR id = 3",
        "s LIKE 't000%'",
        "s IS NULL AND more IS NOT NULL",
        "s IS DISTINCT FROM 't0001' AND id < 3",
        "more IS NULL",
        "more IN (81, 82, NULL)",
        "more NOT IN (81, 82)",
        "more = id",
        "pair.a = 5",
        "pair.b > 70",
        "pair IS NULL",
        "COALESCE(more, id) % 10 = 1",
        "TRUE",
    ] {
        let predicate = Predicate::bind(text, &whole.schema()).unwrap();
        let mask = predicate.evaluate(&whole.project(predicate.columns()).unwrap()).unwrap();
        let expected = filter_record_batch(&whole, &mask).unwrap();
        for threads in [1, 4] {
            let options = ScanOptions { threads: Threads::new(threads), ..union(Some(text)) };
            assert_eq!(read(differing(), options).unwrap(), expected, "{text}");
        }
        for (runs, dictionary) in [
            (
                EncodedColumns::Named(named(&["s", "id", "more"])),
                EncodedColumns::Named(named(&["f"])),
            ),
            (EncodedColumns::Auto, EncodedColumns::Named(named(&["s", "more"]))),
        ] {
            let options = ScanOptions { runs, dictionary, ..union(Some(text)) };
            assert_eq!(read(differing(), options).unwrap(), expected, "{text}");
        }
    }
}

#[test]
fn a_file_that_does_not_fit_is_named_before_any_row() {
    let other = batch(vec![("id", Arc::new(StringArray::from(vec!["x"])))]);
    let files = [differing(), vec![written("d", &other).into()]].concat();
    let error = Scan::try_new(files, union(None)).map(drop).unwrap_err().to_string();
    let told = "d: column \"id\" is Utf8, but Int64 before: no type represents both exactly";
    assert_eq!(error, told);
}

#[test]
fn a_predicate_does_not_change_the_columns() {
    let keyed = |(file, year): (ScanFile, i64)| (file, keys(Some(year), "s"));
    let files = || differing().into_iter().zip(2020..).map(keyed);
    let options = |text| ScanOptions { key_fields: key_fields(), ..union(text) };
    let all = read_keyed(files().collect(), options(None)).unwrap();
    let one = read_keyed(files().collect(), options(Some("year = 2021"))).unwrap();
    assert_eq!(one, all.slice(40, 40));
}

#[test]
fn open_and_unopened_files_mix() {
    let mut kept = tempfile::NamedTempFile::new().unwrap();
    let options = crate::parquet_file::EncodeOptions::default();
    let bytes = crate::parquet_file::write::encode::tests::encode(&[numbers(0)], &options);
    std::io::Write::write_all(&mut kept, &bytes).unwrap();
    let spooled: ParquetFile = opened("standard input", &bytes).unwrap();
    let files = vec![
        ScanFile::At(kept.path().to_owned(), None),
        spooled.into(),
        ScanFile::At(kept.path().to_owned(), None),
    ];
    assert_eq!(read(files, ScanOptions::default()).unwrap().num_rows(), 120);
}
