//! Hive trees: those that pyarrow, DuckDB, Polars and Spark write are read here the same, and those written here
//! by the first three, keys that try to escape, look like numbers or mean null among them.

use crate::support::{Python, Workplace};

const SCRIPT: &str = include_str!("hive_trees.py");

#[test]
fn trees_that_others_write_are_read_here_the_same() {
    let place = Workplace::new();
    let trees = Python::run(SCRIPT, place.path(), ["write"]).succeeds().stdout_text();
    assert_eq!(trees.lines().count(), 4 * 7);
    let mut pairs = String::new();
    for tree in trees.lines() {
        let types = if tree.ends_with("lookalikes") { "--hive-types 'k0 utf8'" } else { "" };
        let line =
            format!("parquet-to-stream {types} {tree} | stream-sort --by id -o {tree}.ours.arrows");
        place.shell(&line).succeeds();
        let file = |ending: &str| place.file(&format!("{tree}{ending}")).display().to_string();
        pairs.push_str(&format!("{}\t{}\n", file(".arrows"), file(".ours.arrows")));
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn trees_that_are_written_here_are_read_by_others_the_same() {
    let place = Workplace::new();
    Python::run(SCRIPT, place.path(), ["write"]).succeeds();
    let mut pairs = String::new();
    for (name, keys) in [
        ("numbers", "k0"),
        ("months", "k0,k1"),
        ("days", "k0"),
        ("hostile", "k0"),
        ("lookalikes", "k0"),
        ("zips", "k0"),
        ("mixed", "k0,k1,k2"),
    ] {
        let types = if name == "lookalikes" { "--hive-types 'k0 utf8'" } else { "" };
        place
            .shell(&format!(
                "stream-to-parquet --partition-by {keys} -o ours-{name} {name}.arrows
                 parquet-to-stream {types} ours-{name} | stream-sort --by id -o again-{name}.arrows"
            ))
            .succeeds();
        let file = |name: String| place.file(&name).display().to_string();
        pairs.push_str(&format!(
            "{}\t{}\n",
            file(format!("{name}.arrows")),
            file(format!("again-{name}.arrows"))
        ));
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
    Python::run(SCRIPT, place.path(), ["read"]).exits_with(0).stdout_is("");
}

#[test]
fn keys_of_every_type_that_has_a_text_read_back_equal() {
    let place = Workplace::new();
    let types = Python::run(SCRIPT, place.path(), ["types"]).succeeds().stdout_text();
    let mut pairs = String::new();
    for (number, name) in types.lines().enumerate() {
        let line = format!(
            "stream-to-parquet --partition-by k0 -o tree-{number} type-{number}.arrows
             parquet-to-stream --hive-types 'k0 {name}' tree-{number} | stream-sort --by id -o again-{number}.arrows"
        );
        place.shell(&line).succeeds();
        let file =
            |kind: &str| place.file(&format!("{kind}-{number}.arrows")).display().to_string();
        pairs.push_str(&format!("{}\t{}\n", file("type"), file("again")));
    }
    assert!(15 < types.lines().count());
    Python::compare(&pairs).exits_with(0).stdout_is("");
}
