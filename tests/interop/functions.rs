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
    let wanted = batch.schema().field_with_name(&format!("want_{number}")).unwrap().clone();
    // Lists have no order; their texts say all.
    let form = if wanted.data_type().is_nested() { "::VARCHAR" } else { "" };
    let mut same = format!("({text}){form} IS NOT DISTINCT FROM want_{number}{form}");
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

/// Functions that DuckDB lacks, or of which it gives other values.
const NOT_IN_DUCKDB: [&str; 3] = ["initcap(", "convert_time_zone(", "hash("];

/// The examples of the manual: those of its functions hold in both, those of its differences only
/// here.
#[test]
fn the_examples_of_the_manual_hold_as_it_says() {
    let manual = include_str!("../../man/arrow-expressions.7");
    let (mut section, mut both, mut ours) = ("", Vec::new(), Vec::new());
    for line in manual.lines() {
        section = line.strip_prefix(".Sh ").unwrap_or(section);
        let Some(example) = line.strip_prefix(".Dl ") else { continue };
        let list = match section {
            "FUNCTIONS" if NOT_IN_DUCKDB.iter().any(|name| example.starts_with(name)) => &mut ours,
            "FUNCTIONS" => &mut both,
            "DIFFERENCES FROM DUCKDB" => &mut ours,
            _ => continue,
        };
        list.push(example.replace("\\e", "\\"));
    }
    assert!(50 < both.len() && 2 < ours.len());

    let place = Workplace::new();
    Python::run(MANUAL, place.path(), [place.path()]).succeeds();
    let batch = &read_stream(&std::fs::read(place.file("one.arrows")).unwrap())[0];
    for example in both.iter().chain(&ours) {
        let predicate = Predicate::bind(example, &batch.schema())
            .unwrap_or_else(|error| panic!("{example}: {error}"));
        let inputs = batch.project(predicate.columns()).unwrap();
        let answers = predicate.evaluate(&inputs).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(answers.iter().next(), Some(Some(true)), "{example}");
    }
    std::fs::write(place.file("both.json"), serde_json::to_string(&both).unwrap()).unwrap();
    std::fs::write(place.file("ours.json"), serde_json::to_string(&ours).unwrap()).unwrap();
    Python::run(MANUAL, place.path(), [place.path()]).succeeds();
}

/// Writes the columns of the manual's examples; then asks DuckDB for them.
const MANUAL: &str = r#"
import json, pathlib, sys
import duckdb
import pyarrow as pa

directory = pathlib.Path(sys.argv[1])
table = pa.table({"tags": [[10, 20, 30]], "address": [{"zip": "04109", "city": "Leipzig"}]})
stock = pa.array([[("apple", 3), ("pear", 5)]], pa.map_(pa.string(), pa.int64()))
table = table.append_column("stock", stock)
with pa.ipc.new_stream(str(directory / "one.arrows"), table.schema) as stream:
    stream.write_table(table)
duck = duckdb.connect()
duck.execute("SET TimeZone = 'UTC'")
duck.register("one", table)

def answer(text):
    try:
        return duck.execute(f"SELECT ({text}) FROM one").fetchone()[0]
    except duckdb.Error as error:
        return f"{error}"

wrong = []
for name, wanted in (("both", True), ("ours", False)):
    if (directory / f"{name}.json").exists():
        for text in json.loads((directory / f"{name}.json").read_text()):
            found = answer(text)
            if (found is True) != wanted:
                wrong.append(f"{text}: {found}")
sys.exit("\n".join(wrong) or None)
"#;
