//! stream-count: rows, and rows of each value.

use crate::support::{Outcome, Tool, int64_batch, read_stream, stream_of};
use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use std::sync::Arc;

fn texts(values: Vec<Option<&str>>) -> RecordBatch {
    let ids: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![7; values.len()]));
    let texts: ArrayRef = Arc::new(StringArray::from(values));
    RecordBatch::try_from_iter_with_nullable([("id", ids, false), ("name", texts, true)]).unwrap()
}

fn input() -> Vec<u8> {
    stream_of(&[
        texts(vec![Some("a"), None, Some("b\u{202e}")]),
        texts(vec![]),
        texts(vec![Some("b\u{202e}"), None, None, Some("")]),
    ])
}

fn concat_batches(batches: &[RecordBatch]) -> RecordBatch {
    arrow::compute::concat_batches(&batches[0].schema(), batches).unwrap()
}

fn count(arguments: &[&str], input: &[u8]) -> Outcome {
    Tool::new("stream-count").args(arguments.iter().copied()).pipe_in(input).run()
}

#[test]
fn rows_are_a_number_alone() {
    count(&[], &input()).succeeds().stdout_is("7\n");
    count(&[], &[input(), input()].concat()).succeeds().stdout_is("14\n");
    count(&[], &stream_of(&[texts(vec![])])).succeeds().stdout_is("0\n");
}

#[test]
fn rows_of_each_value_are_a_table_the_largest_first() {
    count(&["--by", "name"], &input()).succeeds().stdout_is(
        "name       rows\nNULL          3\nb\\u{202e}     2\na             1\n\"\"            1\n",
    );
    let null_and_text = stream_of(&[texts(vec![None, Some("NULL")])]);
    count(&["--by", "name"], &null_and_text)
        .succeeds()
        .stdout_is("name    rows\nNULL       1\n\"NULL\"     1\n");
    count(&["--by", "id,name"], &input()).succeeds().stdout_has("id  name       rows\n 7  NULL");
    count(&["--by", "id"], &stream_of(&[texts(vec![])])).succeeds().stdout_is("id  rows\n");
}

#[test]
fn the_table_can_be_a_stream() {
    let run = count(&["--by", "name", "--stream"], &input()).succeeds();
    let batches = read_stream(&run.stdout);
    let schema = batches[0].schema();
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, ["name", "rows"]);
    assert_eq!(batches[0].column(1).as_primitive::<Int64Type>().values(), &[3, 2, 1, 1]);
    let values: Vec<_> = batches[0].column(0).as_string::<i32>().iter().collect();
    assert_eq!(values, [None, Some("b\u{202e}"), Some("a"), Some("")]);
}

#[test]
fn values_that_do_not_fit_into_memory_are_counted() {
    let rows: Vec<i64> = (0..300_000).map(|row| row * 7919 % 100_003).collect();
    let input = stream_of(&[int64_batch(&[("x", rows)])]);
    let whole = count(&["--by", "x"], &input).succeeds().stdout_text();
    count(&["--by", "x", "--memory", "1MiB"], &input).succeeds().stdout_is(&whole);
    let whole = count(&["--by", "x", "--stream"], &input).succeeds().stdout;
    let run = count(&["--by", "x", "--stream", "--memory", "1MiB"], &input).succeeds();
    let rows = |stream: &[u8]| concat_batches(&read_stream(stream));
    assert_eq!(rows(&run.stdout), rows(&whole));
}

#[test]
fn bodies_are_not_looked_at_without_columns() {
    let values: Vec<Option<&str>> = vec![Some("some text that is valid"); 1000];
    let mut stream = stream_of(&[texts(values)]);
    let place = stream.windows(4).position(|bytes| bytes == b"some").unwrap();
    stream[place..place + 1000].fill(0xff);
    count(&["--by", "name"], &stream).exits_with(1).one_line_on_stderr().stdout_is("");
    count(&[], &stream).succeeds().stdout_is("1000\n");
}

#[test]
fn a_stream_that_stops_early_has_no_count() {
    let whole = input();
    for end in 1..whole.len() {
        for arguments in [&[][..], &["--by", "name"]] {
            // Every tenth place: messages of every kind are cut in every part.
            if end % 10 == 0 || whole.len() - 10 < end {
                count(arguments, &whole[..end]).exits_with(1).one_line_on_stderr().stdout_is("");
            }
        }
    }
    count(&["--allow-missing-end"], &whole[..whole.len() - 8]).succeeds().stdout_is("7\n");
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        count(arguments, &input())
            .exits_with(2)
            .stderr_is(&format!("stream-count: {why}\n"))
            .stdout_is("");
    };
    told(&["--stream"], "--stream requires --by");
    told(&["--by", "nmae"], "--by: unknown column \"nmae\" (did you mean \"name\"?)");
    let rows = stream_of(&[int64_batch(&[("rows", vec![1])])]);
    count(&["--by", "rows"], &rows).succeeds().stdout_is("rows  rows\n   1     1\n");
    count(&["--by", "rows", "--stream"], &rows).exits_with(2).one_line_on_stderr();
}
