//! Every file of the official corpora of Arrow and Parquet, through the tool for its format and
//! through `file-inspect`: a table of verdicts. `--nocapture` shows it.

use crate::golden::golden_data;
use crate::golden_parquet::{expected_refusal, official_files};
use crate::support::{Outcome, Tool, tool_directory};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// In a shell: 4 GiB of memory and 20 seconds.
const LIMITED: &str = r#"ulimit -v 4194304; exec timeout 20 "$@""#;

const THREADS: usize = 4;

/// The error for a file without a table.
const NO_TABLE: &str = "neither a Parquet file nor an Arrow file or stream";

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Passed,
    /// The error is the one in the table of official Parquet files, or that of a file without a
    /// table in it.
    ExpectedRefusal(String),
    Refused(String),
    /// Another status than 0 or 1, more than one line, or a message of a panic.
    Harmful(String),
}

#[test]
fn every_file_of_the_corpora_gives_rows_or_one_line() {
    let roots = [golden_data(), official_files()];
    let files: Vec<(PathBuf, PathBuf)> = roots
        .iter()
        .flatten()
        .flat_map(|root| files_below(root).into_iter().map(|file| (root.clone(), file)))
        .collect();
    let (next, table) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((root, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                    let rows = verdicts(name, path);
                    table.lock().unwrap().extend(rows);
                }
            });
        }
    });
    let mut table = table.into_inner().unwrap();
    table.sort();
    for (name, tool, verdict) in &table {
        eprintln!("{name:74} {tool:17} {}", text(verdict));
    }
    let is_wrong = |(_, _, verdict): &&(String, &str, Verdict)| {
        matches!(verdict, Verdict::Refused(_) | Verdict::Harmful(_))
    };
    let wrong: Vec<_> = table.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "ok".to_owned(),
        Verdict::ExpectedRefusal(message) => format!("expected refusal: {message}"),
        Verdict::Refused(message) => format!("refused: {message}"),
        Verdict::Harmful(message) => format!("HARMFUL: {message}"),
    }
}

/// The verdicts of the tool for the format, and of `file-inspect` for all but text.
fn verdicts(name: &str, path: &Path) -> Vec<(String, &'static str, Verdict)> {
    let tool = match name.rsplit('.').next().unwrap_or_default() {
        "stream" => Some("stream-filter"),
        "arrow_file" => Some("file-to-stream"),
        "parquet" | "encrypted" => Some("parquet-to-stream"),
        "csv" => Some("csv-to-stream"),
        "gz" | "json" => Some("json-to-stream"),
        _ => None,
    };
    let is_text = matches!(tool, Some("csv-to-stream" | "json-to-stream"));
    let tools = tool.into_iter().chain((!is_text).then_some("file-inspect"));
    tools.map(|tool| (name.to_owned(), tool, verdict(name, &run(tool, path)))).collect()
}

fn run(tool: &str, path: &Path) -> Outcome {
    let arguments: &[&str] = if tool == "stream-filter" { &["TRUE"] } else { &[] };
    Tool::program("bash", &std::env::temp_dir())
        .args(["-c", LIMITED, "bash"])
        .arg(tool_directory().join(tool))
        .args(arguments.iter().copied())
        .arg(path)
        .run()
}

fn verdict(name: &str, outcome: &Outcome) -> Verdict {
    let message = outcome.stderr.trim_end();
    let is_bad_text = message.contains("panicked") || message.contains("internal error");
    match outcome.status() {
        Some(0) if message.is_empty() => Verdict::Passed,
        Some(1) if message.lines().count() == 1 && !is_bad_text => {
            // Without the tool and the path.
            let start = message.find(name).map_or(0, |at| at + name.len());
            let why = message[start..].trim_start_matches(": ").to_owned();
            match expected_refusal(name).or((!is_table(name)).then_some(NO_TABLE)) {
                Some(expected) if expected == why => Verdict::ExpectedRefusal(why),
                _ => Verdict::Refused(why),
            }
        }
        status => Verdict::Harmful(format!("status {status:?}: {message}")),
    }
}

/// Whether there are rows in a file; the others are documentation, and parts of files.
fn is_table(name: &str) -> bool {
    let no_table = [".txt", ".py", ".yaml", ".bin"];
    !no_table.iter().any(|end| name.ends_with(end))
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
