//! Summaries: DuckDB's exact answers about the columns of random tables, within the errors that the
//! manual states.

use crate::support::{Python, Tool, Workplace};

const PROGRAM: &str = include_str!("summaries.py");

/// The cases of a normal run: 10 seconds. `SUMMARY_CASES` and `SUMMARY_SEED` ask for others.
const CASES: usize = 100;

#[test]
fn stream_summary_agrees_with_duckdb() {
    let place = Workplace::new();
    let cases = Python::random_cases(PROGRAM, &place, "SUMMARY", CASES);
    for number in cases.lines() {
        let (table, found) = (format!("{number}.arrows"), format!("{number}.summary.arrows"));
        place.tool("stream-summary").args(["--stream", "-o", &found, &table]).run().succeeds();
    }
    let program = Tool::program(Python::interpreter(), place.path());
    program.args(["-c", PROGRAM, "check"]).pipe_in(cases).run().succeeds().stdout_is("");
}
