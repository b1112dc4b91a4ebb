//! stream-sample: which rows it keeps, and what it says when it cannot.

use crate::support::{Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;

/// Groups 0 and 1, ids that come back late, one row number after the other, in two batches.
fn numbers() -> Vec<u8> {
    let batch = |group: Vec<i64>, id: Vec<i64>, row: Vec<i64>| {
        int64_batch(&[("group", group), ("id", id), ("row", row)])
    };
    stream_of(&[
        batch(vec![0, 0, 0, 1], vec![5, 5, 6, 6], vec![0, 1, 2, 3]),
        batch(vec![1, 0, 0, 1], vec![5, 7, 5, 6], vec![4, 5, 6, 7]),
    ])
}

fn kept(arguments: &[&str]) -> Vec<i64> {
    let run = Tool::new("stream-sample").args(arguments.iter().copied()).pipe_in(numbers()).run();
    let batches = read_stream(&run.succeeds().stdout);
    let Some(first) = batches.first() else { return Vec::new() };
    let all = concat_batches(&first.schema(), &batches).unwrap();
    rows(&all)
}

fn rows(batch: &RecordBatch) -> Vec<i64> {
    batch.column(2).as_primitive::<Int64Type>().values().to_vec()
}

#[test]
fn the_first_ids_of_each_group_keep_all_their_rows() {
    assert_eq!(kept(&["--first", "1", "--of", "id", "--per", "group"]), [0, 1, 3, 6, 7]);
    assert_eq!(kept(&["--first", "1", "--of", "id"]), [0, 1, 4, 6]);
    assert_eq!(kept(&["--first", "2", "--of", "group,id"]), [0, 1, 2, 6]);
    assert_eq!(kept(&["--first", "2", "--per", "group"]), [0, 1, 3, 4]);
    assert_eq!(kept(&["--first", "3"]), [0, 1, 2]);
    assert_eq!(kept(&["--first", "0", "--per", "id"]), [] as [i64; 0]);
}

#[test]
fn every_so_many_rows_are_counted_across_batches() {
    assert_eq!(kept(&["--every", "3"]), [0, 3, 6]);
    assert_eq!(kept(&["--every", "1"]), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn rows_drawn_at_random_keep_their_order_and_depend_on_the_seed() {
    let place = Workplace::new();
    place
        .shell("stream-generate --batch-rows 1000 'a = 0..20, b = 0..1000' -o x.arrows")
        .succeeds();
    let sample = |arguments: &str| {
        let run = place.shell(&format!("stream-sample {arguments} x.arrows")).succeeds();
        let value = |batch: &RecordBatch| -> Vec<i64> {
            let column = |c: usize| batch.column(c).as_primitive::<Int64Type>().values().to_vec();
            column(0).iter().zip(column(1)).map(|(a, b)| 1000 * a + b).collect()
        };
        read_stream(&run.stdout).iter().flat_map(value).collect::<Vec<i64>>()
    };
    for way in ["--rows 100", "--fraction 0.1"] {
        let first = sample(&format!("{way} --seed 1"));
        assert!(first.is_sorted_by(|a, b| a < b));
        assert_eq!(first, sample(&format!("{way} --seed 1")));
        assert_ne!(first, sample(&format!("{way} --seed 2")));
        assert_ne!(sample(way), sample(way));
        let batches =
            format!("stream-rechunk --batch-rows 77 x.arrows | stream-sample {way} --seed 1");
        let run = place.shell(&format!("{batches} | stream-rechunk")).succeeds();
        let whole = place.shell(&format!("stream-sample {way} --seed 1 x.arrows | stream-rechunk"));
        assert_eq!(run.stdout, whole.succeeds().stdout);
    }
    assert_eq!(sample("--rows 100").len(), 100);
    assert_eq!(sample("--rows 1000000").len(), 20_000);
    assert_eq!(sample("--fraction 0").len(), 0);
    assert_eq!(sample("--fraction 1").len(), 20_000);
    // Ten standard deviations.
    assert!((1576..2424).contains(&sample("--fraction 0.1").len()));
}

#[test]
fn a_seed_that_was_drawn_can_be_told_and_given() {
    let random = |arguments: &[&str]| {
        Tool::new("stream-sample").args(arguments.iter().copied()).pipe_in(numbers()).run()
    };
    let run = random(&["--fraction", "0.5", "--verbose"]).exits_with(0).one_line_on_stderr();
    let seed = run.stderr.trim().strip_prefix("stream-sample: seed ").unwrap();
    let again = random(&["--fraction", "0.5", "--verbose", "--seed", seed]).succeeds();
    assert_eq!(run.stdout, again.stdout);
}

#[test]
fn a_number_of_rows_lets_an_endless_producer_go() {
    let place = Workplace::new();
    place
        .shell("stream-generate 'a = 0..1000000000000' | stream-sample --first 3 | stream-sample --every 2 >x && ls")
        .succeeds()
        .stdout_is("x\n");
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run =
            Tool::new("stream-sample").args(arguments.iter().copied()).pipe_in(numbers()).run();
        run.exits_with(2).stderr_is(&format!("stream-sample: {why}\n")).stdout_is("");
    };
    let which = "missing --first N, --every N, --fraction P, --rows N or --shuffle";
    told(&[], which);
    told(&["--of", "id"], which);
    let one = "--first, --every, --fraction, --rows and --shuffle cannot be combined";
    told(&["--first", "1", "--every", "2"], one);
    told(&["--fraction", "0.5", "--rows", "2"], one);
    told(&["--every", "2", "--per", "id"], "--per requires --first or --rows");
    told(&["--rows", "2", "--of", "id"], "--of requires --first");
    let random = "--seed and --verbose require --fraction, --rows or --shuffle";
    told(&["--every", "2", "--seed", "1"], random);
    told(&["--first", "2", "--verbose"], random);
    for wrong in ["1.01", "-0.1", "NaN", "half"] {
        let why = format!("--fraction takes a number from 0 to 1, not \"{wrong}\"");
        told(&["--fraction", wrong], &why);
    }
    told(&["--every", "0"], "--every takes a whole number above 0, not \"0\"");
    told(&["--first", "1", "--of", "idd"], "--of: unknown column \"idd\" (did you mean \"id\"?)");
    told(
        &["--first", "1", "--per", "gruop"],
        "--per: unknown column \"gruop\" (did you mean \"group\"?)",
    );
}

#[test]
fn a_stream_that_just_stops_leaves_no_file() {
    let place = Workplace::new();
    let whole = numbers();
    place
        .tool("stream-sample")
        .args(["--every", "2", "-o", "x.arrows"])
        .pipe_in(&whole[..whole.len() - 8])
        .run()
        .exits_with(1)
        .stderr_has("the producer stopped early")
        .one_line_on_stderr();
    assert!(place.names().is_empty());
}

/// pyarrow makes the tables, and Python's own dictionaries say what is to be kept.
const AGREES_WITH_PYTHON: &str = r#"
import decimal, io, math, random, subprocess, sys
import pyarrow as pa, pyarrow.ipc as ipc

random.seed(5)
nan = float("nan")
values = {
    "int": (pa.int64(), [1, 2, None, -3]),
    "float": (pa.float64(), [0.0, -0.0, nan, None, 1.5]),
    "text": (pa.string(), ["", "a", None, "a long text that is not in a view"]),
    "view": (pa.string_view(), ["", "a", None, "a long text that is not in a view"]),
    "decimal": (pa.decimal128(9, 2), [decimal.Decimal("1.50"), decimal.Decimal("-2"), None]),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), ["x", "y", None, "z"]),
    "list": (pa.list_(pa.float32()), [[], [0.0], [-0.0], [nan], None, [None]]),
    "struct": (pa.struct([("a", pa.float64()), ("b", pa.string())]),
               [{"a": nan, "b": "x"}, {"a": 0.0, "b": None}, {"a": -0.0, "b": None}, None]),
    "bool": (pa.bool_(), [True, False, None]),
}

def plain(value):
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value + 0.0
    if isinstance(value, dict):
        return tuple((k, plain(v)) for k, v in value.items())
    if isinstance(value, list):
        return tuple(map(plain, value))
    return value

names = list(values)
batches = []
for number in range(30):
    rows = random.randrange(60)
    columns = [pa.array(random.choices(values[name][1], k=rows), values[name][0]) for name in names]
    batches.append(pa.record_batch(columns + [pa.array([number * 100 + r for r in range(rows)], pa.int32())],
                                   names=names + ["row"]))
sink = io.BytesIO()
with ipc.new_stream(sink, batches[0].schema) as writer:
    for batch in batches:
        writer.write_batch(batch)
table = pa.Table.from_batches(batches).to_pylist()

for of, per in [([a], [b]) for a in names for b in names] + [(["int", "text"], ["list", "bool"]), (["float"], [])]:
    arguments = ["stream-sample", "--first", "2", "--of", ",".join(of)] + (["--per", ",".join(per)] if per else [])
    output = subprocess.run(arguments, input=sink.getvalue(), stdout=subprocess.PIPE, check=True).stdout
    found = ipc.open_stream(output).read_all()
    assert found.schema.equals(batches[0].schema), arguments
    groups, expected = {}, []
    for row in table:
        ids = groups.setdefault(tuple(plain(row[name]) for name in per), set())
        key = tuple(plain(row[name]) for name in of)
        if key in ids or len(ids) < 2:
            ids.add(key)
            expected.append(row["row"])
    assert found["row"].to_pylist() == expected, (arguments, found["row"].to_pylist(), expected)
"#;

#[test]
fn it_agrees_with_python_about_columns_of_many_types() {
    Python::run(AGREES_WITH_PYTHON, Workplace::new().path(), [] as [&str; 0]).succeeds();
}

#[test]
fn so_many_rows_of_each_group_are_drawn() {
    let place = Workplace::new();
    place.shell("stream-generate 'n = 0..10000, g = random(choice 7)' -o x.arrows").succeeds();
    let sample = |arguments: &str| {
        let line = format!(
            "set -o pipefail; stream-sample {arguments} x.arrows | stream-to-csv --no-header"
        );
        String::from_utf8(place.shell(&line).succeeds().stdout).unwrap()
    };
    let drawn = sample("--rows 5 --per g --seed 1");
    assert_eq!(drawn, sample("--rows 5 --per g --seed 1"));
    assert_ne!(drawn, sample("--rows 5 --per g --seed 2"));
    let mut of_group = std::collections::BTreeMap::new();
    for line in drawn.lines() {
        *of_group.entry(line.split(',').nth(1).unwrap().to_owned()).or_insert(0) += 1;
    }
    assert!(of_group.len() == 7 && of_group.values().all(|rows| *rows == 5), "{of_group:?}");
    assert_eq!(sample("--rows 99999 --per g").lines().count(), 10_000);
}

#[test]
fn a_shuffled_stream_has_all_rows_in_an_order_that_the_seed_decides() {
    let place = Workplace::new();
    let words = "stream-generate 'n = 0..300000, word = random(choice 99)' -o x.arrows";
    place.shell(words).succeeds();
    // Little memory, or all at once.
    let shuffle = |arguments: &str, name: &str| {
        let line = format!("stream-sample --shuffle --seed 3 {arguments} x.arrows -o {name}");
        place.shell(&line).succeeds();
    };
    shuffle("--memory 1MiB", "few");
    shuffle("", "many");
    let same = "cmp <(stream-to-csv few) <(stream-to-csv many)";
    place.shell(same).succeeds();
    place
        .shell("cmp <(stream-sort --by n few | stream-to-csv) <(stream-to-csv x.arrows)")
        .succeeds();
    let moved = place.shell("stream-head -n 1000 few | stream-filter 'n >= 150000' | stream-count");
    let moved: u32 = String::from_utf8_lossy(&moved.succeeds().stdout).trim().parse().unwrap();
    assert!((400..600).contains(&moved), "{moved}");
    for (arguments, told) in [
        (
            "--shuffle --rows 3",
            "--first, --every, --fraction, --rows and --shuffle cannot be combined",
        ),
        ("--shuffle --per n", "--per requires --first or --rows"),
        ("--rows 3 --of n", "--of requires --first"),
    ] {
        place.shell(&format!("stream-sample {arguments} x.arrows")).exits_with(2).stderr_has(told);
    }
}
