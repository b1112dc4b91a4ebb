//! Aggregates: DuckDB's values, types and groups, over random lists and tables; in memory, with
//! temporary files, and merged from partial results.

use crate::support::{Python, Tool, Workplace};

const PROGRAM: &str = include_str!("aggregates.py");

/// The cases of a normal run: 10 seconds. `AGGREGATE_CASES` and `AGGREGATE_SEED` ask for others.
const CASES: usize = 120;

#[test]
fn stream_aggregate_gives_the_results_of_duckdb() {
    let place = Workplace::new();
    let cases = Python::random_cases(PROGRAM, &place, "AGGREGATE", CASES);
    let mut results = String::new();
    for case in cases.lines() {
        let (number, case) = case.split_once('\t').unwrap();
        let arguments: Vec<&str> = case.split('\t').collect();
        let table = format!("{number}.arrows");
        let mut ran = |way: &str, tool: Tool| {
            tool.args(["-o", &format!("{number}.{way}.arrows")]).run().succeeds();
            results.push_str(&format!("{number}\t{way}\t{case}\n"));
        };
        let aggregate = || place.tool("stream-aggregate").args(arguments.iter().copied());
        ran("memory", aggregate().arg(&table));
        ran("spilled", aggregate().args(["--memory", "1", &table]));
        let pair = |name: &str| {
            let at = arguments.iter().position(|word| *word == name);
            at.map_or_else(Vec::new, |at| arguments[at..at + 2].to_vec())
        };
        let parts = [("head", "-n", "3"), ("tail", "-n", "+4")].map(|(part, option, rows)| {
            let (slice, states) = (format!("{number}.{part}"), format!("{number}.{part}.partial"));
            let cut = place.tool(&format!("stream-{part}")).args([option, rows, "-o", &slice]);
            cut.arg(&table).run().succeeds();
            let made = place.tool("stream-aggregate").args(["--partial", arguments[0]]);
            let made = made
                .args(pair("--by"))
                .args(pair("--having"))
                .args(["--memory", "1", "-o", &states]);
            made.arg(&slice).run().succeeds();
            states
        });
        ran("merged", place.tool("stream-aggregate").arg("--merge").args(parts));
    }
    let place = place.path();
    let program = Tool::program(Python::interpreter(), place);
    let program = program.args(["-c", PROGRAM, "check"]).pipe_in(results);
    program.run().succeeds().stdout_is("");
}

#[test]
fn quantiles_between_decimals_are_those_of_duckdb() {
    const PROGRAM: &str = include_str!("quantiles.py");
    let place = Workplace::new();
    let python = |what: &str| {
        let program = Tool::program(Python::interpreter(), place.path());
        program.args(["-c", PROGRAM, what]).run().succeeds()
    };
    let list = python("make").stdout_text();
    let tool = place.tool("stream-aggregate").args(["--by", "g", "-o", "found.arrows"]);
    tool.args([list.trim_end(), "decimals.arrows"]).run().succeeds();
    python("check").stdout_is("");
}
