//! `scripts/bench`: what it writes, on little data and without the other systems. What it measures is
//! no test's business.

use crate::support::{Tool, Workplace, tool_directory};
use std::path::Path;

fn bench(place: &Workplace) -> Tool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/bench");
    Tool::program(script, place.path())
}

#[test]
fn tells_its_options_and_jobs() {
    let place = Workplace::new();
    let help = bench(&place).arg("--help").run().succeeds().stdout_has("--rows N");
    assert!(help.stdout_text().lines().all(|line| line.chars().count() <= 80));
    bench(&place).arg("--list").run().succeeds().stdout_has("sampling\nsampling-fsync\n");
    bench(&place).arg("--wrong").run().exits_with(2).stderr_has("unknown option --wrong");
    bench(&place).args(["--rows", "many"]).run().exits_with(2).stderr_has("--rows and --runs");
    assert!(place.names().is_empty());
}

#[test]
fn writes_a_table_of_what_it_ran() {
    let place = Workplace::new();
    let run = bench(&place)
        .args(["--rows", "20000", "--runs", "1", "--only", "file-to-stream,start", "--peers", ""])
        .args(["--place", ".", "--output", "report.md", "--tools"])
        .arg(tool_directory())
        .run()
        .exits_with(0);
    assert!(run.stdout_text().contains("### Arrow file → stream"), "{}", run.stdout_text());

    let report = std::fs::read_to_string(place.file("report.md")).unwrap();
    let rows: Vec<&str> = report.lines().filter(|line| line.starts_with('|')).collect();
    let with = |start: &str| rows.iter().find(|row| row.starts_with(start)).copied();
    // The summary: job, ours, plain, plain with big pipes, best other, ratio, goal.
    let summary = with("| Arrow file → stream |").unwrap_or_else(|| panic!("{report}"));
    let cells: Vec<&str> = summary.trim_matches('|').split('|').map(str::trim).collect();
    assert_eq!(cells.len(), 7, "{summary}");
    assert!(0.0 < cells[1].parse::<f64>().unwrap());
    // Plain programs are built by scripts/bench itself, which was not to build.
    assert_eq!(cells[2..4], ["–", "–"]);
    assert!(cells[4].ends_with("(cat, 1 MiB pipes)"), "{summary}");
    assert!(0.0 < cells[5].trim_matches('*').parse::<f64>().unwrap());
    assert_eq!(cells[6], "≤ 0.5");
    // The job's own table: seconds, spread, ratio, goal, processor, two of memory, faults.
    for contender in ["| **arrow-pipes** |", "| cat |", "| cat, 1 MiB pipes |"] {
        let row = with(contender).unwrap_or_else(|| panic!("no {contender}: {report}"));
        assert_eq!(row.matches('|').count(), 10, "{row}");
    }
    assert!(report.contains("arrow-pipes       file-to-stream mixed.arrow | cat >/dev/null\n"));
    assert!(report.contains("### start and do nothing"));
}
