//! stream-print: tables and records as people see them, through a pipe; `COLUMNS` stands for a terminal.

use crate::support::{Outcome, Tool, Workplace, int64_batch, stream_of};
use arrow::array::{
    ArrayRef, BinaryArray, Float64Array, Int64Array, ListArray, RecordBatch, RecordBatchOptions,
    StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{Int64Type, Schema};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

fn print(arguments: &[&str], batches: &[RecordBatch]) -> Outcome {
    Tool::new("stream-print").args(arguments.iter().copied()).pipe_in(stream_of(batches)).run()
}

fn cities() -> RecordBatch {
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from(vec![Some(1), Some(20000), None]))),
        ("city", Arc::new(StringArray::from(vec![Some("Köln"), Some(""), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn texts(texts: Vec<&str>) -> RecordBatch {
    let column: ArrayRef = Arc::new(StringArray::from(texts));
    RecordBatch::try_from_iter([("text", column)]).unwrap()
}

#[test]
fn numbers_stand_at_the_right_and_nulls_are_no_text() {
    let table = "   id  city    share
int64  utf8  float64
─────  ────  ───────
    1  Köln      0.5
20000  \"\"        NaN
 NULL  NULL     NULL
";
    print(&[], &[cities()]).succeeds().stdout_is(table);
    let quoted = "text\nutf8\n──────────\n\"NULL\"\n\"\"\n\" a\"\nNULL x\n\"\\\"a\\\"\"\n";
    print(&[], &[texts(vec!["NULL", "", " a", "NULL x", "\"a\""])])
        .succeeds()
        .stdout_is(&quoted.replace("──────────", &"─".repeat("\"\\\"a\\\"\"".len())));
}

#[test]
fn a_batch_without_rows_shows_no_widths() {
    let whole = print(&[], &[cities()]).succeeds();
    let table = String::from_utf8(whole.stdout).unwrap();
    print(&[], &[cities().slice(0, 0), cities()]).succeeds().stdout_is(&table);
}

#[test]
fn what_would_move_the_cursor_is_written_out() {
    print(&[], &[texts(vec!["a\u{1b}[31m\tb\u{202e}c"])])
        .succeeds()
        .stdout_has("\na\\u{1b}[31m\\tb\\u{202e}c\n");
}

#[test]
fn every_kind_of_value_is_shown() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1), None])]);
    let columns: [(&str, ArrayRef); 3] = [
        ("l", Arc::new(list)),
        ("b", Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..]]))),
        ("t", Arc::new(TimestampMillisecondArray::from(vec![-1]).with_timezone("+01:30"))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let record = "-- record 1 --\nl  [1,null]\nb  0x00ff\nt  1970-01-01T01:29:59.999+01:30\n";
    print(&["--expanded"], &[batch]).succeeds().stdout_is(record);
}

#[test]
fn a_record_shows_every_value_whole() {
    let long = "x".repeat(500);
    let records = format!("-- record 1 --\ntext  {long}\n-- record 2 --\ntext  \"\"\n");
    print(&["--expanded"], &[texts(vec![&long, ""])]).succeeds().stdout_is(&records);
}

#[test]
fn lines_keep_to_the_width_of_the_screen() {
    let place = Workplace::new();
    let wide = ["a", "b", "c"].map(|name| {
        (name, Arc::new(StringArray::from(vec!["日本語 and more of it", "short"])) as ArrayRef)
    });
    place.write("wide.arrows", stream_of(&[RecordBatch::try_from_iter(wide).unwrap()]));
    for width in 32..70 {
        let line = format!("COLUMNS={width} stream-print wide.arrows");
        let text = place.shell(&line).succeeds().stdout_text();
        let widths: Vec<usize> = text.lines().map(|line| line.width()).collect();
        assert!(widths.iter().all(|line| *line <= width), "{width}: {widths:?}\n{text}");
        assert_eq!(text.contains('…'), width < 67, "{text}");
    }
    for line in ["stream-print", "COLUMNS=20 stream-print --wide"] {
        let whole = place.shell(&format!("{line} wide.arrows")).succeeds();
        whole.stdout_has("日本語 and more of it  日本語 and more of it  日本語 and more of it\n");
    }
}

#[test]
fn columns_in_the_middle_are_left_out_and_counted() {
    let place = Workplace::new();
    let names: Vec<String> = (0..20).map(|number| format!("column_{number}")).collect();
    let columns: Vec<(&str, Vec<i64>)> =
        names.iter().map(|name| (name.as_str(), vec![7])).collect();
    place.write("many.arrows", stream_of(&[int64_batch(&columns)]));
    let table = "column_0  column_1  …    column_19
   int64     int64  +17      int64
────────  ────────  ───  ─────────
       7         7  …            7
";
    place.shell("COLUMNS=40 stream-print many.arrows").succeeds().stdout_is(table);
}

#[test]
fn a_wider_value_in_a_later_batch_is_whole_and_the_next_column_finds_its_place() {
    let batches = [
        int64_batch(&[("a", vec![1]), ("a longer name", vec![2])]),
        int64_batch(&[("a", vec![1_234_567_890]), ("a longer name", vec![3])]),
    ];
    let table = "    a  a longer name
int64          int64
─────  ─────────────
    1              2
1234567890         3
";
    print(&[], &batches).succeeds().stdout_is(table);
}

#[test]
fn no_rows_and_no_columns_are_shown_as_such() {
    let head = "    a\nint64\n─────\n";
    print(&[], &[int64_batch(&[("a", vec![])])]).succeeds().stdout_is(head);
    print(&["-n", "0"], &[int64_batch(&[("a", vec![1])])]).succeeds().stdout_is(head);
    let rows = RecordBatchOptions::new().with_row_count(Some(2));
    let bare = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &rows);
    print(&["--expanded"], &[bare.unwrap()])
        .succeeds()
        .stdout_is("-- record 1 --\n-- record 2 --\n");
}

#[test]
fn reading_stops_with_the_last_row_that_is_wanted() {
    // Behind the first batch the stream is cut off: nobody may ask for more.
    let batches = [int64_batch(&[("a", vec![1, 2, 3])]), int64_batch(&[("a", vec![4])])];
    let (one, both) = (stream_of(&batches[..1]), stream_of(&batches));
    let cut = both[..one.len() - 8 + 20].to_vec();
    let run = |rows| Tool::new("stream-print").args(["-n", rows]).pipe_in(cut.clone()).run();
    run("2").succeeds().stdout_is("    a\nint64\n─────\n    1\n    2\n");
    run("4").exits_with(1).one_line_on_stderr().stdout_has("    3\n");
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    print(&["--wide", "--expanded"], &[cities()])
        .exits_with(2)
        .stdout_is("")
        .stderr_has("--wide cannot be combined with --expanded");
}

#[test]
fn joiners_of_letters_are_no_escapes() {
    let place = Workplace::new();
    let words = "w\nمی\u{200c}خواهم\nक्\u{200d}ष\na\u{200b}b\u{200e}\n";
    place.write("w.csv", words);
    let run = place.shell("csv-to-stream w.csv | stream-print").succeeds();
    run.stdout_has("می\u{200c}خواهم\n")
        .stdout_has("क्\u{200d}ष\n")
        .stdout_has("a\\u{200b}b\\u{200e}");
}

#[test]
fn files_of_other_formats_are_shown_by_their_content() {
    let place = Workplace::new();
    let batch = int64_batch(&[("id", vec![1, 2, 3]), ("n", vec![7, 8, 9])]);
    place.write("x.arrows", stream_of(&[batch]));
    place.shell("stream-to-parquet x.arrows -o x.parquet && cp x.parquet p").succeeds();
    place.shell("stream-to-csv x.arrows -o c && stream-to-csv -d ';' x.arrows -o s").succeeds();
    place.shell("stream-to-json x.arrows -o j && stream-to-file x.arrows -o f").succeeds();
    let shown = "   id      n\nint64  int64\n─────  ─────\n    1      7\n    2      8\n";
    for name in ["x.arrows", "x.parquet", "p", "c", "s", "j", "f"] {
        place.shell(&format!("stream-print -n 2 {name}")).succeeds().stdout_is(shown);
        place.shell(&format!("stream-count {name}")).succeeds().stdout_is("3\n");
        place.shell(&format!("stream-count {name} {name}")).succeeds().stdout_is("6\n");
        let by = place.shell(&format!("stream-count --by n {name} | tail -n 3")).succeeds();
        by.stdout_is("7     1\n8     1\n9     1\n");
        let head = place.shell(&format!("stream-head -n 2 {name} | stream-to-csv")).succeeds();
        head.stdout_is("id,n\n1,7\n2,8\n");
    }
    let told = "c is delimited text, but x.parquet is a Parquet file: files read together must have \
                the same format";
    place.shell("stream-count c x.parquet").exits_with(1).one_line_on_stderr().stderr_has(told);
    place.write("t", "hello\n");
    place.shell("stream-print t").exits_with(1).stderr_has("not an Arrow stream: it starts with");
}
