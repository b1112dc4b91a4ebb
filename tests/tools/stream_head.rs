//! stream-head: which rows it passes on, and how early it stops.

use crate::support::{Outcome, Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

fn head(arguments: &[&str]) -> Outcome {
    let batch = |from: i64| int64_batch(&[("id", (from..from + 10).collect())]);
    let input = stream_of(&[batch(0), batch(10), batch(20)]);
    Tool::new("stream-head").args(arguments.iter().copied()).pipe_in(input).run()
}

#[track_caller]
fn passes(arguments: &[&str], rows: i64) {
    let batches = read_stream(&head(arguments).succeeds().stdout);
    let ids = batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values());
    assert_eq!(ids.copied().collect::<Vec<_>>(), (0..rows).collect::<Vec<_>>(), "{arguments:?}");
}

#[test]
fn the_first_rows_or_all_but_the_last_as_head_knows_them() {
    passes(&[], 10);
    for (rows, expected) in [
        ("3", 3),
        ("+12", 12),
        ("30", 30),
        ("31", 30),
        ("18446744073709551615", 30),
        ("0", 0),
        ("-0", 30),
        ("-1", 29),
        ("-15", 15),
        ("-30", 0),
        ("-18446744073709551615", 0),
    ] {
        passes(&["-n", rows], expected);
        passes(&[&format!("-n{rows}")], expected);
        passes(&[&format!("--limit={rows}")], expected);
    }
}

#[test]
fn no_batch_is_read_that_is_not_needed() {
    for rows in [0, 10, 20] {
        let place = Workplace::new();
        // The producer waits for the tool to end before it goes on: a tool that asked for more
        // would wait for the producer.
        let line = format!(
            "stream-generate --batch-rows 10 'id = 0..{rows}' | head -c -8 >start
            mkfifo p
            timeout 60 stream-head -n {rows} p -o out.arrows & head=$!
            {{ cat start; wait $head; }} >p
            file-inspect --count rows out.arrows"
        );
        place.shell(&line).succeeds().stdout_is(&format!("{rows}\n"));
    }
}

#[test]
fn a_wrong_number_is_told() {
    head(&["-n", "ten"]).exits_with(2).stdout_is("").stderr_is(
        "stream-head: -n takes a whole number, optionally with - or + before it, not \"ten\"\n",
    );
}

#[test]
fn a_stream_that_stops_early_fails_where_it_is_read() {
    let stream = stream_of(&[int64_batch(&[("id", (0..10).collect())])]);
    let head = |rows: &str| {
        let input = &stream[..stream.len() - 8];
        Tool::new("stream-head").args(["-n", rows]).pipe_in(input).run()
    };
    head("10").succeeds();
    head("11").exits_with(1).one_line_on_stderr().stderr_has("the producer stopped early");
}

#[test]
fn what_other_producers_get_wrong_is_named_with_a_way_out() {
    let place = Workplace::new();
    let write = r"
import polars as pl, pyarrow as pa, pyarrow.ipc as ipc
pl.DataFrame({'big': pl.Series([1], dtype=pl.Int128)}).write_ipc_stream('i128.arrows')
pl.DataFrame({'s': pl.Series([{'big': 1}], dtype=pl.Struct({'big': pl.Int128}))}).write_ipc_stream('inner.arrows')
t = pa.table({'a': [1]}, schema=pa.schema([('a', pa.int64())], metadata={b'k': b'\xff'}))
with ipc.new_stream('md.arrows', t.schema) as w: w.write_table(t)
s = pa.schema([('b', pa.int64()), pa.field('a', pa.int64(), nullable=False)])
columns = [pa.array([1, 2], pa.int64()), pa.array([7, None], pa.int64())]
for name, new, options in (
    ('nn.arrows', ipc.new_stream, None), ('nn.arrow', ipc.new_file, None),
    ('z.arrows', ipc.new_stream, ipc.IpcWriteOptions(compression='lz4')),
):
    with new(name, s, options=options) as w: w.write_batch(pa.RecordBatch.from_arrays(columns, schema=s))
";
    Python::run(write, place.path(), [""; 0]).succeeds();
    let in_polars =
        "is not a type of the Arrow format (in Polars cast it to Decimal(38, 0) before writing)\n";
    let told = |line: &str, message: &str| {
        place.shell(line).exits_with(1).one_line_on_stderr().stderr_has(message);
    };
    told("stream-head i128.arrows", &format!("i128.arrows: column \"big\": int128 {in_polars}"));
    told(
        "stream-head inner.arrows",
        &format!("inner.arrows: column \"s.big\": int128 {in_polars}"),
    );
    told("stream-head md.arrows", "a metadata value is not valid UTF-8, as the format requires");
    for name in ["nn.arrows", "nn.arrow", "z.arrows"] {
        let why = "column \"a\" contains nulls, but its schema says that it has none (use \
                   --allow-nulls to read it as nullable)\n";
        for tool in ["stream-head", "stream-cat", "stream-select a", "stream-count --by a"] {
            told(&format!("{tool} {name}"), &format!("{name}: {why}"));
        }
        for tool in ["stream-head", "stream-cat", "stream-select '*'", "file-to-stream"] {
            let line = format!(
                "set -o pipefail; {tool} --allow-nulls {name} | stream-cat | stream-to-csv"
            );
            place.shell(&line).succeeds().stdout_is("b,a\n1,7\n2,\n");
        }
        let line =
            format!("stream-cat --merge-schema union --allow-nulls {name} {name} | stream-count");
        place.shell(&line).succeeds().stdout_is("4\n");
    }
}
