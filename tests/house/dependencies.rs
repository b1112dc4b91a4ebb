//! Licences, duplicates and origins of the dependencies, by the rules of `deny.toml`. `cargo deny`
//! says the same, and advisories besides, but is seldom installed.

use super::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

#[test]
fn dependencies_have_accepted_licences() {
    let accepted: BTreeSet<String> = strings("allow").into_iter().collect();
    let mut used = BTreeSet::new();
    for package in packages() {
        let name = text(&package, "name");
        let licence = text(&package, "license").replace('/', " OR ");
        let words = licence.replace('(', " ( ").replace(')', " ) ");
        let mut words: Vec<&str> = words.split_whitespace().rev().collect();
        let choices = any_of(&mut words);
        assert!(words.is_empty(), "{name}: {licence}");
        let chosen = choices.iter().find(|choice| choice.is_subset(&accepted));
        let chosen = chosen.unwrap_or_else(|| panic!("{name}: {licence}: not in deny.toml"));
        used.extend(chosen.iter().cloned());
    }
    assert_eq!(used, accepted, "licences that no dependency needs any more: deny.toml");
}

#[test]
fn no_dependency_is_there_in_two_versions() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(text(&package, "name")).or_default().push(text(&package, "version"));
    }
    let mut skipped: BTreeSet<String> = strings("skip").into_iter().collect();
    skipped.retain(|given| given.contains('@'));
    for (name, versions) in versions {
        let mut is_skipped = |version: &String| {
            let found = skipped
                .iter()
                .find(|given| format!("{name}@{version}.").starts_with(&format!("{given}.")));
            found.cloned().is_some_and(|given| skipped.remove(&given))
        };
        let left = versions.iter().filter(|version| !is_skipped(version)).count();
        assert!(
            left <= 1,
            "{name} {versions:?}: `cargo tree -d` shows why; an exception goes into deny.toml"
        );
    }
    assert!(skipped.is_empty(), "exceptions that nothing needs any more: {skipped:?} in deny.toml");
}

#[test]
fn dependencies_come_from_one_registry() {
    let sources: BTreeSet<String> =
        packages().iter().map(|package| text(package, "source")).collect();
    // The package itself has none.
    let expected = ["", "registry+https://github.com/rust-lang/crates.io-index"];
    assert_eq!(sources, expected.map(str::to_owned).into());
}

/// The packages that are compiled on Linux for the packages, as cargo describes them.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1"];
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--features", "remote"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let used: BTreeSet<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    let all = metadata["packages"].as_array().unwrap().iter();
    let packages: Vec<Value> =
        all.filter(|package| used.contains(package["id"].as_str().unwrap())).cloned().collect();
    assert!(packages.len() > 50);
    packages
}

fn text(package: &Value, key: &str) -> String {
    package[key].as_str().unwrap_or_default().to_owned()
}

/// The texts in double quotes of a list in `deny.toml`.
fn strings(list: &str) -> Vec<String> {
    let rules = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let lines = rules.lines().skip_while(|line| *line != format!("{list} = ["));
    let lines = lines.take_while(|line| *line != "]").filter(|line| !line.trim().starts_with('#'));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The sets of licences that satisfy an expression, of which any will do. `words` are in reverse.
fn any_of(words: &mut Vec<&str>) -> Vec<BTreeSet<String>> {
    let mut choices = all_of(words);
    while words.last() == Some(&"OR") {
        words.pop();
        choices.extend(all_of(words));
    }
    choices
}

fn all_of(words: &mut Vec<&str>) -> Vec<BTreeSet<String>> {
    let mut choices = one(words);
    while words.last() == Some(&"AND") {
        words.pop();
        let others = one(words);
        let both = choices.iter().flat_map(|a| others.iter().map(move |b| a | b));
        choices = both.collect();
    }
    choices
}

fn one(words: &mut Vec<&str>) -> Vec<BTreeSet<String>> {
    let mut word = words.pop().unwrap().to_owned();
    if word == "(" {
        let choices = any_of(words);
        assert_eq!(words.pop(), Some(")"));
        return choices;
    }
    if words.last() == Some(&"WITH") {
        words.pop();
        word = format!("{word} WITH {}", words.pop().unwrap());
    }
    vec![BTreeSet::from([word])]
}
