//! stream-head: which rows it passes on, and how early it stops.

use crate::support::{Outcome, Tool, Workplace, int64_batch, read_stream, stream_of};
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
        "stream-head: -n takes a whole number, also with - or + before it, not \"ten\"\n",
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
