//! Random tables and conditions that statistics often prove: pushdown changes no answer and hides no
//! error, and columns that only a proven condition reads are not read.

use super::scan_tests::opened;
use crate::explain::Cause;
use crate::parquet_file::{ParquetFile, Scan, ScanOptions};
use crate::schema::expand;
use crate::threads::Threads;
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, UInt32Array,
};
use arrow::compute::{cast, concat};
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::sync::Arc;

const GROUPS: u64 = 12;
const GROUP_ROWS: u64 = 8;
const TABLES: u64 = 10;
const CONDITIONS: u64 = 60;

/// Numbers that look random: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

/// The numbers of a column: near one another in each row group, and null in some row groups.
fn numbers(random: &mut Random, has_nulls: bool) -> Vec<Option<i64>> {
    let groups = 0..GROUPS;
    let group = |_| {
        let (least, spread) = (random.below(12) as i64 - 3, random.below(3) + 1);
        let nulls = if has_nulls { random.below(3) } else { 0 };
        let value = |_| {
            let value = least + random.below(spread) as i64;
            (random.below(6) >= nulls * 2).then_some(value)
        };
        (0..GROUP_ROWS).map(value).collect::<Vec<_>>()
    };
    groups.flat_map(group).collect()
}

fn table(random: &mut Random) -> RecordBatch {
    let number = |random: &mut Random| numbers(random, true).into_iter();
    let floats = number(random).map(|value| match (value?, random.below(12)) {
        (_, 0) => Some(f64::NAN),
        (0, 1..8) => Some(-0.0),
        (value, _) => Some(value as f64 / 2.0),
    });
    let floats: Vec<Option<f64>> = floats.collect();
    let text = |value: i64| {
        format!("{}x{}", ["a", "ab", "\u{e9}\u{e9}"][value.rem_euclid(3) as usize], value / 3)
    };
    let texts: Vec<Option<String>> = number(random).map(|value| value.map(text)).collect();
    let decimals = number(random).map(|value| value.map(i128::from));
    let decimals = Decimal128Array::from_iter(decimals).with_precision_and_scale(9, 1).unwrap();
    let word = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("n", Arc::new(Int64Array::from_iter(numbers(random, false))), false),
        ("z", Arc::new(Int64Array::from_iter(number(random))), true),
        (
            "u",
            Arc::new(UInt32Array::from_iter(number(random).map(|it| it.map(|it| it as u32)))),
            true,
        ),
        ("f", Arc::new(Float64Array::from_iter(floats.iter().copied())), true),
        (
            "g",
            Arc::new(Float32Array::from_iter(floats.iter().map(|it| it.map(|it| it as f32)))),
            true,
        ),
        ("s", Arc::new(StringArray::from_iter(texts.iter())), true),
        ("w", cast(&StringArray::from_iter(texts.iter()), &word).unwrap(), true),
        ("m", Arc::new(decimals), true),
        (
            "b",
            Arc::new(BooleanArray::from_iter(number(random).map(|it| it.map(|it| it > 3)))),
            true,
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A file whose statistics of text are truncated.
fn file(batch: &RecordBatch) -> ParquetFile {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(GROUP_ROWS as usize))
        .set_statistics_truncate_length(Some(2))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    opened("a", &bytes).unwrap()
}

fn condition(random: &mut Random, depth: u64) -> String {
    if depth > 0 && random.below(3) > 0 {
        let (one, other) = (condition(random, depth - 1), condition(random, depth - 1));
        return match random.below(5) {
            0 | 1 => format!("({one}) AND ({other})"),
            2 => format!("({one}) OR ({other})"),
            3 => format!("NOT ({one})"),
            _ => format!("({one}) IS NOT {}", random.one_of(&["TRUE", "FALSE", "NULL"])),
        };
    }
    let compared = random.one_of(&["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"]);
    let (low, high) = (random.below(14) as i64 - 4, random.below(14) as i64 - 4);
    let text = random.one_of(&["'a'", "'ab'", "'abx1'", "'b'", "'\u{e9}\u{e9}x0'", "''"]);
    let name = random.one_of(&["n", "n", "z", "u", "f", "g", "m", "s", "w", "b"]);
    match (name, random.below(12)) {
        ("b", 0..6) => "b".to_owned(),
        (_, 0) => format!("{name} IS NULL"),
        (_, 1) => format!("{name} IS NOT NULL"),
        ("s" | "w", 2) => format!("{name} LIKE 'a%'"),
        ("s" | "w", 3) => format!("{name} BETWEEN 'a' AND {text}"),
        ("s" | "w", 4) => format!("CAST(substr({name}, 4) AS BIGINT) > {low}"),
        ("s" | "w", _) => format!("{name} {compared} {text}"),
        ("b", _) => format!("b = {}", low < 3),
        (_, 2) => format!("{name} BETWEEN {low} AND {high}"),
        (_, 3) => format!("{name} IN ({low}, {high})"),
        (_, 4) => format!("{name} NOT IN ({low}, {high}, 5)"),
        ("f" | "g", 5) => format!("{name} {compared} 'nan'"),
        ("n" | "z", 5) => format!("12 // ({name} - {low}) {compared} {high}"),
        _ => format!("{name} {compared} {low}"),
    }
}

/// The rows of a scan or its error, the bytes that were not read because of proofs, and the number of
/// row groups that were pruned.
fn scanned(file: &ParquetFile, options: ScanOptions) -> (Result<Vec<ArrayRef>, String>, u64, u64) {
    let mut scan = Scan::try_new(vec![file.clone().into()], options).unwrap();
    let batches: Result<Vec<RecordBatch>, _> =
        std::iter::from_fn(|| scan.next_batch().transpose()).collect();
    let columns = |batches: Vec<RecordBatch>| {
        let count = batches.first().map_or(0, RecordBatch::num_columns);
        let column = |place| {
            let parts: Vec<ArrayRef> =
                batches.iter().map(|batch| expand(batch.column(place)).unwrap()).collect();
            concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>()).unwrap()
        };
        (0..count).map(column).collect()
    };
    let found = batches.map(columns).map_err(|error| error.to_string());
    let tally = scan.tally();
    (found, tally[Cause::Proven].bytes, tally[Cause::Statistics].parts)
}

#[test]
fn proofs_change_no_answer_and_hide_no_error() {
    let (mut proven, mut failed, mut nonempty) = (0, 0, 0);
    for number in 0..TABLES {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (number + 1) << 17);
        let file = file(&table(&mut random));
        for _ in 0..CONDITIONS {
            let predicate = condition(&mut random, 2);
            let columns = ["n", "s", "f", "w"].iter().skip(random.below(3) as usize);
            let limit = (random.below(4) == 0).then(|| random.below(40));
            let options = ScanOptions {
                columns: Some(columns.map(|name| (*name).to_owned()).collect()),
                predicate: Some(predicate.clone()),
                skip: random.below(3) * 5,
                limit,
                batch_rows: Some(3),
                is_counted: true,
                threads: Threads::new(1 + random.below(2) as usize),
                ..ScanOptions::default()
            };
            let all = ScanOptions { no_pushdown: true, ..options.clone() };
            let (expected, _, _) = scanned(&file, all);
            let (found, bytes, pruned) = scanned(&file, options);
            match (&expected, &found) {
                (Ok(expected), Ok(found)) => assert!(expected == found, "{number}: {predicate}"),
                (Err(_), Ok(_)) => assert!(pruned > 0, "{number}: {predicate}: hides an error"),
                (_, Err(found)) => assert!(expected.is_err(), "{number}: {predicate}: {found}"),
            }
            proven += u64::from(bytes > 0);
            failed += u64::from(expected.is_err());
            nonempty += u64::from(expected.is_ok_and(|columns| !columns.is_empty()));
        }
    }
    let all = TABLES * CONDITIONS;
    let is_telling = all / 4 < proven && all / 50 < failed && all / 3 < nonempty;
    assert!(is_telling, "of {all}: {proven} proven, {failed} failed, {nonempty} with rows");
}
