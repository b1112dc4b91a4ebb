//! stream-tail: which rows it passes on.

use crate::support::{Outcome, Tool, int64_batch, read_stream, stream_of};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

fn tail(arguments: &[&str]) -> Outcome {
    let batch = |from: i64| int64_batch(&[("id", (from..from + 10).collect())]);
    let input = stream_of(&[batch(0), batch(10), batch(20)]);
    Tool::new("stream-tail").args(arguments.iter().copied()).pipe_in(input).run()
}

#[track_caller]
fn begins_with(arguments: &[&str], first: i64) {
    let batches = read_stream(&tail(arguments).succeeds().stdout);
    let ids = batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values());
    assert_eq!(ids.copied().collect::<Vec<_>>(), (first..30).collect::<Vec<_>>(), "{arguments:?}");
}

#[test]
fn the_last_rows_or_all_from_one_on_as_tail_knows_them() {
    begins_with(&[], 20);
    for (rows, first) in [
        ("3", 27),
        ("-3", 27),
        ("15", 15),
        ("30", 0),
        ("18446744073709551615", 0),
        ("0", 30),
        ("+0", 0),
        ("+1", 0),
        ("+2", 1),
        ("+16", 15),
        ("+30", 29),
        ("+31", 30),
        ("+18446744073709551615", 30),
    ] {
        begins_with(&["-n", rows], first);
        begins_with(&[&format!("-n{rows}")], first);
        begins_with(&[&format!("--limit={rows}")], first);
    }
}

#[test]
fn a_stream_that_stops_early_has_no_last_rows() {
    let stream = stream_of(&[int64_batch(&[("id", (0..10).collect())])]);
    for rows in ["0", "3", "+2"] {
        let input = &stream[..stream.len() - 8];
        let run = Tool::new("stream-tail").args(["-n", rows]).pipe_in(input).run();
        let run = run.exits_with(1).one_line_on_stderr().stderr_has("the producer stopped early");
        assert!(!run.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    }
}
