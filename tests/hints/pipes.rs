//! Random pipes of two to four programs over random tables.

use super::conditions::condition;
use super::run::Form;
use super::tables::{Column, Kind, Tables};
use crate::support::mutate::Random;

/// A pipe.
pub(super) struct Plan {
    pub(super) stages: Vec<Vec<String>>,
    pub(super) form: Form,
    /// A program stops before the end of its input. How much those before it write is chance.
    pub(super) stops_early: bool,
    /// Some row may make a program fail. A program after it that stops early would make it chance
    /// whether that happens.
    may_fail: bool,
    /// The columns of the last output.
    columns: Vec<Column>,
}

impl Plan {
    /// The pipe as a person would type it.
    pub(super) fn line(&self) -> String {
        let stage = |words: &Vec<String>| {
            let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
            quoted.collect::<Vec<_>>().join(" ")
        };
        self.stages.iter().map(stage).collect::<Vec<_>>().join(" | ")
    }

    fn push(&mut self, words: &[&str]) {
        self.stages.push(words.iter().map(|word| (*word).to_owned()).collect());
    }

    fn may_stop(&self, random: &mut Random) -> bool {
        !self.may_fail && random.below(4) == 0
    }

    /// A condition, of which only one program of a pipe has one that may fail.
    fn condition(&mut self, random: &mut Random) -> String {
        let may_fail = !self.may_fail && random.below(6) == 0;
        let condition = condition(&self.columns, random, may_fail);
        self.may_fail |= condition.may_fail;
        condition.text
    }
}

pub(super) fn plan(tables: &Tables, random: &mut Random) -> Plan {
    let mut plan = source(tables, random);
    for _ in 0..random.below(3) {
        transform(&mut plan, random);
    }
    sink(&mut plan, random);
    plan
}

fn source(tables: &Tables, random: &mut Random) -> Plan {
    let table = random.below(tables.count());
    let columns = tables.columns(table).to_vec();
    let mut plan = Plan {
        stages: Vec::new(),
        form: Form::Stream,
        stops_early: false,
        may_fail: false,
        columns,
    };
    let file = format!("t{table}.parquet");
    let (first, second) =
        (format!("tree{table}/k=0/part.parquet"), format!("tree{table}/k=1/part.parquet"));
    match random.below(16) {
        0 | 1 => {
            plan.columns.push(Column::new("k", Kind::Int));
            plan.push(&["parquet-to-stream", &format!("tree{table}")]);
        }
        2 => plan.push(&["parquet-to-stream", &first, &second]),
        3 => plan.push(&["file-to-stream", &format!("t{table}.arrow")]),
        4 => plan.push(&["stream-cat", &format!("t{table}.arrows"), &format!("t{table}.arrows")]),
        5 | 6 => {
            let line = format!("parquet-to-stream {first} && parquet-to-stream {second}");
            plan.push(&["bash", "-c", &line]);
        }
        7 => plan.push(&["bash", "-c", &format!("parquet-to-stream {file} | cat")]),
        8 if random.below(3) == 0 => {
            plan.columns = vec![Column::new("id", Kind::Int), Column::new("City", Kind::Text)];
            let columns = "id = 0..1050000, City = random(choice 5)";
            plan.push(&["stream-generate", columns]);
        }
        _ => {
            let words = parquet_options(&mut plan, random);
            let mut stage = vec!["parquet-to-stream".to_owned(), file];
            stage.extend(words);
            plan.stages.push(stage);
        }
    }
    plan
}

fn parquet_options(plan: &mut Plan, random: &mut Random) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if random.below(4) == 0 {
        words.extend(["-w".to_owned(), plan.condition(random)]);
    }
    if random.below(4) == 0 {
        plan.columns = some(&plan.columns, random);
        words.extend(["-c".to_owned(), names(&plan.columns)]);
    }
    let rows = random.one_of(&["0", "1", "699", "1500"]);
    match random.below(8) {
        0 => words.extend(["-n".to_owned(), rows.to_owned()]),
        1 => words.extend(["--skip".to_owned(), rows.to_owned()]),
        2 => words.extend(["--batch-rows".to_owned(), "97".to_owned()]),
        3 => words.extend(["--dictionary".to_owned(), "auto".to_owned()]),
        4 => words.extend(["--runs".to_owned(), "auto".to_owned()]),
        _ => (),
    }
    words
}

fn transform(plan: &mut Plan, random: &mut Random) {
    let rows = random.one_of(&["0", "1", "7", "1300", "-5", "-2000"]);
    match random.below(12) {
        0..=2 => filter(plan, random),
        3..=5 => select(plan, random),
        6 | 7 => sort(plan, random),
        8 if plan.may_stop(random) || rows.starts_with('-') => {
            plan.stops_early |= !rows.starts_with('-');
            plan.push(&["stream-head", "-n", rows]);
        }
        8 => {
            let rows = random.one_of(&["0", "1", "700", "+1", "+900"]);
            plan.push(&["stream-tail", "-n", rows]);
        }
        9 => sample(plan, random),
        10 => plan.push(&["stream-rechunk", "--batch-rows", random.one_of(&["1", "33", "4000"])]),
        _ => plan.push(&["stream-cat"]),
    }
}

fn filter(plan: &mut Plan, random: &mut Random) {
    let mut stage = vec!["stream-filter".to_owned()];
    let has_ids = plan.columns.first().is_some_and(|column| column.name == "id");
    if has_ids && random.below(8) == 0 {
        let line = "stream-filter --on id --in <(seq 0 7 2400)";
        return plan.push(&["bash", "-c", line]);
    }
    stage.push(plan.condition(random));
    if random.below(4) == 0 {
        stage.push("-v".to_owned());
    }
    if plan.may_stop(random) {
        plan.stops_early = true;
        stage.extend(["-n".to_owned(), random.one_of(&["0", "3", "500"]).to_owned()]);
    }
    if random.below(8) == 0 {
        stage.push("-e".to_owned());
    }
    if random.below(4) == 0 {
        plan.columns = some(&plan.columns, random);
        stage.extend(["-c".to_owned(), names(&plan.columns)]);
    }
    plan.stages.push(stage);
}

fn select(plan: &mut Plan, random: &mut Random) {
    let mut items: Vec<(String, Column)> = Vec::new();
    for column in some(&plan.columns, random) {
        let name = column.quoted();
        let other = plan.columns[random.below(plan.columns.len())].name.clone();
        let other = random.one_of(&[other.as_str(), "new", "New", "two words"]).to_owned();
        let (text, kind) = match (random.below(8), column.kind) {
            (0, Kind::Int) => (format!("{name} * 2 - 1"), Kind::Int),
            (0, Kind::Text) => (format!("upper({name})"), Kind::Text),
            (1, Kind::Text) if !plan.may_fail => {
                plan.may_fail = true;
                (format!("CAST({name} AS INTEGER)"), Kind::Int)
            }
            (1, Kind::Int) if !plan.may_fail => {
                plan.may_fail = true;
                (format!("CAST({name} AS TINYINT)"), Kind::Int)
            }
            (0, _) => (format!("{name} IS NULL"), Kind::Bool),
            (2..=4, kind) => (name, kind),
            (_, kind) => {
                items.push((name, Column::new(&column.name, kind)));
                continue;
            }
        };
        items.push((
            format!("{text} AS {}", Column::new(&other, kind).quoted()),
            Column::new(&other, kind),
        ));
    }
    let mut kept: Vec<(String, Column)> = Vec::new();
    for (text, column) in items {
        if kept.iter().all(|(_, other)| other.name != column.name) {
            kept.push((text, column));
        }
    }
    let list: Vec<&str> = kept.iter().map(|(text, _)| text.as_str()).collect();
    plan.push(&["stream-select", &list.join(", ")]);
    plan.columns = kept.into_iter().map(|(_, column)| column).collect();
}

fn sort(plan: &mut Plan, random: &mut Random) {
    let is_sorted =
        |column: &Column| !matches!(column.kind, Kind::List | Kind::Struct | Kind::Other);
    let keys: Vec<usize> =
        (0..plan.columns.len()).filter(|place| is_sorted(&plan.columns[*place])).collect();
    if keys.is_empty() {
        return;
    }
    let key = |random: &mut Random| {
        let place = random.one_of(&keys);
        let by_number = random.below(2) == 0;
        let name = if by_number { format!("#{}", place + 1) } else { plan.columns[place].quoted() };
        (place, format!("{name}{}", random.one_of(&["", " DESC", " NULLS FIRST"])))
    };
    let ((place, first), (_, second)) = (key(random), key(random));
    let order =
        if random.below(2) == 0 || first == second { first } else { format!("{first}, {second}") };
    let mut stage = vec!["stream-sort".to_owned(), "--by".to_owned(), order];
    match random.below(5) {
        0 if !plan.may_fail => stage.extend(["-n".to_owned(), "300".to_owned()]),
        1 => stage.extend(["--unique".to_owned(), format!("#{}", place + 1)]),
        _ => (),
    }
    plan.stages.push(stage);
}

fn sample(plan: &mut Plan, random: &mut Random) {
    let key = |random: &mut Random| format!("#{}", 1 + random.below(plan.columns.len()));
    let (of, per) = (key(random), key(random));
    let mut stage: Vec<&str> = vec!["stream-sample"];
    match random.below(6) {
        0 => stage.extend(["--first", "2", "--of", &of, "--per", &per]),
        1 => stage.extend(["--first", "3", "--per", &per]),
        2 => stage.extend(["--every", "7"]),
        3 => stage.extend(["--fraction", "0.3", "--seed", "5"]),
        4 => stage.extend(["--rows", "40", "--per", &per, "--seed", "6"]),
        _ => stage.extend(["--shuffle", "--seed", "7"]),
    }
    plan.push(&stage);
}

fn sink(plan: &mut Plan, random: &mut Random) {
    let by = names(&some(&plan.columns, random));
    let pipefail = |line: &str| format!("set -o pipefail; {line}");
    plan.form = Form::Bytes;
    match random.below(14) {
        0..=2 => plan.push(&["stream-count"]),
        12 => plan.push(&["stream-summary", "--json"]),
        13 => plan.push(&["stream-summary", "--json", "-c", &by]),
        3 | 4 => plan.push(&["stream-count", "--by", &by]),
        5 => plan.push(&["stream-to-csv"]),
        6 => plan.push(&["stream-to-json", "--nan", "string"]),
        7 => plan.push(&["stream-print", "--expanded"]),
        8 if plan.may_stop(random) => {
            plan.stops_early = true;
            plan.push(&["stream-print", "--expanded", "-n", "5"]);
        }
        form => {
            plan.form = Form::Stream;
            match form {
                8 => {
                    let line = "stream-to-parquet | parquet-to-stream";
                    plan.push(&["bash", "-c", &pipefail(line)]);
                }
                9 => plan.push(&["bash", "-c", &pipefail("stream-to-file | file-to-stream")]),
                _ => transform(plan, random),
            }
        }
    }
    if plan.stages.len() == 1 {
        plan.push(&["stream-cat"]);
    }
}

/// One to three columns, in any order, whose names a list of names can have.
fn some(columns: &[Column], random: &mut Random) -> Vec<Column> {
    let mut found: Vec<Column> = Vec::new();
    for _ in 0..=random.below(3) {
        let column = &columns[random.below(columns.len())];
        let is_new = found.iter().all(|other| other.name != column.name);
        if is_new && !column.name.contains('"') {
            found.push(column.clone());
        }
    }
    if found.is_empty() { vec![columns[0].clone()] } else { found }
}

fn names(columns: &[Column]) -> String {
    let name = |column: &Column| {
        let is_plain = !column.name.contains([',', ' ', '\'']);
        if is_plain { column.name.clone() } else { column.quoted() }
    };
    columns.iter().map(name).collect::<Vec<_>>().join(",")
}
