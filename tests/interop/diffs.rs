//! Differences of two tables: those that DuckDB finds with a full outer join, or with EXCEPT ALL, over
//! random tables, sorted or not, with much and little memory.

use crate::support::{Python, Tool, Workplace};

const PROGRAM: &str = include_str!("diffs.py");

/// The cases of a normal run: 5 seconds. `DIFF_CASES` and `DIFF_SEED` ask for others.
const CASES: usize = 100;

#[test]
fn stream_diff_finds_the_differences_that_duckdb_finds() {
    let place = Workplace::new();
    let cases = Python::random_cases(PROGRAM, &place, "DIFF", CASES);
    let mut results = String::new();
    for case in cases.lines() {
        let (number, case) = case.split_once('\t').unwrap();
        for (way, more) in [("much", &[][..]), ("little", &["--memory", "1", "-j", "1"])] {
            let diff = place.tool("stream-diff").args(case.split('\t'));
            let output = format!("{number}.{way}.arrows");
            let run = diff.args(more.iter().copied()).args(["--stream", "-o", &output]).run();
            let status = run.status().unwrap();
            assert!(status < 2, "case {number}, {way}: {case}: {}", run.stderr);
            results.push_str(&format!("{number}\t{way}\t{status}\t{case}\n"));
        }
    }
    let program = Tool::program(Python::interpreter(), place.path());
    let program = program.args(["-c", PROGRAM, "check"]).pipe_in(results);
    program.run().succeeds().stdout_is("");
}
