//! stream-rechunk: the sizes of what it writes, and that its rows are those it read.

use crate::support::{Outcome, Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

fn rechunk(arguments: &[&str]) -> Outcome {
    let batch = |from: i64, to: i64| int64_batch(&[("n", (from..to).collect())]);
    let input = stream_of(&[batch(0, 3), batch(3, 3), batch(3, 50), batch(50, 100)]);
    Tool::new("stream-rechunk").args(arguments.iter().copied()).pipe_in(input).run()
}

fn sizes(arguments: &[&str]) -> Vec<usize> {
    let batches = read_stream(&rechunk(arguments).succeeds().stdout);
    let numbers = batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values());
    assert!(numbers.copied().eq(0..100), "{arguments:?}");
    batches.iter().map(RecordBatch::num_rows).collect()
}

#[test]
fn batches_have_the_size_asked_for() {
    assert_eq!(sizes(&["--batch-rows", "40"]), [40, 40, 20]);
    assert_eq!(sizes(&["--batch-bytes", "240"]), [30, 30, 30, 10]);
    assert_eq!(sizes(&["--batch-rows", "40", "--batch-bytes", "240"]), [30, 30, 30, 10]);
    assert_eq!(sizes(&["--batch-rows", "25", "--batch-bytes", "1GiB"]), [25, 25, 25, 25]);
    assert_eq!(sizes(&[]), [100]);
    assert_eq!(sizes(&["--batch-bytes", "1"]), [1; 100]);
}

#[test]
fn the_defaults_are_as_the_help_says() {
    let place = Workplace::new();
    let rows = |column: &str| {
        let line = format!(
            "stream-generate --batch-rows 100000 --rows 150000 '{column}' | stream-rechunk -o x.arrows
            stream-rechunk x.arrows | stream-head -n 1 >/dev/null; cat x.arrows"
        );
        let batches = read_stream(&place.shell(&line).succeeds().stdout);
        batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>()
    };
    assert_eq!(rows("n = random(int64 0..9)"), [65_536, 65_536, 18_928]);
    // 1,000 letters and an offset: 16 MiB hold 16,710.
    let long = rows("t = random(text 1000..1000)");
    assert_eq!((long[0], long.iter().sum::<usize>()), (16_710, 150_000));
}

#[test]
fn buffers_are_compressed_if_asked_to() {
    let place = Workplace::new();
    place.shell("stream-generate 'a = 0..100, b = 0..1000' -o plain.arrows").succeeds();
    for (codec, name) in [("lz4", "lz4"), ("zstd", "zstd"), ("zstd:19", "zstd")] {
        place.shell(&format!("stream-rechunk -z {codec} plain.arrows -o small.arrows")).succeeds();
        let check = "
import sys, os, pyarrow as pa
plain, small = (pa.ipc.open_stream(pa.memory_map(n)).read_all() for n in ('plain.arrows', 'small.arrows'))
assert plain.equals(small)
assert 2 * os.path.getsize('small.arrows') < os.path.getsize('plain.arrows')
";
        Python::run(check, place.path(), [""]).succeeds();
        place.shell("file-inspect --json small.arrows").succeeds().stdout_has(name);
        place.shell("stream-rechunk -z none small.arrows | cmp - plain.arrows").succeeds();
        place.shell("stream-count small.arrows").succeeds().stdout_is("100000\n");
    }
}

#[test]
fn what_is_no_longer_referenced_is_left_out() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa
n = 20000
text = [f'a text that is longer than a view holds inline {i}' for i in range(n)]
values = {
    'view': pa.array(text, pa.string_view()),
    'dictionary': pa.DictionaryArray.from_arrays(pa.array(range(n), pa.int32()), pa.array(text)),
    'list_view': pa.ListViewArray.from_arrays(pa.array(range(n), pa.int32()), pa.array([1] * n, pa.int32()), pa.array(text)),
    'list': pa.ListArray.from_arrays(pa.array(range(n + 1), pa.int32()), pa.array(text, pa.string_view())),
    'map': pa.MapArray.from_arrays(pa.array(range(n + 1), pa.int32()), pa.array(text, pa.string_view()), pa.array(text, pa.string_view())),
    'fixed': pa.FixedSizeListArray.from_arrays(pa.array(text, pa.string_view()), 1),
    'union': pa.UnionArray.from_dense(pa.array([0] * n, pa.int8()), pa.array(range(n), pa.int32()), [pa.array(text)]),
}
for name, column in values.items():
    table = pa.table({'n': range(n), 'value': column})
    with pa.OSFile(name + '.arrows', 'wb') as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    print(name)
";
    let names = Python::run(write, place.path(), [""]).succeeds().stdout_text();
    for name in names.lines() {
        let line =
            format!("stream-filter 'n % 5000 = 7' {name}.arrows | stream-rechunk -o {name}.few");
        place.shell(&line).succeeds();
        let bytes = std::fs::metadata(place.file(&format!("{name}.few"))).unwrap().len();
        assert!(bytes < 5000, "{name}: {bytes} bytes");
    }
    let check = "
import sys, pyarrow as pa
for name in sys.argv[1:]:
    whole, few = (pa.ipc.open_stream(pa.memory_map(name + end)).read_all() for end in ('.arrows', '.few'))
    assert whole.schema.equals(few.schema, check_metadata=True)
    values = whole.column('value').to_pylist()
    assert few.column('value').to_pylist() == [values[i] for i in (7, 5007, 10007, 15007)], name
";
    Python::run(check, place.path(), names.lines()).succeeds();
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        rechunk(arguments)
            .exits_with(2)
            .stderr_is(&format!("stream-rechunk: {why}\n"))
            .stdout_is("");
    };
    told(&["--batch-rows", "0"], "--batch-rows takes a whole number above 0, not \"0\"");
    told(&["-z", "lz4:3"], "-z: \"lz4:3\": lz4 has no levels");
    told(&["-z", "gzip"], "-z: unknown codec \"gzip\" (none, lz4, zstd)");
}
