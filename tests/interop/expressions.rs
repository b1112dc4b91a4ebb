//! Expressions: `stream-filter` keeps DuckDB's rows, over all types, nulls, NaN and extremes.

use crate::support::{Python, Tool, Workplace, read_stream};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

#[test]
fn filtered_rows_are_those_of_duckdb() {
    let place = Workplace::new();
    Python::run(include_str!("expressions.py"), place.path(), [place.path()]).exits_with(0);
    let cases = std::fs::read(place.file("cases.json")).unwrap();
    let cases: Vec<(String, Vec<i64>)> = serde_json::from_slice(&cases).unwrap();
    assert!(1_000 < cases.len());
    let table = place.file("table.arrows");
    let mut wrong = Vec::new();
    for (expression, expected) in &cases {
        let filter = Tool::new("stream-filter");
        let run = filter.args(["-c", "row_id", "--", expression]).arg(&table).run();
        if !run.stderr.is_empty() {
            wrong.push(format!("{expression}\n  {}", run.stderr));
            continue;
        }
        let found = row_ids(&run.stdout);
        if found != *expected {
            let more: Vec<_> = found.iter().filter(|row| !expected.contains(row)).collect();
            let less: Vec<_> = expected.iter().filter(|row| !found.contains(row)).collect();
            wrong.push(format!("{expression}\n  not in DuckDB's: {more:?}, missing: {less:?}"));
        }
    }
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} of {} differ:\n{}", cases.len(), wrong.join("\n"));
}

fn row_ids(stream: &[u8]) -> Vec<i64> {
    let batches = read_stream(stream);
    let ids = |batch: &arrow::array::RecordBatch| {
        batch.column(0).as_primitive::<Int64Type>().values().to_vec()
    };
    batches.iter().flat_map(ids).collect()
}
