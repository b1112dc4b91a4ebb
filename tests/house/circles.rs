//! No circles between the files of a module: each file can be read with what stands below it.

use super::{is_test, sources, without_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Circles that may stay, and why; each is named by one of its files.
const MAY_STAY: &[(&str, &str)] = &[
    (
        "expression::evaluate::node",
        "a node holds its operations, an operation the nodes it works on",
    ),
    ("expression::values::value_text", "the text of a list is made of the texts of its elements"),
    ("schema::type_parse", "the types inside a nested type are parsed like any type"),
    ("text_format::json::column", "a column of structs holds a row of columns"),
];

#[test]
fn files_of_a_module_do_not_depend_on_each_other_in_circles() {
    let files: BTreeMap<String, String> = sources()
        .into_iter()
        .filter(|(path, _)| !is_test(path))
        .filter_map(|(path, text)| Some((module_path(&path)?, without_tests(&text).to_owned())))
        .collect();
    let arrows: BTreeMap<&str, BTreeSet<&str>> =
        files.iter().map(|(file, text)| (file.as_str(), used_files(file, text, &files))).collect();
    for file in files.keys() {
        let below = reached(file, &arrows);
        let circle: Vec<&str> = below
            .iter()
            .copied()
            .filter(|other| reached(other, &arrows).contains(file.as_str()))
            .collect();
        let is_known = MAY_STAY.iter().any(|(known, _)| circle.contains(known));
        assert!(circle.is_empty() || is_known, "{file} is in a circle: {}", circle.join(", "));
    }
    for (known, _) in MAY_STAY {
        let circle = reached(known, &arrows).contains(known);
        assert!(circle, "{known} is in no circle any more");
    }
}

/// `src/io/pipe.rs` is `io::pipe`, `src/io/mod.rs` is `io`; programs and `lib.rs` have no path.
fn module_path(path: &Path) -> Option<String> {
    let path = path.strip_prefix("src").ok()?.with_extension("");
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let parts = parts.strip_suffix(&["mod"]).unwrap_or(&parts);
    (!["lib", "main", "bin"].contains(&parts[0])).then(|| parts.join("::"))
}

/// The other files of the same module that a file names. A module's list of what it exports names none.
fn used_files<'a>(
    file: &str,
    text: &str,
    files: &'a BTreeMap<String, String>,
) -> BTreeSet<&'a str> {
    let code: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut used = BTreeSet::new();
    for path in named_paths(&code) {
        let Some(path) = absolute(file, &path, files) else { continue };
        let mut path = path.as_str();
        // The longest beginning that is a file.
        let found = loop {
            match (files.get_key_value(path), path.rsplit_once("::")) {
                (Some((found, _)), _) => break Some(found.as_str()),
                (None, Some((front, _))) => path = front,
                (None, None) => break None,
            }
        };
        let top = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
        used.extend(found.filter(|found| *found != file && top(found) == top(file)));
    }
    used
}

/// All paths in the code of a file; those of a `use` with braces one by one.
fn named_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let line_start = rest[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = rest[line_start..at].trim();
        let is_export = before.starts_with("pub");
        paths.extend(plain_paths(&rest[..line_start]));
        let tree = &rest[at + 4..];
        let end = tree.find(';').unwrap_or(tree.len());
        if before.is_empty() {
            flatten("", &tree[..end], &mut paths);
        } else if !is_export {
            paths.extend(plain_paths(&rest[line_start..at + 4 + end]));
        }
        rest = &tree[end..];
    }
    paths.extend(plain_paths(rest));
    paths
}

/// Paths outside of `use`.
fn plain_paths(code: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let words = code.split(|letter: char| !is_part(letter));
    words
        .filter(|word| word.contains("::") && !word.ends_with("super"))
        .map(str::to_owned)
        .collect()
}

/// `a::{b, c::{d}}` as `a::b`, `a::c::d`.
fn flatten(front: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some(brace) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap_or(tree);
        return paths.push(format!("{front}{}", name.trim()));
    };
    let front = format!("{front}{}", &tree[..brace]);
    let inner = tree[brace + 1..].strip_suffix('}').unwrap_or(&tree[brace + 1..]);
    let (mut depth, mut start) = (0, 0);
    for (place, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&front, &inner[start..place], paths);
                start = place + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        flatten(&front, &inner[start..], paths);
    }
}

/// The path from the root of the library; None for what is not ours.
fn absolute(file: &str, path: &str, files: &BTreeMap<String, String>) -> Option<String> {
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    let (mut base, mut rest) = (file, path.strip_prefix("self::").unwrap_or(path));
    while let Some(above) = rest.strip_prefix("super::") {
        (base, rest) = (base.rsplit_once("::")?.0, above);
    }
    let first = rest.split("::").next()?;
    let is_ours = base != file || files.contains_key(&format!("{file}::{first}"));
    is_ours.then(|| format!("{base}::{rest}"))
}

/// The files that a file uses, directly or by way of others.
fn reached<'a>(file: &str, arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut left: Vec<&str> = arrows.get(file).into_iter().flatten().copied().collect();
    while let Some(next) = left.pop() {
        if seen.insert(next) {
            left.extend(arrows.get(next).into_iter().flatten());
        }
    }
    seen
}
