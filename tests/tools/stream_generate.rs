//! stream-generate: the same table for the same arguments, and what is wrong with the others.

use crate::support::{Python, Tool, Workplace, int64_batch, read_stream};
use arrow::compute::concat_batches;

const MIXED: &str =
    "n = random(int64 -9..9) nulls 0.2, t = random(text 0..9), c = random(choice 3)";

fn generated(arguments: &[&str]) -> Vec<u8> {
    Tool::new("stream-generate").args(arguments.iter().copied()).run().succeeds().stdout
}

#[test]
fn ranges_are_crossed() {
    let batches = read_stream(&generated(&["a = 1..3, \"b c\" = -1..2"]));
    let (a, b) = (vec![1, 1, 1, 2, 2, 2], vec![-1, 0, 1, -1, 0, 1]);
    assert_eq!(batches, [int64_batch(&[("a", a), ("b c", b)])]);
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let arguments = [MIXED, "--rows", "1000", "--seed", "3", "--batch-rows", "300"];
    let bytes = generated(&arguments);
    assert_eq!(generated(&arguments), bytes);
    let batches = read_stream(&bytes);
    let rows: Vec<usize> = batches.iter().map(|batch| batch.num_rows()).collect();
    assert_eq!(rows, [300, 300, 300, 100]);
    let whole = read_stream(&generated(&[MIXED, "--rows", "1000", "--seed", "3"]));
    assert_eq!(concat_batches(&batches[0].schema(), &batches).unwrap(), whole[0]);
    assert_ne!(read_stream(&generated(&[MIXED, "--rows", "1000"])), whole);
}

#[test]
fn a_table_without_rows_is_a_stream_all_the_same() {
    assert!(read_stream(&generated(&["a = 5..5"])).is_empty());
    assert!(read_stream(&generated(&[MIXED, "--rows", "0"])).is_empty());
}

#[test]
fn a_wrong_specification_is_shown_with_a_caret() {
    let place = Workplace::new();
    place
        .tool("stream-generate")
        .args(["-o", "x.arrows", "a = 0..9, b = random(int32 0..9)"])
        .run()
        .exits_with(2)
        .stderr_is(
            "stream-generate: cannot read the specification: expected int64 A..B, float64, normal, \
             bool, uuid, text MIN..MAX, choice N, date A..B, timestamp A..B, decimal(P, S) A..B, \
             list(KIND) MIN..MAX or struct(NAME KIND, …)\n\
             a = 0..9, b = random(int32 0..9)\n                     ^\n",
        );
    assert!(place.names().is_empty());
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run = Tool::new("stream-generate").args(arguments.iter().copied()).run();
        run.exits_with(2).stderr_is(&format!("stream-generate: {why}\n")).stdout_is("");
    };
    told(&[], "missing SPECIFICATION (try 'a = 0..10')");
    told(&["a = 0..1", "b = 0..1"], "more than one specification: put it in single quotes");
    told(
        &["--batch-rows", "0", "a = 0..1"],
        "--batch-rows takes a whole number above 0, not \"0\"",
    );
    told(
        &["a = random(float64)"],
        "a table without ranges needs its number of rows (try --rows 1000)",
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'a = 0..1000000000000' | head -c 1000 | wc -c; echo ${PIPESTATUS[0]}",
        )
        .succeeds()
        .stdout_is("1000\n0\n");
}

/// Every kind, as pyarrow and DuckDB understand it, there and back through Parquet; and the very rows,
/// computed apart from this code in Python (integers, UUIDs; normal numbers by Python's own
/// mathematics, which may differ in the last bit).
#[test]
fn every_kind_is_understood_elsewhere() {
    let place = Workplace::new();
    let kinds = "i = random(int64 0..1000000), n = random(normal 10 2), u = random(uuid), b = random(bool), \
        d = random(date 2020-01-01..2021-01-01), t = random(timestamp 2020-01-01..2020-02-01T12:00:00), \
        z = random(timestamp 2020-01-01Z..2020-02-01Z) nulls 0.5, p = random(decimal(12, 2) 0.00..100.00), \
        l = random(list(int64 0..9 nulls 0.2) 0..5) nulls 0.2, s = random(struct(a int64 0..3, b text 1..4)) nulls 0.3";
    let run = place
        .tool("stream-generate")
        .args(["--rows", "500", "--seed", "7", "-o", "k.arrows", kinds]);
    run.run().succeeds();
    place.shell("stream-to-parquet -o k.parquet k.arrows").succeeds();
    let check = r#"
import math, uuid, duckdb, pyarrow as pa, pyarrow.parquet as pq
M = 2**64 - 1
def splitmix(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & M
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        yield z ^ (z >> 31)
def rotate(x, k):
    return ((x << k) | (x >> (64 - k))) & M
def xoshiro(seed):
    g = splitmix(seed)
    s = [next(g) for _ in range(4)]
    while True:
        yield (rotate((s[0] + s[3]) & M, 23) + s[0]) & M
        t = (s[1] << 17) & M
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotate(s[3], 45)
seeds = splitmix(7)
columns = [(next(seeds), next(seeds)) for _ in range(10)]
table = pa.ipc.open_stream('k.arrows').read_all()
g = xoshiro(columns[0][0])
assert table['i'].to_pylist() == [(next(g) * 1000000) >> 64 for _ in range(500)]
g = xoshiro(columns[1][0])
for x in table['n'].to_pylist():
    r, a = ((next(g) >> 11) + 1) / 2**53, (next(g) >> 11) / 2**53
    assert math.isclose(x, 10 + 2 * math.sqrt(-2 * math.log(r)) * math.cos(2 * math.pi * a), rel_tol=1e-14)
g = xoshiro(columns[2][0])
for x in table['u'].to_pylist():
    assert x == uuid.UUID(int=(next(g) << 64) | next(g), version=4), x
g = xoshiro(columns[8][0])
h = xoshiro(columns[8][1])
below = splitmix(columns[8][0] ^ M)
values, nulls = xoshiro(next(below)), xoshiro(next(below))
for x in table['l'].to_pylist():
    length = (next(g) * 6) >> 64
    items = [((next(values) * 9) >> 64) for _ in range(length)]
    items = [None if (next(nulls) >> 11) < int(0.2 * 2**53) else i for i in items]
    assert x == (None if (next(h) >> 11) < int(0.2 * 2**53) else items), (x, items)
print(table.schema.remove_metadata().to_string(show_field_metadata=False))
back = pq.read_table('k.parquet')
assert back.to_pylist() == table.to_pylist()
rows = duckdb.sql("select count(*), min(d) >= '2020-01-01', max(t) < '2020-02-01 12:00', max(p) < 100, count(s.b) > 300 from 'k.parquet'").fetchall()
assert rows == [(500, True, True, True, True)], rows
"#;
    Python::run(check, place.path(), [""]).succeeds().stdout_is(
        "i: int64 not null\n\
         n: double not null\n\
         u: extension<arrow.uuid> not null\n\
         b: bool not null\n\
         d: date32[day] not null\n\
         t: timestamp[us] not null\n\
         z: timestamp[us, tz=UTC]\n\
         p: decimal128(12, 2) not null\n\
         l: list<item: int64>\n  child 0, item: int64\n\
         s: struct<a: int64 not null, b: string not null>\n  child 0, a: int64 not null\n  child 1, b: string not null\n",
    );
}
