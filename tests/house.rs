//! The plan of the house, checked by reading the sources: which way modules may depend, that files
//! have one subject, that names match, and the words.

#[path = "house/circles.rs"]
mod circles;
#[path = "house/dependencies.rs"]
mod dependencies;
#[path = "house/directions.rs"]
mod directions;
#[path = "house/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_tool_has_its_manual_and_its_tests() {
    let tools = stems("src/bin", "rs");
    assert!(!tools.is_empty());
    let mut pages = stems("man", "1");
    assert!(pages.remove("arrow-pipes"), "no man/arrow-pipes.1");
    assert_eq!(pages, tools, "man/*.1 and src/bin: run scripts/update-generated");
    let tested: BTreeSet<String> =
        stems("tests/tools", "rs").iter().map(|name| name.replace('_', "-")).collect();
    let tested: BTreeSet<String> = tested.into_iter().filter(|name| name != "mod").collect();
    assert_eq!(tested, tools, "tests/tools and src/bin");
    let listed = std::fs::read_to_string(root().join("tests/tools/mod.rs")).unwrap();
    for tool in &tools {
        let line = format!("mod {};", tool.replace('-', "_"));
        assert!(listed.contains(&line), "tests/tools/mod.rs leaves out: {line}");
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for tool in &tools {
        assert!(readme.contains(&format!("| `{tool}` |")), "README.md has no row for {tool}");
    }
    let manual = std::fs::read_to_string(root().join("man/arrow-pipes.1")).unwrap();
    for tool in &tools {
        let line = format!("\n.It Xr {tool} 1\n");
        assert!(manual.contains(&line), "man/arrow-pipes.1, TOOLS: run scripts/update-generated");
    }
    let package = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for tool in &tools {
        let line = format!("    {{ name = \"{tool}\", required-features = [\"single\"] }},\n");
        assert!(package.contains(&line), "Cargo.toml, bin: no line {line}");
    }
}

/// A tool that has no hints is in `without`, and not in the tables.
#[test]
fn the_tables_of_hints_name_all_tools_that_give_or_use_them() {
    let without = ["csv-to-stream", "json-to-stream", "file-inspect"];
    for (document, start) in [("man/arrow-pipes.1", ".It "), ("CONTRIBUTING.md", "| `")] {
        let text = std::fs::read_to_string(root().join(document)).unwrap().replace("\\-", "-");
        let rows = text.lines().filter_map(|line| line.strip_prefix(start));
        let rows = rows.filter(|row| row.contains(" Ta ") || row.matches(" | ").count() == 2);
        let named: BTreeSet<&str> = rows.filter_map(|row| row.split([' ', '`']).next()).collect();
        for tool in stems("src/bin", "rs") {
            let is_named = named.contains(tool.as_str())
                || tool.starts_with("stream-to-") && named.contains("stream-to-*");
            let has_hints = !without.contains(&tool.as_str());
            assert_eq!(
                is_named, has_hints,
                "{document}: {tool} in the table of hints, or in `without`"
            );
        }
    }
}

/// A file that no module declares is not compiled, and grows old unseen.
#[test]
fn every_file_is_declared_by_a_module() {
    let sources = sources();
    for (path, _) in &sources {
        let directory = path.parent().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        if directory == Path::new("src/bin")
            || ["src/lib.rs", "src/main.rs"].map(Path::new).contains(&path.as_path())
        {
            continue;
        }
        // `a/mod.rs` is declared beside `a`, `a/b.rs` in `a/mod.rs` or `a.rs`.
        let owner = if name == "mod.rs" { directory } else { path.as_path() };
        let stem = owner.file_stem().unwrap().to_str().unwrap();
        let parent = owner.parent().unwrap();
        let declarers = [parent.join("mod.rs"), parent.join("lib.rs"), parent.with_extension("rs")];
        let line = format!("mod {stem};");
        let by_path = format!("#[path = \"{name}\"]");
        let is_declared = |text: &str| {
            text.lines().any(|declared| declared.ends_with(&line) || declared == by_path)
        };
        let declared =
            sources.iter().any(|(other, text)| declarers.contains(other) && is_declared(text));
        assert!(declared, "{}: no module declares it", path.display());
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let python = ["benches", "python", "tests/python"].into_iter();
    let python = python.flat_map(|place| files_below(place, "py"));
    let python = python.map(|file| (file, "\"\"\""));
    let others = ["benches", "fuzz/src"].into_iter().flat_map(|place| files_below(place, "rs"));
    let rust = sources().into_iter().chain(others).map(|file| (file, "//! "));
    for ((path, text), head) in rust.chain(python) {
        assert!(text.starts_with(head), "{}: no {head} at its head", path.display());
        let lines = without_tests(&text).lines().count();
        assert!(lines <= 300 || is_test(&path), "{}: {lines} lines", path.display());
        let long = text.lines().position(|line| line.chars().count() > 120);
        assert!(
            long.is_none(),
            "{}:{}: more than 120 characters",
            path.display(),
            long.unwrap() + 1
        );
    }
}

/// Else they would be compared with themselves.
#[test]
fn the_plain_programs_share_nothing_with_the_tools() {
    let plain = files_below("benches/plain", "rs");
    assert!(!plain.is_empty());
    for (path, text) in plain {
        assert!(!text.contains("arrow_pipes"), "{}", path.display());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources() -> Vec<(PathBuf, String)> {
    let found = files_below("src", "rs");
    assert!(10 < found.len());
    found
}

/// The files with this extension, by their paths from the root, and what is in them.
fn files_below(directory: &str, wanted: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut left = vec![root().join(directory)];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == wanted) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found
}

/// `src/io/pipe.rs` and `src/text.rs` belong to `io` and `text`; binaries and `lib.rs` to none.
fn module_of(path: &Path) -> Option<String> {
    let part = path.components().nth(1)?.as_os_str().to_str()?;
    let module = part.strip_suffix(".rs").unwrap_or(part);
    (!["lib", "main", "bin"].contains(&module)).then(|| module.to_owned())
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn stems(directory: &str, extension: &str) -> BTreeSet<String> {
    let entries =
        std::fs::read_dir(root().join(directory)).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The text of a source file up to its unit tests.
fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\n").map_or(text, |end| match &text[end..] {
        // A declaration of a file of tests is not the end.
        tests if tests[1..].lines().nth(1).is_some_and(|line| line.ends_with(';')) => text,
        _ => &text[..end],
    })
}

/// Whether a file holds tests only.
fn is_test(path: &Path) -> bool {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    stem == "tests"
        || stem.ends_with("_tests")
        || path.components().any(|part| part.as_os_str() == "tests")
}
