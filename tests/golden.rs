//! The official golden data of Arrow: streams and files, with their values as JSON. Each passes through
//! each of five tools with the values of the JSON, from streams to files and back.

use crate::support::{Python, Tool, Workplace};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The tools that every stream and file passes through.
const TOOLS: &[(&str, &[&str])] = &[
    ("stream-filter", &["TRUE"]),
    ("stream-cat", &[]),
    ("stream-rechunk", &["--batch-rows", "5"]),
    ("stream-to-file", &[]),
    ("file-to-stream", &[]),
];

/// The number of streams, each of which is there as a file and as JSON, too.
const GOLDEN: usize = 91;

/// The tools run in this many threads.
const THREADS: usize = 4;

#[test]
fn golden_streams_and_files_give_the_values_of_their_json_through_every_tool() {
    let Some(root) = golden_data() else { return };
    let names = golden_names(&root);
    assert_eq!(names.len(), GOLDEN);
    let place = Workplace::new();
    let outputs = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for part in names.chunks(names.len().div_ceil(THREADS)) {
            let (root, place, outputs) = (&root, &place, &outputs);
            scope.spawn(move || {
                for name in part {
                    let done = through_every_tool(root, name, place);
                    outputs.lock().unwrap().extend(done);
                }
            });
        }
    });
    let mut outputs = outputs.into_inner().unwrap();
    outputs.sort();
    let verdicts = verdicts(&outputs);
    for (name, tool, verdict) in &verdicts {
        eprintln!("{name:60} {tool:15} {verdict}");
    }
    assert_eq!(verdicts.len(), GOLDEN * 2 * TOOLS.len());
    let wrong = verdicts.iter().filter(|(_, _, verdict)| verdict != "ok");
    let wrong: Vec<String> = wrong.map(|it| format!("{} {}: {}", it.0, it.1, it.2)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An output of a tool, or the error that it gave instead.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Passed {
    /// The name of the golden stream or file.
    input: String,
    tool: &'static str,
    json: PathBuf,
    output: Result<PathBuf, String>,
}

/// Runs the tools on a golden stream and on the file with the same values.
fn through_every_tool(root: &Path, name: &str, place: &Workplace) -> Vec<Passed> {
    let mut passed = Vec::new();
    for extension in ["stream", "arrow_file"] {
        let input = format!("{name}.{extension}");
        for (tool, arguments) in TOOLS {
            let run = Tool::new(tool).args(*arguments).arg(root.join(&input)).run();
            let output = if run.status() == Some(0) && run.stderr.is_empty() {
                let form = if *tool == "stream-to-file" { "arrow_file" } else { "stream" };
                let file = format!("{}.{tool}.{form}", input.replace('/', "_"));
                Ok(place.write(&file, run.stdout))
            } else {
                Err(format!("status {:?}: {}", run.status(), run.stderr.trim_end()))
            };
            let json = root.join(format!("{name}.json.gz"));
            passed.push(Passed { input: input.clone(), tool, json, output });
        }
    }
    passed
}

/// The name of each input, the tool, and "ok" or the first difference from the JSON.
fn verdicts(outputs: &[Passed]) -> Vec<(&str, &str, String)> {
    let pairs: Vec<String> = outputs
        .iter()
        .filter_map(|it| {
            Some(format!("{}\t{}", it.json.display(), it.output.as_ref().ok()?.display()))
        })
        .collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/integration_json.py");
    let told = Tool::program(Python::interpreter(), &std::env::temp_dir())
        .arg(script)
        .pipe_in(pairs.join("\n"))
        .run()
        .succeeds();
    let told = told.stdout_text();
    let mut told = told.lines();
    let verdict = |output: &Result<PathBuf, String>| match output {
        Err(error) => error.clone(),
        Ok(path) => {
            let line = told.next().unwrap_or_default();
            let (compared, verdict) = line.split_once('\t').unwrap_or_default();
            assert_eq!(compared, path.to_str().unwrap(), "another file was compared");
            verdict.to_owned()
        }
    };
    let mut verdict = verdict;
    outputs.iter().map(|it| (it.input.as_str(), it.tool, verdict(&it.output))).collect()
}

/// The directory of the golden data, or nothing where it is not at hand.
pub(crate) fn golden_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/arrow-testing/data");
    let data = std::env::var_os("ARROW_TEST_DATA").map_or(beside, PathBuf::from);
    let root = data.join("arrow-ipc-stream/integration");
    if !root.is_dir() {
        eprintln!("skipped: no golden data in {}; set ARROW_TEST_DATA", root.display());
        return None;
    }
    Some(root)
}

/// The paths of the golden data below the directory, without their extensions.
fn golden_names(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for directory in std::fs::read_dir(root).unwrap() {
        for entry in std::fs::read_dir(directory.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let path = path.strip_prefix(root).unwrap().to_str().unwrap();
            names.extend(path.strip_suffix(".json.gz").map(str::to_owned));
        }
    }
    names.sort();
    names
}
