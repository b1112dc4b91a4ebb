//! The functions of expressions: DuckDB's results, over all types, nulls and extremes.

use crate::support::{Python, Workplace, read_stream};
use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;
use arrow_pipes::expression::Predicate;

#[test]
fn functions_give_the_results_of_duckdb() {
    let place = Workplace::new();
    Python::run(include_str!("functions.py"), place.path(), [place.path()]).succeeds();
    let cases = std::fs::read(place.file("cases.json")).unwrap();
    let cases: Vec<(String, bool)> = serde_json::from_slice(&cases).unwrap();
    assert!(50 < cases.len());
    let batches = read_stream(&std::fs::read(place.file("table.arrows")).unwrap());
    let mut wrong = Vec::new();
    for (number, (text, near)) in cases.iter().enumerate() {
        let differ = batches.iter().find_map(|batch| difference(text, number, *near, batch));
        wrong.extend(differ.map(|difference| format!("{text}\n  {difference}")));
    }
    let (count, all) = (wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{count} of {all} differ:\n{}", wrong.join("\n"));
}

/// What is wrong with the first row that differs, with the row's inputs.
fn difference(text: &str, number: usize, near: bool, batch: &RecordBatch) -> Option<String> {
    let mut same = format!("({text}) IS NOT DISTINCT FROM want_{number}");
    if near {
        same = format!("{same} OR abs(({text}) / want_{number} - 1) < 1e-15");
    }
    let predicate = match Predicate::bind(&same, &batch.schema()) {
        Ok(predicate) => predicate,
        Err(error) => return Some(error.to_string()),
    };
    let inputs = batch.project(predicate.columns()).unwrap();
    let answers = match predicate.evaluate(&inputs) {
        Ok(answers) => answers,
        Err(error) => return Some(error.to_string()),
    };
    let row = answers.iter().position(|same| same != Some(true))?;
    let shown = |(place, column)| {
        let value: &dyn Array = column;
        let value = array_value_to_string(value, row).unwrap();
        format!("{} = {value:?}", inputs.schema().field(place).name())
    };
    let columns = inputs.columns().iter().map(|column| column.as_ref());
    Some(columns.enumerate().map(shown).collect::<Vec<_>>().join(", "))
}
