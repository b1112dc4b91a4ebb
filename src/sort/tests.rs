//! Sorts by numbers against sorts by byte strings, and columns that are left out.

use super::*;
use arrow::array::{
    AsArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int16Array,
    Int64Array, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;

fn random(row: usize) -> u64 {
    let number = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (number ^ number >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 3
}

/// Rows with keys of several types, a column that is always equal, and the number of the row.
fn table(rows: usize) -> RecordBatch {
    let some = |row: usize| !random(row).is_multiple_of(9);
    let value = |row: usize| match random(row) >> 9 & 3 {
        0 => random(row) >> 13 & 3,
        1 => u64::MAX - (random(row) >> 13 & 3),
        _ => random(row) << 3 | 5,
    };
    let float = |row: usize| match random(row) >> 20 & 15 {
        0 => f64::NAN,
        1 => -f64::NAN,
        2 => -0.0,
        3 => 0.0,
        4 => f64::INFINITY,
        5 => -f64::INFINITY,
        _ => random(row) as f64 / 1e18 - 1.0,
    };
    let of = |row| some(row).then(|| value(row));
    let signed = |row| of(row).map(|value| value as i64);
    let rows = 0..rows;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i64", Arc::new(rows.clone().map(signed).collect::<Int64Array>())),
        ("sure", Arc::new(Int64Array::from_iter_values(rows.clone().map(|r| value(r) as i64)))),
        ("u64", Arc::new(rows.clone().map(of).collect::<UInt64Array>())),
        (
            "i16",
            Arc::new(rows.clone().map(|r| signed(r).map(|v| v as i16)).collect::<Int16Array>()),
        ),
        (
            "date",
            Arc::new(rows.clone().map(|r| signed(r).map(|v| v as i32)).collect::<Date32Array>()),
        ),
        (
            "bool",
            Arc::new(rows.clone().map(|r| of(r).map(|v| v & 4 > 0)).collect::<BooleanArray>()),
        ),
        (
            "f32",
            Arc::new(
                rows.clone().map(|r| some(r).then(|| float(r) as f32)).collect::<Float32Array>(),
            ),
        ),
        (
            "f64",
            Arc::new(rows.clone().map(|r| some(r).then(|| float(r))).collect::<Float64Array>()),
        ),
        ("time", Arc::new(rows.clone().map(signed).collect::<TimestampMicrosecondArray>())),
        // Some batches have values with more digits than the type allows.
        (
            "decimal",
            Arc::new(
                rows.clone()
                    .map(|r| signed(r).map(|v| i128::from(v % 99) << (r / 3000 * 40)))
                    .collect::<Decimal128Array>()
                    .with_data_type(DataType::Decimal128(18, 2)),
            ),
        ),
        ("equal", Arc::new(StringArray::from_iter_values(rows.clone().map(|_| "equal")))),
        ("row", Arc::new(Int64Array::from_iter_values(rows.map(|row| row as i64)))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

fn options(by: &str, unique: &[&str], limit: Option<u64>) -> SortOptions {
    SortOptions {
        by: Order::parse(by).unwrap(),
        unique: unique.iter().map(|name| (*name).to_owned()).collect(),
        limit,
        memory_bytes: 1 << 30,
        temporary_directory: None,
        threads: Threads::one(),
    }
}

fn sorted(table: &RecordBatch, options: &SortOptions, columns: &[usize]) -> RecordBatch {
    let mut sorter = Sorter::try_new(table.schema_ref(), options).unwrap();
    for start in (0..table.num_rows()).step_by(700) {
        sorter.push(&table.slice(start, 700.min(table.num_rows() - start))).unwrap();
    }
    let mut rows = sorter.finish(columns).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = rows.next_batch().unwrap() {
        batches.push(batch);
    }
    let schema = Arc::new(table.schema().project(columns).unwrap());
    concat_batches(&schema, &batches).unwrap()
}

const COLUMNS: usize = 12;

#[test]
fn numbers_give_the_order_of_byte_strings_whatever_the_memory_and_the_threads() {
    let table = table(9000);
    let all: Vec<usize> = (0..COLUMNS).collect();
    let keys = ["i64", "sure", "u64", "i16", "date", "bool", "f32", "f64", "time", "decimal"];
    for (place, key) in keys.into_iter().chain(["i16, date", "bool, f32"]).enumerate() {
        let directions = ["", " NULLS FIRST", " DESC", " DESC NULLS FIRST"];
        let directions =
            if place % 3 == 0 { &directions[..] } else { &directions[place % 4..][..1] };
        for direction in directions {
            let by = format!("{key}{direction}");
            for (unique, limit) in
                [(false, None), (false, Some(777)), (true, None), (true, Some(50))]
            {
                let names: Vec<&str> = key.split([',', ' ']).filter(|n| n.len() > 1).collect();
                let unique = if unique { &names[..] } else { &[] };
                // A key of text makes byte strings of all.
                let by_bytes = if unique.is_empty() {
                    options(&format!("{by}, equal"), unique, limit)
                } else {
                    options(&format!("{by}, equal"), &[unique, &["equal"]].concat(), limit)
                };
                let expected = sorted(&table, &by_bytes, &all);
                for (memory, threads) in [(1 << 30, 1), (1 << 30, 3), (1 << 18, 2), (1 << 14, 1)] {
                    let mut options = options(&by, unique, limit);
                    (options.memory_bytes, options.threads) = (memory, Threads::new(threads));
                    let found = sorted(&table, &options, &all);
                    let row = |batch: &RecordBatch| {
                        batch.column(COLUMNS - 1).as_primitive::<Int64Type>().values().to_vec()
                    };
                    assert!(row(&found) == row(&expected), "{by} {unique:?} {limit:?} {memory}");
                }
            }
        }
    }
}

#[test]
fn columns_that_are_not_needed_are_left_out() {
    let table = table(5000);
    for (by, unique) in [("f64", &[][..]), ("equal, i64", &[]), ("i64", &["equal", "bool"])] {
        for memory in [1 << 30, 1 << 14] {
            for columns in [&[][..], &[0], &[2, 11], &[1, 7, 10]] {
                let mut options = options(by, unique, None);
                options.memory_bytes = memory;
                let all: Vec<usize> = (0..COLUMNS).collect();
                let expected = sorted(&table, &options, &all).project(columns).unwrap();
                let found = sorted(&table, &options, columns);
                assert_eq!(found.num_rows(), expected.num_rows());
                // NaN does not equal itself, but its text does.
                assert_eq!(format!("{:?}", found.columns()), format!("{:?}", expected.columns()));
            }
        }
    }
}
