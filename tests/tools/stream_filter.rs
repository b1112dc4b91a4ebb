//! stream-filter: what it keeps, and what it says when it cannot.

use crate::support::{Outcome, Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, StructArray,
};
use arrow::datatypes::Int64Type;
use std::sync::Arc;

fn numbers() -> Vec<u8> {
    let batch = |from: i64| int64_batch(&[("id", (from..from + 10).collect()), ("b", vec![7; 10])]);
    stream_of(&[batch(0), batch(10)])
}

fn filter(arguments: &[&str]) -> Outcome {
    Tool::new("stream-filter").args(arguments.iter().copied()).pipe_in(numbers()).run()
}

fn ids(run: &Outcome) -> Vec<i64> {
    let column = |batch: &RecordBatch| {
        batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
    };
    read_stream(&run.stdout).iter().flat_map(column).collect()
}

#[test]
fn rows_are_kept_in_their_order() {
    assert_eq!(ids(&filter(&["id % 6 = 0"]).succeeds()), [0, 6, 12, 18]);
    assert_eq!(ids(&filter(&["-v", "id >= 3"]).succeeds()), [0, 1, 2]);
    assert_eq!(ids(&filter(&["-n", "2", "id > 8"]).succeeds()), [9, 10]);
    assert_eq!(ids(&filter(&["-n", "0", "TRUE"]).succeeds()), [0_i64; 0]);
    assert_eq!(ids(&filter(&["TRUE"]).succeeds()), (0..20).collect::<Vec<_>>());
}

#[test]
fn the_exit_status_tells_whether_a_row_was_kept() {
    filter(&["-e", "id = 5"]).exits_with(0).stderr_is("");
    let none = filter(&["-e", "id = 50"]).exits_with(3).stderr_is("");
    assert_eq!(ids(&none), [0_i64; 0]);
    filter(&["id = 50"]).succeeds();
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let batches = read_stream(&filter(arguments).succeeds().stdout);
        batches[0].schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    assert_eq!(names(&["-c", "b,id", "id < 5"]), ["b", "id"]);
    // The expression may use what is left out.
    assert_eq!(names(&["-c", "b", "id < 5"]), ["b"]);
}

#[test]
fn a_part_of_a_struct_is_a_column_too() {
    let inner: Vec<(&str, ArrayRef)> = vec![
        ("zip", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]))),
        ("city", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
    ];
    let address: ArrayRef = Arc::new(StructArray::try_from(inner).unwrap());
    let batch = RecordBatch::try_from_iter([("address", address)]).unwrap();
    let run = Tool::new("stream-filter").args(["-c", "address.city", "address.zip = 3"]);
    let batches = read_stream(&run.pipe_in(stream_of(&[batch])).run().succeeds().stdout);
    let address = batches[0].column(0).as_struct();
    assert_eq!(address.column_names(), ["city"]);
    assert_eq!((address.len(), address.column(0).as_string::<i32>().value(0)), (1, "c"));
}

#[test]
fn text_is_text_again_and_only_that_of_kept_rows_is_looked_at() {
    let words = ["short", "a longer text: ruined", "another that is longer"];
    let kinds: [ArrayRef; 3] = [
        Arc::new(StringArray::from_iter_values(words)),
        Arc::new(LargeStringArray::from_iter_values(words)),
        Arc::new(StringViewArray::from_iter_values(words)),
    ];
    for text in kinds {
        let id: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 2]));
        let batch = RecordBatch::try_from_iter([("id", id), ("text", text.clone())]).unwrap();
        let sound = stream_of(&[batch]);
        let mut ruined = sound.clone();
        let place = sound.windows(6).position(|bytes| bytes == b"ruined").unwrap();
        ruined[place] = 0xff;
        let filter = |stream: &[u8], expression: &str| {
            Tool::new("stream-filter").arg(expression).pipe_in(stream.to_vec()).run()
        };
        let kept = read_stream(&filter(&sound, "id > 0").succeeds().stdout);
        assert_eq!(kept[0].column(1), &text.slice(1, 2));
        let kept = read_stream(&filter(&ruined, "id <> 1").succeeds().stdout);
        assert_eq!(kept[0].column(1).len(), 2);
        for expression in ["id = 1", "id >= 0", "text = 'b'"] {
            let refused = filter(&ruined, expression).exits_with(1).one_line_on_stderr();
            refused.stderr_has("damaged record batch: ");
        }
    }
}

#[test]
fn what_fails_on_a_row_names_it() {
    filter(&["id // (id - 13) > 0"]).exits_with(1).one_line_on_stderr().stderr_has("row 13: ");
}

#[test]
fn an_expression_that_makes_no_sense_is_shown_with_a_caret() {
    filter(&["price >"])
        .exits_with(2)
        .stdout_is("")
        .stderr_is("stream-filter: the expression ends too early\nprice >\n       ^\n");
    filter(&["id + bb > 1"]).exits_with(2).stderr_is(
        "stream-filter: unknown column \"bb\" (did you mean \"b\"?)\nid + bb > 1\n     ^\n",
    );
}

#[test]
fn a_stream_that_stops_in_a_message_is_an_error() {
    let run = Tool::new("stream-filter").arg("TRUE").pipe_in(&numbers()[..100]).run();
    run.exits_with(1).stderr_is(
        "stream-filter: standard input: the stream stops in the middle of a message: \
         the producer stopped early\n",
    );
}

#[test]
fn what_is_no_stream_is_told_by_what_it_is() {
    let told = |input: &[u8], why: &str| {
        let run = Tool::new("stream-filter").arg("TRUE").pipe_in(input).run();
        run.exits_with(1)
            .stderr_is(&format!("stream-filter: standard input: {why}\n"))
            .stdout_is("");
    };
    told(b"", "empty input: the producer wrote nothing, not even a schema");
    told(
        b"id,name\n1,a\n",
        "not an Arrow stream: it starts with \"id,name\" (csv-to-stream reads delimited text)",
    );
    told(b"PAR1xxxxxxxxx", "not an Arrow stream: a Parquet file (parquet-to-stream reads it)");
    told(
        b"{\"a\":1}",
        "not an Arrow stream: it starts with \"{\"a\":1}\" (json-to-stream reads JSON)",
    );
    told(b"ab", "not an Arrow stream: it starts with \"ab\"");
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run =
            Tool::new("stream-filter").args(arguments.iter().copied()).pipe_in(numbers()).run();
        run.exits_with(2).stderr_is(&format!("stream-filter: {why}\n")).stdout_is("");
    };
    told(&[], "missing EXPRESSION (try 'id < 5')");
    told(&["--colums", "id", "TRUE"], "unknown option \"--colums\" (did you mean --columns?)");
    told(&["-n", "many", "TRUE"], "-n takes a whole number, not \"many\"");
    told(&["-c", "ib", "TRUE"], "unknown column \"ib\" (did you mean \"id\", \"b\"?)");
}

#[test]
fn keys_come_from_a_file() {
    let place = Workplace::new();
    let columns = "id = 0..4, day = random(date 2024-01-01..2024-01-02), x = random(float64)";
    place.shell(&format!("stream-generate '{columns}' -o n.arrows")).succeeds();
    let kept = |options: &str| {
        let line = format!(
            "stream-filter {options} n.arrows | stream-select id | stream-to-csv --no-header"
        );
        place.shell(&line).succeeds().stdout_text().replace('\n', " ")
    };
    place.write("ids.txt", "1\r\n\n3\n3\n99999999999999999999\n");
    assert_eq!(kept("--in ids.txt --on id"), "1 3 ");
    assert_eq!(kept("--not-in ids.txt --on id"), "0 2 ");
    assert_eq!(kept("-v --in ids.txt --on id"), "0 2 ");
    assert_eq!(kept("-n 1 --not-in ids.txt --on id"), "0 ");
    place.write("days.txt", "2024-01-01\n");
    assert_eq!(kept("--in days.txt --on day"), "0 1 2 3 ");
    // An Arrow file, of one column or of several; floats are compared by value.
    place.shell("stream-head -n 2 n.arrows | stream-to-file -o keys.arrow").succeeds();
    assert_eq!(kept("--in keys.arrow --on x"), "0 1 ");
    place.shell("stream-select 'id + 1 AS other' n.arrows -o one.arrows").succeeds();
    assert_eq!(kept("--in one.arrows --on id"), "1 2 3 ");
    let keys_in_a_pipe = "echo 2 | stream-filter --in - --on id n.arrows | stream-count";
    place.shell(keys_in_a_pipe).succeeds().stdout_is("1\n");
    // The operands are all inputs, wherever they stand.
    let both = "stream-filter --in ids.txt --on id n.arrows - <n.arrows | stream-count";
    place.shell(both).succeeds().stdout_is("4\n");
    let first = "stream-filter n.arrows --in ids.txt --on id - <n.arrows | stream-count";
    place.shell(first).succeeds().stdout_is("4\n");
    for (inputs, message) in [
        ("- -", "standard input (-) may be given only once"),
        ("ftp://example.org/a", "is a URL, and such URLs are not supported"),
    ] {
        let run = place.shell(&format!("stream-filter --in ids.txt --on id {inputs} <n.arrows"));
        run.exits_with(2).stderr_has(message);
    }
}

/// Keys of all types, as lines and as columns.
#[test]
fn keys_of_every_type_find_their_rows() {
    let place = Workplace::new();
    let script = r#"
import datetime as dt, decimal, pyarrow as pa
uuid = bytes(range(16))
columns = {
    "i": pa.array([1, 2], pa.int16()), "u": pa.array([1, 2**64 - 1], pa.uint64()),
    "f": pa.array([0.1, float("nan")], pa.float32()), "d": pa.array([decimal.Decimal("1.50"), 2], pa.decimal128(5, 2)),
    "b": pa.array([True, False]), "t": pa.array(["a", "b"], pa.string_view()), "bin": pa.array([b"\xff\\", b"z"]),
    "fixed": pa.array([b"ab", b"cd"], pa.binary(2)), "day": pa.array([dt.date(2024, 2, 29), dt.date(1, 1, 1)]),
    "at": pa.array([1, -1], pa.timestamp("ns", "Europe/Berlin")), "clock": pa.array([1, 2], pa.time64("us")),
    "dur": pa.array([1500, 90_000_000], pa.duration("ms")), "iv": pa.array([(1, 2, 3000), (0, 0, -1000)], pa.month_day_nano_interval()),
    "dict": pa.array(["a", "b"]).dictionary_encode(), "uu": pa.array([uuid, bytes(16)], pa.uuid()),
}
table = pa.table(columns)
for name, part in (("all.arrows", table), ("keys.arrows", table.slice(0, 1))):
    with pa.ipc.new_stream(name, table.schema) as stream:
        stream.write_table(part)
print(*columns, sep="\n")
"#;
    let names = Python::run(script, place.path(), [""; 0]).succeeds().stdout_text();
    for name in names.lines() {
        let lines = format!(
            "stream-select '{name}::VARCHAR' keys.arrows | stream-to-csv --no-header >keys.txt"
        );
        place.shell(&lines).succeeds();
        for keys in ["keys.txt", "keys.arrows"] {
            let line = format!("stream-filter --in {keys} --on {name} all.arrows | stream-count");
            let found = place.shell(&line).succeeds().stdout_text();
            assert_eq!(
                found,
                "1
",
                "{name} in {keys}"
            );
        }
    }
}

#[test]
fn texts_and_nulls_are_keys_as_they_stand() {
    let place = Workplace::new();
    place.write("t.csv", "id,name\n1,a\n2,\n3,\"\"\n4,A\n");
    place.write("keys.txt", "a\n\n");
    let kept = |options: &str| {
        let line = format!(
            "csv-to-stream t.csv | stream-filter {options} | stream-select id | stream-to-csv --no-header"
        );
        place.shell(&line).succeeds().stdout_text().replace('\n', " ")
    };
    assert_eq!(kept("--in keys.txt --on name"), "1 3 ");
    // A row without a value has none of the keys.
    assert_eq!(kept("--not-in keys.txt --on name"), "2 4 ");
}

#[test]
fn wrong_keys_are_named_with_file_and_line() {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'id = 0..2' | stream-select \"id, TIMESTAMP '2024-01-01 00:00:00' - TIMESTAMP \
             '2023-01-01 00:00:00' AS dur, INTERVAL 1 DAY AS iv, '550e8400-e29b-41d4-a716-446655440000'::UUID \
             AS uu\" -o n.arrows",
        )
        .succeeds();
    place.write("bad.txt", "1\nx\n");
    place.write("dur.txt", "soon\n");
    for (options, message) in [
        ("--in bad.txt --on id n.arrows", "keys of bad.txt: line 2: 'x' cannot be read as int64"),
        ("--in missing --on id n.arrows", "missing: no such file or directory"),
        ("--in bad.txt n.arrows", "--in needs --on COLUMN"),
        ("--on id TRUE n.arrows", "--on needs --in FILE or --not-in FILE"),
        ("--in bad.txt --not-in bad.txt --on id", "--in cannot be combined with --not-in"),
        ("--in dur.txt --on dur n.arrows", "line 1: 'soon' cannot be read as an interval"),
        ("--in dur.txt --on iv n.arrows", "line 1: 'soon' cannot be read as an interval"),
        ("--in dur.txt --on uu n.arrows", "line 1: 'soon' cannot be read as uuid"),
        ("--in - --on id", "standard input cannot be both the keys and the stream"),
        ("", "missing EXPRESSION (try 'id < 5')"),
    ] {
        let run = place.shell(&format!("stream-filter {options} </dev/null"));
        run.stdout_is("").stderr_has(message);
    }
}

#[test]
fn an_expression_may_stand_in_a_file() {
    let place = Workplace::new();
    place.shell("stream-generate 'id = 0..20' -o n.arrows").succeeds();
    place.write(
        "list.sql",
        format!("id IN ({})\n", (5..20_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")),
    );
    place.shell("stream-filter @list.sql n.arrows | stream-count").succeeds().stdout_is("15\n");
    place.write("select.sql", "id,\n  id * 2 AS twice\n");
    place
        .shell("stream-select @select.sql n.arrows | stream-tail -n 1 | stream-to-csv --no-header")
        .succeeds()
        .stdout_is("19,38\n");
    place.shell("stream-to-parquet -o n.parquet n.arrows; parquet-to-stream -w @list.sql n.parquet | stream-count").succeeds().stdout_is("15\n");
    place
        .shell("stream-filter @none.sql n.arrows")
        .exits_with(2)
        .one_line_on_stderr()
        .stderr_has("none.sql: no such file");
}

#[test]
fn a_long_expression_is_shown_around_its_fault() {
    let text = (0..1000).map(|n| format!("id = {n}")).collect::<Vec<_>>().join(" OR ");
    let run = filter(&[&format!("{text} OR pirce = 1")]).exits_with(2);
    let shown = &run.stderr;
    assert!(shown.len() < 400, "{shown}");
    assert!(shown.contains("pirce = 1"), "{shown}");
}

#[test]
fn a_uuid_is_compared_and_converted_as_text_writes_it() {
    let place = Workplace::new();
    let uuid = "7094a5d2-6ab2-4d3f-a6c4-2b0a3d4f7c11";
    place.write("u.csv", format!("id,n\n{uuid},1\n00000000-0000-0000-0000-000000000000,2\n"));
    place
        .shell("csv-to-stream u.csv | stream-select 'CAST(id AS UUID) AS id, n' -o u.arrows")
        .succeeds();
    let shown = |line: &str| place.shell(line).succeeds().stdout_text().replace('\n', ";");
    assert!(shown("file-inspect --show schema u.arrows").contains("arrow.uuid"));
    assert_eq!(
        shown(&format!("stream-filter \"id = '{uuid}'\" u.arrows | stream-to-csv")),
        format!("id,n;{uuid},1;")
    );
    let bare = uuid.replace('-', "");
    assert_eq!(shown(&format!("stream-filter \"id IN ('{bare}')\" u.arrows | stream-count")), "1;");
    assert_eq!(
        shown(
            "stream-select 'id::VARCHAR AS t' u.arrows | stream-filter \"t LIKE '7094%'\" | stream-count"
        ),
        "1;"
    );
    assert_eq!(
        shown("stream-to-json u.arrows | head -1"),
        format!("{{\"id\":\"{uuid}\",\"n\":1}};")
    );
    place.write("keys.txt", uuid);
    assert_eq!(shown("stream-filter --in keys.txt --on id u.arrows | stream-count"), "1;");
    place
        .shell("stream-filter \"id = '7094'\" u.arrows")
        .exits_with(2)
        .stderr_has("'7094' cannot be read as a UUID");
    place
        .shell("csv-to-stream u.csv | stream-select 'CAST(n AS UUID)'")
        .exits_with(2)
        .stderr_has("cannot convert int64 to");
    place
        .shell("csv-to-stream u.csv | stream-select 'CAST(id || id AS UUID) AS u'")
        .exits_with(1)
        .stderr_has("it cannot be read as a UUID");
    assert_eq!(
        shown(
            "csv-to-stream u.csv | stream-select 'TRY_CAST(id || id AS UUID) AS u' | stream-filter 'u IS NULL' | stream-count"
        ),
        "2;"
    );
}

#[test]
fn the_keys_have_the_limit_that_the_stream_has() {
    let place = Workplace::new();
    place.shell("stream-generate --batch-rows 20000 'id = 0..20000' >in.arrows").succeeds();
    place.shell("stream-to-file --compression zstd -o keys.arrow in.arrows").succeeds();
    let filter = |size: &str| {
        let line = "stream-filter --in keys.arrow --on id --max-message-bytes";
        place.shell(&format!("{line} {size} in.arrows"))
    };
    filter("100KiB").exits_with(1).one_line_on_stderr().stderr_has(
        "keys of keys.arrow: keys.arrow: a message has 160000 bytes when \
         decompressed (raise --max-message-bytes, which is 100.0 KiB, to read it)",
    );
    filter("1MiB").succeeds();
}

#[test]
fn rows_that_are_counted_are_not_left_out_for_the_reader() {
    let place = Workplace::new();
    let columns = "'a = 0..1000, b = 0..1000'";
    place.shell(&format!("stream-generate {columns} | stream-to-parquet -o x.parquet")).succeeds();
    // A pipe has no known size, so the writer waits for a hint.
    let line = "cat x.parquet | parquet-to-stream | stream-filter -n 1500 'b >= 0' | stream-filter";
    for expected in ["2\n"; 3] {
        place.shell(&format!("{line} 'b = 7' | stream-count")).succeeds().stdout_is(expected);
    }
    let line = "cat x.parquet | parquet-to-stream | (stream-filter -e 'b > 5'; echo $? >status)";
    for _ in 0..3 {
        place.shell(&format!("{line} | stream-filter 'b < 5' | stream-count")).stdout_is("0\n");
        assert_eq!(std::fs::read_to_string(place.file("status")).unwrap(), "0\n");
    }
}
