//! Select lists: DuckDB's values and types, over all types, nulls, NaN and extremes.

use crate::support::{Outcome, Python, Tool, Workplace, read_stream};

const PROGRAM: &str = concat!(include_str!("expression_table.py"), include_str!("select.py"));

fn python(place: &Workplace, what: &str) -> Outcome {
    let directory = place.path().to_str().unwrap().to_owned();
    Python::run(PROGRAM, place.path(), [directory, what.to_owned()])
}

#[test]
fn stream_select_gives_the_values_of_duckdb() {
    let place = Workplace::new();
    python(&place, "make").succeeds();
    let list = std::fs::read_to_string(place.file("list.txt")).unwrap();
    let select = Tool::new("stream-select").arg(&list).arg("-o").arg(place.file("result.arrows"));
    select.arg("--").arg(place.file("table.arrows")).run().succeeds();
    python(&place, "check").succeeds();

    let text = std::fs::read(place.file("names.json")).unwrap();
    let [items, names]: [Vec<String>; 2] = serde_json::from_slice(&text).unwrap();
    let list = items.join(", ");
    let run = Tool::new("stream-select")
        .args(["--truncate", "--", &list])
        .arg(place.file("table.arrows"))
        .run();
    let batches = read_stream(&run.succeeds().stdout);
    let schema = batches[0].schema();
    let found: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(found, names.iter().collect::<Vec<_>>());

    // What makes no sense there is refused here, too, before any data is read.
    let refused: Vec<String> =
        serde_json::from_slice(&std::fs::read(place.file("refused.json")).unwrap()).unwrap();
    assert!(20 < refused.len());
    for item in refused {
        let run = Tool::new("stream-select").arg(&item).arg(place.file("table.arrows")).run();
        assert_eq!(run.status(), Some(2), "{item}: {}", run.stderr);
    }
}
