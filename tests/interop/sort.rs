//! Orders: DuckDB's, over types, nulls, NaN, ties, directions, and dictionaries that change.

use crate::support::{Python, Workplace};

#[test]
fn stream_sort_gives_the_order_of_duckdb() {
    let place = Workplace::new();
    let cases = Python::run(include_str!("sort.py"), place.path(), [""]).succeeds().stdout_text();
    assert!(100 < cases.lines().count());
    let mut pairs = String::new();
    for (number, case) in cases.lines().enumerate() {
        // In memory; from a few runs, or from hundreds that are merged again and again.
        for memory in ["512MiB", if number % 3 == 0 { "100KiB" } else { "4KiB" }] {
            let ours = format!("{number}.{memory}.arrows");
            let run = place.tool("stream-sort").args(["--memory", memory, "-o", &ours]);
            run.args(case.split('\t')).arg("table.arrows").run().succeeds();
            let theirs = place.file(&format!("{number}.arrows"));
            pairs.push_str(&format!("{}\t{}\n", theirs.display(), place.file(&ours).display()));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}
