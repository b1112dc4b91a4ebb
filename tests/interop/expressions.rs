//! Expressions: DuckDB's rows are kept, over all types, nulls, NaN and extremes.

use crate::support::{Outcome, Python, Tool, Workplace, read_stream};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

/// The table in its two forms, and the expressions with the rows for which each is true.
struct Reference {
    place: Workplace,
    cases: Vec<(String, Vec<i64>)>,
}

fn reference() -> Reference {
    let place = Workplace::new();
    let program = concat!(include_str!("expression_table.py"), include_str!("expressions.py"));
    Python::run(program, place.path(), [place.path()]).succeeds();
    let cases = std::fs::read(place.file("cases.json")).unwrap();
    let cases: Vec<(String, Vec<i64>)> = serde_json::from_slice(&cases).unwrap();
    assert!(1_000 < cases.len());
    Reference { place, cases }
}

#[test]
fn stream_filter_keeps_the_rows_of_duckdb() {
    let reference = reference();
    let table = reference.place.file("table.arrows");
    reference.compare(|expression| {
        Tool::new("stream-filter").args(["-c", "row_id", "--", expression]).arg(&table).run()
    });
}

#[test]
fn row_groups_are_skipped_only_without_rows_of_duckdb() {
    let reference = reference();
    let table = reference.place.file("table.parquet");
    reference.compare(|expression| {
        let scan = Tool::new("parquet-to-stream").args(["-c", "row_id", "-w", expression]);
        scan.arg("--").arg(&table).run()
    });
}

impl Reference {
    /// Every answer must be the right rows in their order; all that differ are told at once.
    fn compare(&self, run: impl Fn(&str) -> Outcome) {
        let mut wrong = Vec::new();
        for (expression, expected) in &self.cases {
            let outcome = run(expression);
            if outcome.status() != Some(0) {
                wrong.push(format!("{expression}\n  {}", outcome.stderr));
                continue;
            }
            let found: Vec<i64> = read_stream(&outcome.stdout).iter().flat_map(row_ids).collect();
            if found != *expected {
                let more: Vec<_> = found.iter().filter(|row| !expected.contains(row)).collect();
                let less: Vec<_> = expected.iter().filter(|row| !found.contains(row)).collect();
                wrong.push(format!("{expression}\n  not in DuckDB's: {more:?}, missing: {less:?}"));
            }
        }
        let (count, all) = (wrong.len(), self.cases.len());
        assert!(wrong.is_empty(), "{count} of {all} differ:\n{}", wrong.join("\n"));
    }
}

fn row_ids(batch: &RecordBatch) -> Vec<i64> {
    batch.column(0).as_primitive::<Int64Type>().values().to_vec()
}
