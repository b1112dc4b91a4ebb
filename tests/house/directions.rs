//! Which module may use which, by the table in `src/lib.rs`, and where a crate may be named.

use super::{is_comment, module_of, root, sources};

/// What is named only in some places: a word, and the modules where it may stand.
const ONLY_IN: &[(&str, &[&str])] = &[
    (
        "arrow::",
        &[
            "io",
            "dataset",
            "schema",
            "sort",
            "sketch",
            "aggregate",
            "join",
            "diff",
            "spill",
            "partition",
            "arrow_file",
            "stream",
            "expression",
            "parquet_file",
            "text_format",
            "summary",
            "inspect",
            "any_file",
            "completion",
            "batch",
            "time",
        ],
    ),
    ("rustix::", &["io", "command", ""]),
    ("flatbuffers::", &["arrow_file"]),
    ("flate2::", &["io"]),
    ("zstd::", &["io", "parquet_file"]),
    ("bzip2::", &["io"]),
    ("lzma_rust2::", &["io"]),
    ("globset::", &["dataset"]),
    ("percent_encoding::", &["dataset"]),
    ("lexopt::", &["command"]),
    ("sqlparser::", &["expression"]),
    ("chrono::", &["text_format", "time", "remote"]),
    ("chrono_tz::", &["time"]),
    ("datasketches::", &["sketch"]),
    ("regex::", &["expression"]),
    ("md5::", &["expression"]),
    ("twox_hash::", &["expression", "diff"]),
    ("parquet::", &["parquet_file", "inspect"]),
    ("memmap2::", &["io"]),
    ("object_store::", &["remote"]),
    ("rustls::", &["remote"]),
    ("tokio::", &["remote"]),
    ("url::", &["remote"]),
    ("unsafe {", &["io"]),
    ("unsafe fn", &["io"]),
    ("unsafe impl", &["io"]),
];

/// The rows of the table: a module and those that it may use.
pub(super) fn table() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let cells = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    let rows = cells.filter_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let module = cells[0].trim_matches(['[', ']']).strip_prefix('`')?.strip_suffix('`')?;
        Some((module.to_owned(), cells[2].split_whitespace().map(str::to_owned).collect()))
    });
    let rows: Vec<_> = rows.collect();
    assert!(10 < rows.len(), "src/lib.rs has no table of modules");
    rows
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let table = table();
    for (place, (module, used)) in table.iter().enumerate() {
        for name in used {
            let above = table[..place].iter().any(|(above, _)| above == name);
            assert!(above, "src/lib.rs: {module} uses {name}, which does not stand above it");
        }
    }
    for (path, text) in sources() {
        let Some(module) = module_of(&path) else { continue };
        let Some((_, allowed)) = table.iter().find(|(name, _)| *name == module) else {
            panic!("{}: src/lib.rs has no row for the module", path.display());
        };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            for used in used_modules(line, &table) {
                assert!(
                    used == module || allowed.contains(&used),
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

/// The modules of ours that a line names: `crate::text::escaped` names `text`.
fn used_modules(line: &str, table: &[(String, Vec<String>)]) -> Vec<String> {
    let after = line.split("crate::").skip(1);
    let names = after.flat_map(|rest| match rest.strip_prefix('{') {
        Some(group) => group.split(',').map(word).collect::<Vec<_>>(),
        None => vec![word(rest)],
    });
    names.filter(|name| table.iter().any(|(module, _)| module == name)).collect()
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
