//! Joins: DuckDB's values, types and rows, over random tables and keys; in memory and with temporary
//! files.

use crate::support::{Python, Tool, Workplace};

const PROGRAM: &str = include_str!("joins.py");

/// The cases of a normal run: 16 seconds. `JOIN_CASES` and `JOIN_SEED` ask for others.
const CASES: usize = 120;

/// Whether the case allows --sorted: an as-of join with later rows needs a tolerance.
fn is_sortable(case: &str) -> bool {
    !case.contains("--as-of") || case.contains('>') || case.contains("--tolerance")
}

/// The columns of the stream and of the table by which a sorted case is sorted.
fn order(case: &str) -> [String; 2] {
    if case.contains("--as-of") {
        return ["at".to_owned(), "since".to_owned()];
    }
    let on = case.split('\t').skip_while(|argument| *argument != "--on").nth(1).unwrap();
    let pairs = || on.split(',').map(|pair| pair.split_once('=').unwrap_or((pair, pair)));
    let names =
        |names: Vec<&str>| names.iter().map(|name| name.trim()).collect::<Vec<_>>().join(",");
    [
        names(pairs().map(|(stream, _)| stream).collect()),
        names(pairs().map(|(_, table)| table).collect()),
    ]
}

#[test]
fn stream_join_gives_the_results_of_duckdb() {
    let place = Workplace::new();
    let cases = Python::random_cases(PROGRAM, &place, "JOIN", CASES);
    let mut results = String::new();
    for case in cases.lines() {
        let (number, case) = case.split_once('\t').unwrap();
        let (stream, table) = (format!("{number}.arrows"), format!("{number}.table.arrows"));
        if is_sortable(case) {
            for (name, keys) in [&stream, &table].into_iter().zip(order(case)) {
                let rows = ["1", "4", "1000"][case.len() % 3];
                place
                    .shell(&format!(
                        "stream-sort --by '{keys}' {name} | \
                         stream-rechunk --batch-rows {rows} -o sorted.{name}"
                    ))
                    .succeeds();
            }
            let (stream, table) = (format!("sorted.{stream}"), format!("sorted.{table}"));
            let output = format!("{number}.sorted.arrows");
            let join = place.tool("stream-join").arg(&table).args(case.split('\t')).arg("--sorted");
            join.args(["-o", &output, &stream]).run().succeeds();
            results.push_str(&format!("{number}\tsorted\t{case}\n"));
        }
        for (way, more) in [("memory", &[][..]), ("spilled", &["--memory", "1"])] {
            if way == "spilled" && !case.contains("--on") {
                continue;
            }
            let join = place.tool("stream-join").arg(&table).args(case.split('\t'));
            let output = format!("{number}.{way}.arrows");
            join.args(more.iter().copied()).args(["-o", &output, &stream]).run().succeeds();
            results.push_str(&format!("{number}\t{way}\t{case}\n"));
        }
    }
    let place = place.path();
    let program = Tool::program(Python::interpreter(), place);
    let program = program.args(["-c", PROGRAM, "check"]).pipe_in(results);
    program.run().succeeds().stdout_is("");
}
