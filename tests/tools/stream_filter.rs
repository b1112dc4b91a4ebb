//! stream-filter: what it keeps, and what it says when it cannot.

use crate::support::{Tool, int64_batch, stream_of};

fn numbers() -> Vec<u8> {
    let batch = |from: i64| int64_batch(&[("id", (from..from + 10).collect()), ("b", vec![7; 10])]);
    stream_of(&[batch(0), batch(10)])
}

#[test]
fn a_stream_that_just_stops_is_an_error() {
    let whole = numbers();
    let without_end = &whole[..whole.len() - 8];
    Tool::new("stream-filter")
        .arg("TRUE")
        .pipe_in(&without_end[..100])
        .run()
        .exits_with(1)
        .stderr_is(
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
    told(b"", "empty: not even a schema arrived, the producer wrote nothing");
    told(b"id,name\n1,a\n", "not an Arrow stream: it starts with \"id,name\"");
    told(b"PAR1xxxxxxxxx", "not an Arrow stream: a Parquet file (parquet-to-stream reads it)");
    told(b"ab", "not an Arrow stream: it starts with \"ab\"");
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run =
            Tool::new("stream-filter").args(arguments.iter().copied()).pipe_in(numbers()).run();
        run.exits_with(2).stderr_is(&format!("stream-filter: {why}\n")).stdout_is("");
    };
    told(&[], "no expression: what shall be true of the rows to keep?");
    told(&["--colums", "id", "TRUE"], "unknown option \"--colums\"; similar: --columns");
    told(&["-n", "many", "TRUE"], "-n takes a whole number, not \"many\"");
    told(&["-c", "ib", "TRUE"], "no column \"ib\"; similar: \"id\", \"b\"");
}
