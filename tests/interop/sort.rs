//! Orders: DuckDB's, over types, nulls, NaN, ties, directions, and dictionaries that change.

use crate::support::{Python, Workplace};

#[test]
fn stream_sort_gives_the_order_of_duckdb() {
    let place = Workplace::new();
    let cases = Python::run(include_str!("sort.py"), place.path(), [""]).succeeds().stdout_text();
    assert!(100 < cases.lines().count());
    let mut pairs = String::new();
    for (number, case) in cases.lines().enumerate() {
        // In memory; from a few runs; from many, merged in several steps.
        let memory = ["512MiB", "100KiB", "16KiB"];
        let is_mixed = case.contains("--unique") || case.contains(',');
        for memory in if is_mixed { &memory[..] } else { &memory[number % 3..][..1] } {
            let ours = format!("{number}.{memory}.arrows");
            let run = place.tool("stream-sort").args(["--memory", *memory, "-o", &ours]);
            run.args(case.split('\t')).arg("table.arrows").run().succeeds();
            let theirs = place.file(&format!("{number}.arrows"));
            pairs.push_str(&format!("{}\t{}\n", theirs.display(), place.file(&ours).display()));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}
