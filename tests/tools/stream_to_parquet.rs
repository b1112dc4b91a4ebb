//! stream-to-parquet as a process.

mod encodings;
mod partition;
mod trees;

use crate::support::{Outcome, Python, Workplace, int64_batch, stream_of};
use arrow::array::{Array, ArrayRef, Int32Array, RecordBatch, TimestampSecondArray, UnionArray};
use arrow::datatypes::{DataType, Field, UnionFields};
use std::sync::Arc;

/// Runs stream-to-parquet on some rows; the file is `out.parquet`.
#[track_caller]
fn write(place: &Workplace, batches: &[RecordBatch], arguments: &[&str]) -> Outcome {
    let tool = place.tool("stream-to-parquet").args(["-o", "out.parquet"]).args(arguments);
    tool.pipe_in(stream_of(batches)).run()
}

/// What pyarrow makes of an expression about `f`, the file.
#[track_caller]
fn asked(place: &Workplace, expression: &str) -> String {
    let program = format!(
        "import pyarrow.parquet as pq; f = pq.ParquetFile('out.parquet'); m = f.metadata; print({expression})"
    );
    let answer = Python::run(&program, place.path(), Vec::<String>::new()).succeeds();
    answer.stdout_text().trim().to_owned()
}

fn ids(rows: std::ops::Range<i64>) -> RecordBatch {
    int64_batch(&[("id", rows.collect())])
}

#[test]
fn tiny_batches_make_one_row_group() {
    let place = Workplace::new();
    let batches: Vec<_> = (0..1000).map(|i| ids(i * 3..i * 3 + 3)).collect();
    write(&place, &batches, &[]).succeeds().stdout_is("").stderr_is("");
    assert_eq!(asked(&place, "m.num_row_groups, m.num_rows"), "1 3000");
    assert_eq!(asked(&place, "f.read()['id'].to_pylist() == list(range(3000))"), "True");
}

#[test]
fn a_large_batch_is_cut_into_row_groups() {
    let place = Workplace::new();
    write(&place, &[ids(0..2500)], &["--row-group-rows", "1000"]).succeeds();
    let rows = asked(&place, "[m.row_group(i).num_rows for i in range(m.num_row_groups)]");
    assert_eq!(rows, "[1000, 1000, 500]");
}

#[test]
fn the_options_reach_the_file() {
    let place = Workplace::new();
    let column =
        |expression: &str| asked(&place, &format!("m.row_group(0).column(0).{expression}"));
    for (codec, name) in [
        ("none", "UNCOMPRESSED"),
        ("snappy", "SNAPPY"),
        ("lz4", "LZ4"),
        ("zstd:3", "ZSTD"),
        ("gzip", "GZIP"),
        ("brotli:4", "BROTLI"),
    ] {
        write(&place, &[ids(0..100)], &["-z", codec]).succeeds();
        assert_eq!(column("compression"), name);
        assert_eq!(asked(&place, "f.read()['id'].to_pylist() == list(range(100))"), "True");
    }
    write(&place, &[ids(0..100)], &["--statistics", "none", "--encode-dictionary", "none"])
        .succeeds();
    assert_eq!(column("is_stats_set"), "False");
    assert_eq!(column("has_dictionary_page"), "False");
    write(&place, &[ids(0..100)], &["--encode-dictionary", "id", "--metadata", "who=me"])
        .succeeds();
    assert_eq!(column("has_dictionary_page"), "True");
    assert_eq!(column("statistics.max"), "99");
    assert_eq!(asked(&place, "m.metadata[b'who']"), "b'me'");
}

#[test]
fn without_o_the_file_goes_to_standard_output() {
    let place = Workplace::new();
    let run = place.tool("stream-to-parquet").pipe_in(stream_of(&[ids(0..100)])).run();
    place.write("out.parquet", run.succeeds().stdout);
    assert_eq!(asked(&place, "m.num_rows"), "100");
}

#[test]
fn a_stream_without_its_end_leaves_no_file() {
    let place = Workplace::new();
    let stream = stream_of(&[ids(0..100)]);
    for length in [0, 4, 100, stream.len() - 9, stream.len() - 8, stream.len() - 1] {
        let tool = place.tool("stream-to-parquet").args(["-o", "out.parquet"]);
        let run = tool.pipe_in(&stream[..length]).run();
        run.exits_with(1).one_line_on_stderr();
        assert_eq!(place.names(), Vec::<String>::new(), "{length}");
    }
}

#[test]
fn a_failure_keeps_the_file_that_was_there() {
    let place = Workplace::new();
    place.write("out.parquet", "precious");
    let tool = place.tool("stream-to-parquet").args(["-o", "out.parquet"]);
    tool.pipe_in(&stream_of(&[ids(0..100)])[..200]).run().exits_with(1);
    assert_eq!(std::fs::read(place.file("out.parquet")).unwrap(), b"precious");
}

#[test]
fn a_union_is_refused_before_anything_is_written() {
    let number = Arc::new(Int32Array::from(vec![7])) as ArrayRef;
    let fields = UnionFields::try_new([0], [Field::new("x", DataType::Int32, false)]).unwrap();
    let union = UnionArray::try_new(fields, vec![0].into(), Some(vec![0].into()), vec![number]);
    let batch = RecordBatch::try_from_iter([("u", Arc::new(union.unwrap()) as ArrayRef)]).unwrap();
    let place = Workplace::new();
    write(&place, &[batch], &[])
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("stream-to-parquet: cannot store column \"u\" (Union(");
    assert_eq!(place.names(), Vec::<String>::new());
}

#[test]
fn a_value_that_parquet_cannot_hold_names_its_row() {
    let seconds = |values: Vec<i64>| {
        let column: ArrayRef = Arc::new(TimestampSecondArray::from(values));
        let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..column.len() as i32));
        RecordBatch::try_from_iter([("t", column), ("n", numbers)]).unwrap()
    };
    let batches = [seconds(vec![0, 1, 2]), seconds(vec![3, i64::MAX / 10])];
    // The row of the stream, also where rows are moved into partitions.
    for options in [vec![], vec!["--partition-by", "n"], vec!["--file-rows", "2"]] {
        let place = Workplace::new();
        write(&place, &batches, &options)
            .exits_with(1)
            .one_line_on_stderr()
            .stderr_has("cannot store column \"t\", row 4, as Timestamp(ms): ")
            .stderr_has("922337203685477580");
        assert_eq!(place.names(), Vec::<String>::new());
    }
}

#[test]
fn a_full_disk_is_told() {
    let place = Workplace::new();
    let run =
        place.tool("stream-to-parquet").args(["-o", "/dev/full"]).pipe_in(stream_of(&[ids(0..9)]));
    run.run()
        .exits_with(1)
        .stderr_is("stream-to-parquet: cannot write /dev/full: no space left on device\n");
}

#[test]
fn a_wrong_command_line_is_told() {
    let place = Workplace::new();
    let fails = |arguments: &[&str], message: &str| {
        write(&place, &[ids(0..9)], arguments)
            .exits_with(2)
            .stderr_is(&format!("stream-to-parquet: {message}\n"));
        assert_eq!(place.names(), Vec::<String>::new());
    };
    fails(&["-z", "zstd:23"], "-z: \"zstd:23\": levels of zstd are 1 to 22");
    fails(&["-z", "snappy:1"], "-z: \"snappy:1\": snappy has no levels");
    fails(&["-z", "rar"], "-z: no codec \"rar\" (none, snappy, zstd, lz4, gzip, brotli)");
    fails(
        &["--encode-dictionary", "ID"],
        "no column \"ID\" to encode with a dictionary (did you mean \"id\"?)",
    );
    fails(&["--metadata", "a=1", "--metadata", "a=2"], "--metadata: duplicate key a");
    for option in ["--row-group-rows", "--row-group-bytes", "--statistics", "--metadata"] {
        let run = write(&place, &[ids(0..9)], &[option, "0"]);
        run.exits_with(2).one_line_on_stderr().stderr_has(option);
    }
}

#[test]
fn what_would_lose_rows_or_types_is_refused() {
    let place = Workplace::new();
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(5));
    let schema = std::sync::Arc::new(arrow::datatypes::Schema::empty());
    let batch = arrow::array::RecordBatch::try_new_with_options(schema, vec![], &options).unwrap();
    place.write("none.arrows", crate::support::stream_of(&[batch]));
    place
        .shell("stream-to-parquet -o x.parquet none.arrows")
        .exits_with(1)
        .stderr_is("stream-to-parquet: cannot store a stream without columns as Parquet\n");
    let key =
        "stream-generate 'a = 0..9' | stream-to-parquet --metadata ARROW:schema=x -o x.parquet";
    place.shell(key).exits_with(2).one_line_on_stderr().stderr_has("\"ARROW:schema\"");
    assert_eq!(place.names(), ["none.arrows"]);
}

#[test]
fn an_order_is_checked_and_declared() {
    let place = Workplace::new();
    let batch = |a: Vec<i64>, b: Vec<i64>| int64_batch(&[("a", a), ("b", b)]);
    let sorted = [batch(vec![9, 9, 4], vec![1, 2, 0]), batch(vec![4, 4], vec![0, 7])];
    let order = ["--sorted-by", "A desc nulls first, \"b\"", "--row-group-rows", "2"];
    write(&place, &sorted, &order).succeeds();
    assert_eq!(
        asked(&place, "{m.row_group(i).sorting_columns for i in range(3)}"),
        "{(SortingColumn(column_index=0, descending=True, nulls_first=True), \
         SortingColumn(column_index=1, descending=False, nulls_first=False))}"
    );
    assert_eq!(asked(&place, "f.read()['b'].to_pylist()"), "[1, 2, 0, 0, 7]");
    write(&place, &sorted, &[]).succeeds();
    assert_eq!(asked(&place, "m.row_group(0).sorting_columns"), "()");
}

#[test]
fn an_order_that_breaks_is_an_error_without_a_file() {
    let place = Workplace::new();
    let fails = |values: &[Vec<i64>], order: &str, message: &str| {
        let batches: Vec<_> = values.iter().map(|v| int64_batch(&[("a", v.clone())])).collect();
        write(&place, &batches, &["--sorted-by", order])
            .exits_with(1)
            .stderr_is(&format!("stream-to-parquet: --sorted-by: {message}\n"));
        assert_eq!(place.names(), Vec::<String>::new());
    };
    fails(&[vec![1, 2, 2, 1]], "a", "row 3 breaks the order: \"a\" is 1 after 2");
    fails(&[vec![1], vec![], vec![1, 0]], "a", "row 2 breaks the order: \"a\" is 0 after 1");
    fails(&[vec![5], vec![], vec![7]], "a DESC", "row 1 breaks the order: \"a\" is 7 after 5");

    let text: ArrayRef =
        Arc::new(arrow::array::StringArray::from(vec![Some("é"), None, Some("z")]));
    let batch = RecordBatch::try_from_iter([("text", text)]).unwrap();
    write(&place, &[batch], &["--sorted-by", "text desc"])
        .exits_with(1)
        .stderr_has("row 2 breaks the order: \"text\" is z after null");
}

#[test]
fn an_order_that_cannot_be_declared_is_refused() {
    let place = Workplace::new();
    let fails = |order: &str, message: &str| {
        let x: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let s: ArrayRef =
            Arc::new(arrow::array::StructArray::try_from(vec![("x", x.clone())]).unwrap());
        let batch = RecordBatch::try_from_iter([("s", s), ("a", x)]).unwrap();
        write(&place, &[batch], &["--sorted-by", order])
            .exits_with(2)
            .stderr_is(&format!("stream-to-parquet: --sorted-by: {message}\n"));
        assert_eq!(place.names(), Vec::<String>::new());
    };
    for name in ["s", "s.x"] {
        fails(
            name,
            &format!(
                "Parquet cannot declare an order by \"{name}\": it is nested, or inside a struct"
            ),
        );
    }
    fails("b", "unknown column \"b\" (did you mean \"s\", \"a\"?)");
    fails("a, a", "column \"a\" is given twice");
    fails("", "a column's name is missing in \"\" (try 'a DESC, b')");
    fails("a upwards", "\"upwards\" is not ASC, DESC, NULLS FIRST, NULLS LAST or a comma");
}

/// The filters are those of the format: DuckDB finds every value by them, and rules out others.
#[test]
fn bloom_filters_are_read_by_duckdb() {
    let place = Workplace::new();
    let write = "stream-generate 'id = 0..30000, one = 0..1' |
        stream-to-parquet --row-group-rows 10000 --bloom id -o out.parquet";
    place.shell(write).succeeds();
    let check = "
import duckdb, pyarrow.parquet as pq
def excluded(value):
    rows = duckdb.sql(f\"select row_group_id, bloom_filter_excludes from parquet_bloom_probe('out.parquet', 'id', {value})\")
    return [excludes for _, excludes in sorted(rows.fetchall())]
for value in range(0, 30000, 97):
    assert excluded(value)[value // 10000] is False, value
wrong = sum(not out for value in range(30000, 31000) for out in excluded(value))
assert wrong < 3000 * 0.02, wrong
sizes = duckdb.sql(\"select path_in_schema, bloom_filter_length from parquet_metadata('out.parquet')\").fetchall()
for name, size in sizes:
    # 10,000 values of 1.2 to 2.4 bytes, in a power of two, and a header.
    assert size is None if name == 'one' else 12000 <= size <= 24100, (name, size)
assert duckdb.sql(\"select sum(id) from 'out.parquet' where id in (5, 12345, 29999)\").fetchall() == [(42349,)]
assert pq.read_table('out.parquet')['id'].to_pylist() == list(range(30000))
";
    Python::run(check, place.path(), [""]).succeeds();
    let line = "parquet-to-stream -w 'id IN (5, 12345, 29999, 30000)' out.parquet | file-inspect --count rows -";
    place.shell(line).succeeds().stdout_is("3\n");
    place
        .shell("file-inspect --show columns --stream out.parquet | stream-filter \"bloom_filters = 3 AND column_name = 'id' AND bloom_filter_bytes < 75000\" | file-inspect --count rows")
        .succeeds()
        .stdout_is("1\n");
}

#[test]
fn bloom_filters_that_cannot_be_are_refused() {
    let place = Workplace::new();
    let yes: ArrayRef = Arc::new(arrow::array::BooleanArray::from(vec![true]));
    let float: ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![0.5]));
    let batch = RecordBatch::try_from_iter([("yes", yes), ("x", float)]).unwrap();
    for (column, why) in [
        ("yes", "cannot build a bloom filter for \"yes\": it holds only true and false"),
        (
            "x",
            "cannot build a bloom filter for \"x\": 0 and -0 are equal, but would be two entries",
        ),
        ("yess", "no column \"yess\" to build a bloom filter for (did you mean \"yes\"?)"),
    ] {
        let run = write(&place, std::slice::from_ref(&batch), &["--bloom", column]);
        run.exits_with(2).stderr_is(&format!("stream-to-parquet: {why}\n"));
        assert_eq!(place.names(), Vec::<String>::new());
    }
}
