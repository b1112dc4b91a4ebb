//! stream-cat: which inputs become one stream, and how.

use crate::support::{Outcome, Python, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

fn place_with_streams() -> Workplace {
    let place = Workplace::new();
    let ids = |from: i64| stream_of(&[int64_batch(&[("id", (from..from + 3).collect())])]);
    place.write("a.arrows", ids(0));
    place.write("b.arrows", ids(10));
    place
}

fn ids(run: &Outcome) -> Vec<i64> {
    let column =
        |batch: &RecordBatch| batch.column(0).as_primitive::<Int64Type>().values().to_vec();
    read_stream(&run.stdout).iter().flat_map(column).collect()
}

#[test]
fn inputs_come_one_after_another() {
    let place = place_with_streams();
    let cat = |line: &str| ids(&place.shell(line).succeeds());
    assert_eq!(cat("stream-cat b.arrows a.arrows b.arrows"), [10, 11, 12, 0, 1, 2, 10, 11, 12]);
    assert_eq!(cat("stream-cat <a.arrows"), [0, 1, 2]);
    assert_eq!(cat("stream-cat b.arrows - <a.arrows"), [10, 11, 12, 0, 1, 2]);
    assert_eq!(cat("stream-cat --merge-schema union b.arrows - <a.arrows"), [10, 11, 12, 0, 1, 2]);
    let mut mixed = cat("stream-cat --interleave b.arrows a.arrows");
    mixed.sort_unstable();
    assert_eq!(mixed, [0, 1, 2, 10, 11, 12]);
}

#[test]
fn named_pipes_are_fed_one_after_another() {
    let place = place_with_streams();
    // The second pipe is opened for writing only when the first has been read to its end.
    let line = "mkfifo p q; { cat a.arrows >p; cat b.arrows >q; } & timeout 60 stream-cat p q";
    assert_eq!(ids(&place.shell(line).succeeds()), [0, 1, 2, 10, 11, 12]);
}

#[test]
fn interleaved_batches_come_as_they_arrive() {
    let place = place_with_streams();
    // The first input goes on only when the second has come out: one after another would wait.
    let line = "
        size=$(($(stat -c %s a.arrows) - 8))
        mkfifo p q out go
        timeout 60 stream-cat --interleave p q -o out &
        { head -c $size a.arrows; read -r _ <go; tail -c 8 a.arrows; } >p &
        cat b.arrows >q &
        { head -c $((2 * size - 400)); echo >go; cat; } <out";
    let mut all = ids(&place.shell(line).succeeds());
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 10, 11, 12]);
}

#[test]
fn a_producer_that_dies_fails_the_whole() {
    let place = place_with_streams();
    let whole = std::fs::read(place.file("b.arrows")).unwrap();
    place.write("cut.arrows", &whole[..whole.len() - 8]);
    for options in ["", "--interleave", "--merge-schema union", "--interleave --merge-schema union"]
    {
        for inputs in ["a.arrows cut.arrows", "cut.arrows a.arrows", "a.arrows <(cat cut.arrows)"] {
            let run = place.shell(&format!("stream-cat {options} {inputs}"));
            let run = run.exits_with(1).one_line_on_stderr();
            let run = run.stderr_has("the producer stopped early");
            assert!(!run.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
            place.shell(&format!("stream-cat {options} {inputs} -o out.arrows")).exits_with(1);
            assert!(!place.file("out.arrows").exists());
        }
    }
}

#[test]
fn schemas_that_differ_are_told() {
    let place = place_with_streams();
    place.write("c.arrows", stream_of(&[int64_batch(&[("id", vec![1]), ("n", vec![2])])]));
    for options in ["", "--interleave"] {
        place.shell(&format!("stream-cat {options} a.arrows c.arrows")).exits_with(1).stderr_is(
            "stream-cat: c.arrows: column \"n\" (int64) is not in the first \
                 (stream-cat --merge-schema union takes both)\n",
        );
    }
    place
        .shell("stream-cat --merge-schema all a.arrows")
        .exits_with(2)
        .stderr_is("stream-cat: --merge-schema takes one of strict, union, not \"all\"\n");
}

/// Pairs of columns, written by pyarrow: what the union holds must be what pyarrow's own promotion
/// of the two gives, or the values as Python sees them.
const UNION: &str = r#"
import decimal, subprocess, sys
import pyarrow as pa

D = decimal.Decimal
us = 1_600_000_000_123_456
pairs = {
    "missing": (None, pa.array(["x", None]), pa.string()),
    "gone": (pa.array([1, None]), None, pa.int64()),
    "int": (pa.array([1, None, -128], pa.int8()), pa.array([2**62], pa.int64()), pa.int64()),
    "sign": (pa.array([1, 255], pa.uint8()), pa.array([-128, None], pa.int8()), pa.int16()),
    "double": (pa.array([2**31 - 1], pa.int32()), pa.array([0.5, None]), pa.float64()),
    "float": (pa.array([0.5, None], pa.float32()), pa.array([2.0**60]), pa.float64()),
    "decimal": (pa.array([D("1.50"), None], pa.decimal128(10, 2)), pa.array([D("2.1234")], pa.decimal128(6, 4)), pa.decimal128(12, 4)),
    "whole": (pa.array([7, None]), pa.array([D("2.5")], pa.decimal128(3, 1)), pa.decimal128(20, 1)),
    "dictionary": (pa.array(["a", None, "a"]).dictionary_encode(), pa.array(["b"]), pa.string()),
    "keys": (pa.array(["a", None]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())), pa.array(["b"]).dictionary_encode(), pa.dictionary(pa.int32(), pa.string())),
    "text": (pa.array(["a", None]), pa.array(["b"], pa.large_string()), pa.large_string()),
    "view": (pa.array(["longer than a view holds inline", None], pa.string_view()), pa.array(["b"]), pa.string_view()),
    "binary": (pa.array([b"\xff", None]), pa.array([b"b"], pa.large_binary()), pa.large_binary()),
    "time": (pa.array([1, None], pa.timestamp("s", "UTC")), pa.array([us], pa.timestamp("us", "UTC")), pa.timestamp("us", "UTC")),
    "zones": (pa.array([us, None], pa.timestamp("us", "Europe/Berlin")), pa.array([1], pa.timestamp("s", "Asia/Tokyo")), pa.timestamp("us", "UTC")),
    "utc": (pa.array([us, None], pa.timestamp("us", "Etc/UTC")), pa.array([1], pa.timestamp("s", "+00:00")), pa.timestamp("us", "Etc/UTC")),
    "unsigned": (pa.array([2**64 - 1, None], pa.uint64()), pa.array([-2**63]), pa.decimal128(20, 0)),
    "day": (pa.array([1, None], pa.time32("s")), pa.array([5], pa.time64("us")), pa.time64("us")),
    "null": (pa.nulls(2), pa.array([True]), pa.bool_()),
    "list": (pa.array([[1], None, []], pa.list_(pa.int8())), pa.array([[300, None]], pa.large_list(pa.int16())), pa.large_list(pa.int16())),
    "struct": (pa.array([{"a": 1}, None], pa.struct([("a", pa.int8())])), pa.array([{"b": "x", "a": 1000}], pa.struct([("b", pa.string()), ("a", pa.int32())])), pa.struct([("a", pa.int32()), ("b", pa.string())])),
    "list_view": (pa.array([[1], None, [2, 3]], pa.list_view(pa.int8())), pa.array([[300, None]], pa.list_view(pa.field("element", pa.int16(), metadata={"k": "v"}))), pa.list_view(pa.int16())),
    "map": (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())), pa.array([[("l", 300)]], pa.map_(pa.string(), pa.int32())), pa.map_(pa.string(), pa.int32())),
    "runs": (pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", None])), pa.array(["b"]), pa.string()),
}

def write(path, column):
    columns = {"n": pa.array(range(4 if column is None else len(column)), pa.int64())}
    if column is not None:
        columns["value"] = column
    table = pa.table(columns)
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return table

def rows(table):
    return [{**{"value": None}, **row} for row in table.to_pylist()]

def plain(row):
    # A struct's missing member is null.
    value = row["value"]
    if isinstance(value, dict):
        value = {"a": value.get("a"), "b": value.get("b")}
    return {"n": row["n"], "value": value}

for name, (first, other, expected) in pairs.items():
    for way in ([], ["--interleave"]):
        left, right = write("left.arrows", first), write("right.arrows", other)
        command = ["stream-cat", "--merge-schema", "union", *way, "left.arrows", "right.arrows"]
        run = subprocess.run(command, capture_output=True, check=True)
        note = 'stream-cat: right.arrows: column "value" has time zone Asia/Tokyo, but Europe/Berlin before: the result is in UTC\n'
        assert run.stderr.decode() == (note if name == "zones" else ""), (name, run.stderr)
        table = pa.ipc.open_stream(run.stdout).read_all()
        table.validate(full=True)
        assert table.schema.field("value").type == expected, (name, table.schema)
        assert [f.name for f in table.schema] == ["n", "value"]
        left, right, found = (list(map(plain, rows(part))) for part in (left, right, table))
        # Each input has one batch.
        assert found == left + right or (way and found == right + left), (name, found)

# What cannot be held exactly names the input, the column and both types.
for first, other, told in [
    (pa.array([1]), pa.array(["x"]), '"value" is Utf8, but Int64 before'),
    (pa.array([1]), pa.array([0.5]), '"value" is Float64, but Int64 before'),
    (pa.array([{"a": 1}]), pa.array([{"a": "x"}]), '"value.a" is Utf8, but Int64 before'),
    (pa.array([[1]]), pa.array([["x"]]), '"value", list element is Utf8, but Int64 before'),
    (pa.array([1], pa.timestamp("s")), pa.array([1], pa.timestamp("s", "UTC")), '"value" is Timestamp(s, "UTC"), but Timestamp(s) before'),
]:
    write("left.arrows", first), write("right.arrows", other)
    command = ["stream-cat", "--merge-schema", "union", "left.arrows", "right.arrows"]
    run = subprocess.run(command, capture_output=True, text=True)
    wanted = f"stream-cat: right.arrows: column {told}: no type represents both exactly\n"
    assert (run.returncode, run.stderr) == (1, wanted), run.stderr

# A second of a year that nanoseconds cannot reach.
write("left.arrows", pa.array([10**10], pa.timestamp("s"))), write("right.arrows", pa.array([1], pa.timestamp("ns")))
run = subprocess.run(["stream-cat", "--merge-schema", "union", "left.arrows", "right.arrows"], capture_output=True)
assert run.returncode == 1 and b'left.arrows: column "value" does not fit Timestamp(ns)' in run.stderr, run.stderr
assert len(run.stderr.splitlines()) == 1
"#;

#[test]
fn more_files_than_may_be_open_make_a_union() {
    let place = place_with_streams();
    let line = "ulimit -n 32
        stream-cat --merge-schema union b.arrows $(yes a.arrows | head -n 100) - <b.arrows";
    let found = ids(&place.shell(line).succeeds());
    assert_eq!(
        (found.len(), &found[..4], &found[302..]),
        (306, &[10, 11, 12, 0][..], &[2, 10, 11, 12][..])
    );
}

#[test]
fn names_of_one_time_zone_make_equal_schemas() {
    let program = r#"
import pyarrow as pa
for name, zone in [("a", "Etc/UTC"), ("b", "+00:00"), ("c", "Asia/Tokyo")]:
    table = pa.table({"t": pa.array([7], pa.timestamp("us", zone))})
    with pa.ipc.new_stream(name, table.schema) as writer: writer.write_table(table)
"#;
    let place = Workplace::new();
    Python::run(program, place.path(), [""]).succeeds();
    for line in ["stream-cat a b", "cat a b | stream-cat", "stream-cat --interleave a b"] {
        let batches = read_stream(&place.shell(line).succeeds().stdout);
        let zone = batches[0].schema().field(0).data_type().to_string();
        assert_eq!((batches.len(), zone.as_str()), (2, "Timestamp(µs, \"Etc/UTC\")"), "{line}");
    }
    place.shell("stream-cat a c").exits_with(1).one_line_on_stderr().stderr_has(
        "c: column \"t\" is timestamp[us, Asia/Tokyo], but timestamp[us, Etc/UTC] in the first \
         (stream-cat --merge-schema union takes both)",
    );
}

#[test]
fn columns_that_differ_are_widened_exactly() {
    Python::run(UNION, Workplace::new().path(), [""]).succeeds();
}

#[test]
fn metadata_of_batches_stay_with_batches_that_pass_whole() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.ipc as ipc
t = pa.array(['a', 'b']).dictionary_encode()
batch = pa.record_batch([pa.array([1, 2]), t, pa.array(['x', None])], names=['a', 't', 's'])
for name, new in (('m.arrows', ipc.new_stream), ('m.arrow', ipc.new_file)):
    with new(name, batch.schema) as writer:
        for number in '123':
            writer.write_batch(batch, custom_metadata={'number': number, 'z': ''})
";
    Python::run(write, place.path(), [""; 0]).succeeds();
    let read = "
import pyarrow as pa, pyarrow.ipc as ipc, sys
def shown(batch, metadata): return f\"{batch.num_rows}{[v.decode() for v in (metadata or {}).values()]}\"
name = sys.argv[1]
if name.endswith('.arrow'):
    f = ipc.open_file(name)
    batches = [f.get_batch_with_custom_metadata(n) for n in range(f.num_record_batches)]
else:
    batches = [(b.batch, b.custom_metadata) for b in ipc.open_stream(name).iter_batches_with_custom_metadata()]
for batch, _ in batches: batch.validate(full=True)
print(' '.join(shown(b, m) for b, m in batches))
";
    let all = "2['1', ''] 2['2', ''] 2['3', '']";
    for (line, expected) in [
        ("file-to-stream m.arrow >x", all),
        ("file-to-stream m.arrows >x", all),
        ("file-to-stream --batches 1,0 m.arrow >x", "2['2', ''] 2['1', '']"),
        ("file-to-stream --skip 1 -n 4 m.arrow >x", "1[] 2['2', ''] 1[]"),
        ("file-to-stream -c a m.arrow >x", "2[] 2[] 2[]"),
        ("stream-cat m.arrows >x", all),
        ("stream-cat m.arrow >x", all),
        ("stream-cat --merge-schema union m.arrows >x", all),
        ("stream-head -n 3 m.arrows >x", "2['1', ''] 1[]"),
        ("stream-head -n -2 m.arrows >x", "2['1', ''] 2['2', '']"),
        ("stream-tail -n 3 m.arrows >x", "1[] 2['3', '']"),
        ("stream-tail -n +2 m.arrows >x", "1[] 2['2', ''] 2['3', '']"),
        ("stream-to-file m.arrows -o x.arrow", all),
    ] {
        place.shell(line).succeeds();
        let name = if line.contains("x.arrow") { "x.arrow" } else { "x" };
        let shown = Python::run(read, place.path(), [name]).succeeds();
        shown.stdout_is(&format!("{expected}\n"));
    }
}
