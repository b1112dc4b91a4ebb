//! Lists as rows: DuckDB's, for lists of all layouts.

use crate::support::{Outcome, Python, Tool, Workplace};

fn python(place: &Workplace, what: &str) -> Outcome {
    let directory = place.path().to_str().unwrap().to_owned();
    Python::run(include_str!("unnest.py"), place.path(), [directory, what.to_owned()])
}

#[test]
fn lists_become_the_rows_of_duckdb() {
    let place = Workplace::new();
    python(&place, "make").succeeds();
    let lists = std::fs::read(place.file("lists.json")).unwrap();
    let lists: Vec<String> = serde_json::from_slice(&lists).unwrap();
    assert!(10 < lists.len());
    for (number, list) in lists.iter().enumerate() {
        let select = Tool::new("stream-select").arg(list).arg(place.file("table.arrows"));
        select.arg("-o").arg(place.file(&format!("{number}.arrows"))).run().succeeds();
    }
    python(&place, "check").succeeds();
}
