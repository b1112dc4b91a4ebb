//! The official golden streams and files: each passes unchanged in meaning, or is refused with the message
//! that stands here.

use crate::support::{Python, Tool, Workplace};
use std::path::{Path, PathBuf};

/// What is not read, by the start of its path, and what is said of it. All else must pass.
const REFUSED: &[(&str, &str)] = &[(
    "1.0.0-bigendian/",
    "big-endian data is not supported (make the producer write little-endian)",
)];

#[test]
fn golden_streams_pass_through_a_filter_unchanged() {
    all_pass("stream");
}

#[test]
fn golden_files_pass_through_a_filter_unchanged() {
    all_pass("arrow_file");
}

fn all_pass(extension: &str) {
    let Some(streams) = golden_streams(extension) else { return };
    let place = Workplace::new();
    let mut pairs = String::new();
    let mut refused = 0;
    for (name, path) in &streams {
        let run = Tool::new("stream-filter").arg("TRUE").arg(path).run();
        match REFUSED.iter().find(|(start, _)| name.starts_with(start)) {
            Some((_, message)) => {
                let expected = format!("stream-filter: {}: {message}\n", path.display());
                run.exits_with(1).stderr_is(&expected).stdout_is("");
                refused += 1;
            }
            None => {
                let ours =
                    place.write(&format!("{}.out", name.replace('/', "_")), run.succeeds().stdout);
                pairs.push_str(&format!("{}\t{}\n", path.display(), ours.display()));
            }
        }
    }
    assert!(0 < refused && refused < streams.len());
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

/// The streams or files by name, or nothing where they are not at hand.
fn golden_streams(wanted: &str) -> Option<Vec<(String, PathBuf)>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/arrow-testing/data");
    let data = std::env::var_os("ARROW_TEST_DATA").map_or(beside, PathBuf::from);
    let root = data.join("arrow-ipc-stream/integration");
    let Ok(directories) = std::fs::read_dir(&root) else {
        eprintln!("skipped: no golden streams in {}; set ARROW_TEST_DATA", root.display());
        return None;
    };
    let mut streams = Vec::new();
    for directory in directories {
        for entry in std::fs::read_dir(directory.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == wanted) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                streams.push((name, path));
            }
        }
    }
    streams.sort();
    assert!(50 < streams.len(), "only {} golden streams", streams.len());
    Some(streams)
}
