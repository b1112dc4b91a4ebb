//! The plan of the house, checked by reading the sources: which way things may depend, and that
//! names match.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which modules a module may use. `src/bin` may use all of them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("text", &["error"]),
    ("meter", &[]),
    ("calendar", &[]),
    ("time", &["calendar"]),
    ("endpoint", &["error", "text"]),
    ("schema", &["error", "text"]),
    ("dataset", &["error", "text", "calendar", "endpoint", "io", "schema"]),
    ("io", &["error", "text", "meter", "endpoint"]),
    ("arrow_file", &["meter", "error", "text", "endpoint", "io", "schema", "batch"]),
    ("stream", &["error", "text", "endpoint", "io", "schema", "batch", "arrow_file"]),
    ("expression", &["error", "text", "calendar", "time", "schema"]),
    ("parquet_file", &["error", "text", "endpoint", "io", "schema", "expression", "batch"]),
    ("text_format", &["error", "text", "calendar", "time", "endpoint", "io", "schema", "batch"]),
    (
        "inspect",
        &[
            "error",
            "text",
            "calendar",
            "endpoint",
            "io",
            "dataset",
            "schema",
            "sort",
            "arrow_file",
            "stream",
            "parquet_file",
        ],
    ),
    (
        "any_file",
        &["error", "text", "endpoint", "io", "batch", "stream", "parquet_file", "text_format"],
    ),
    ("batch", &["error", "text", "schema", "expression"]),
    ("spill", &["error", "io"]),
    ("sort", &["error", "io", "schema", "batch", "spill"]),
    ("partition", &["error", "text", "io", "schema", "batch", "spill", "dataset", "parquet_file"]),
    ("command", &["meter", "error", "text", "endpoint", "io"]),
];

/// What is named only in some places: a word, and the modules where it may stand.
const ONLY_IN: &[(&str, &[&str])] = &[
    (
        "arrow::",
        &[
            "io",
            "dataset",
            "schema",
            "sort",
            "spill",
            "partition",
            "arrow_file",
            "stream",
            "expression",
            "parquet_file",
            "text_format",
            "inspect",
            "any_file",
            "batch",
            "time",
        ],
    ),
    ("rustix::", &["io", "command", ""]),
    ("flatbuffers::", &["arrow_file"]),
    ("flate2::", &["io"]),
    ("zstd::", &["io"]),
    ("bzip2::", &["io"]),
    ("lzma_rust2::", &["io"]),
    ("globset::", &["dataset"]),
    ("percent_encoding::", &["dataset"]),
    ("lexopt::", &["command"]),
    ("sqlparser::", &["expression"]),
    ("chrono::", &["expression", "text_format", "time"]),
    ("chrono_tz::", &["expression"]),
    ("regex::", &["expression"]),
    ("md5::", &["expression"]),
    ("twox_hash::", &["expression"]),
    ("parquet::", &["parquet_file", "inspect"]),
    ("memmap2::", &["io"]),
    ("unsafe {", &["io"]),
    ("unsafe fn", &["io"]),
    ("unsafe impl", &["io"]),
];

#[test]
fn modules_use_only_what_stands_before_them() {
    for (path, text) in sources() {
        let Some(module) = module_of(&path) else { continue };
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            panic!("{}: the module is in no line of MAY_USE", path.display());
        };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            for used in used_modules(line) {
                assert!(
                    used == module || allowed.contains(&used.as_str()),
                    "{}:{}: {module} may not use {used}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn some_crates_are_named_only_where_they_belong() {
    for (path, text) in sources() {
        let module = module_of(&path).unwrap_or_default();
        for (word, allowed) in
            ONLY_IN.iter().filter(|(_, allowed)| !allowed.contains(&module.as_str()))
        {
            let named = text.lines().position(|line| !is_comment(line) && names_crate(line, word));
            if let Some(number) = named {
                panic!("{}:{}: {word} belongs into {allowed:?}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_tool_has_its_manual_and_its_tests() {
    let tools = stems("src/bin", "rs");
    assert!(!tools.is_empty());
    assert_eq!(stems("man", "1"), tools, "man/*.1 and src/bin: run scripts/update-generated");
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
}

#[test]
fn every_file_says_what_it_is_for() {
    let python = files_below("benches", "py").into_iter().map(|file| (file, "\"\"\""));
    let rust = sources().into_iter().chain(files_below("benches", "rs")).map(|file| (file, "//! "));
    for ((path, text), head) in rust.chain(python) {
        assert!(text.starts_with(head), "{}: no {head} at its head", path.display());
        let lines = text.lines().count();
        assert!(lines <= 450, "{}: {lines} lines are no longer one subject", path.display());
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
    (module != "lib" && module != "bin").then(|| module.to_owned())
}

/// The modules of ours that a line names: `crate::text::escaped` names `text`.
fn used_modules(line: &str) -> Vec<String> {
    let after = line.split("crate::").skip(1);
    let names = after.flat_map(|rest| match rest.strip_prefix('{') {
        Some(group) => group.split(',').map(word).collect::<Vec<_>>(),
        None => vec![word(rest)],
    });
    names.filter(|name| MAY_USE.iter().any(|(module, _)| module == name)).collect()
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// `parquet::` but not `arrow_parquet::` or `inspect::parquet::`.
fn names_crate(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    })
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
