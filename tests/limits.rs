//! Little memory, few descriptors, missing directories, files that change meanwhile: the exit status
//! is 0 or 1, one line is reported, and nothing is left behind.
//!
//! A limit on processes does not bind the superuser, who often runs tests; `faults` lets the start
//! of threads fail instead.
#![cfg(target_os = "linux")]

use crate::support::{Outcome, Workplace, run_and_do, tool_directory};
use std::fs::OpenOptions;
use std::process::{Command, Stdio};

/// Jobs that read `in.arrows` and write to `out`.
const JOBS: [&str; 5] = [
    "stream-to-parquet -o out in.arrows",
    "stream-to-parquet --partition-by g -o out in.arrows",
    "stream-to-file -o out in.arrows",
    "stream-sort --by r -o out in.arrows",
    "stream-cat --interleave in.arrows in.arrows -o out",
];

fn place(rows: u32) -> Workplace {
    let place = Workplace::new();
    place.shell(&format!("stream-generate 'g = 0..3, r = 0..{rows}' -o in.arrows")).succeeds();
    place
}

/// Requires that a run is done, or reports one line and leaves nothing; returns whether it is done.
#[track_caller]
fn is_done(place: &Workplace, run: Outcome, what: &str) -> bool {
    if run.status() == Some(0) {
        assert_eq!(run.stderr, "", "{what}");
        place.shell("rm -r out").succeeds();
    } else {
        let told = run.stderr.clone();
        assert_eq!((run.status(), told.lines().count()), (Some(1), 1), "{what}: {told}");
        assert!(!told.contains("internal error"), "{what}: {told}");
    }
    let names = place.names();
    assert!(names.iter().all(|name| name.starts_with("in.")), "{what}: {names:?}");
    run.status() == Some(0)
}

#[test]
fn memory_that_is_refused_is_reported_on_one_line() {
    let place = place(60_000);
    // The least limit with which a tool starts at all, in MiB.
    let starts = |limit: u32| {
        let line = format!("ulimit -v {}; stream-sort --version", limit << 10);
        place.shell(&line).status() == Some(0)
    };
    let mut least = (4..).map(|step| step * 8).find(|limit| starts(*limit)).unwrap();
    least -= (1..8).take_while(|less| starts(least - less)).count() as u32;
    let (mut done, mut refused) = (0, 0);
    for job in JOBS {
        for more in [1, 2, 3, 4, 6, 9, 14, 20, 40, 80, 200, 500] {
            let line = format!("ulimit -v {}; {job}", (least + more) << 10);
            let run = place.shell(&line);
            refused += u32::from(run.stderr.contains(": out of memory: cannot allocate "));
            done += u32::from(is_done(&place, run, &line));
        }
    }
    assert!(0 < done && 0 < refused, "{done} {refused}");
}

#[test]
fn descriptors_that_are_refused_are_reported_on_one_line() {
    let place = place(2000);
    let least = (3..10)
        .find(|limit| {
            let line = format!("ulimit -n {limit}; exec stream-sort --version");
            place.shell(&line).status() == Some(0)
        })
        .unwrap();
    for job in JOBS {
        let done = (least..24).filter(|limit| {
            let line = format!("ulimit -n {limit}; exec {job}");
            is_done(&place, place.shell(&line), &line)
        });
        assert!(0 < done.count(), "{job}");
    }
}

#[test]
fn a_full_stack_is_reported_on_one_line() {
    let place = place(2000);
    let nested = format!("{}r{} > 1", "(".repeat(200), ")".repeat(200));
    for size in [128, 192, 256] {
        let line = format!("ulimit -s {size}; stream-filter '{nested}' in.arrows -o out");
        is_done(&place, place.shell(&line), &line);
    }
    let line = format!("ulimit -s 128; stream-filter '{nested}' in.arrows -o out");
    let full = "the stack is full: the input or the command line is nested too deeply\n";
    place.shell(&line).exits_with(1).stderr_is(&format!("stream-filter: {full}"));
    // A stack of another thread, for an expression of 200 levels; the main thread has its own.
    let rows = "stream-generate 'g = 0..5, r = 0..60000'";
    place
        .shell(&format!("{rows} | stream-to-parquet --row-group-rows 5000 -o in.parquet"))
        .succeeds();
    let nested = format!("r{} > 0", " + 1".repeat(200));
    // On a busy machine, the main thread may be faster than the others.
    let line =
        &format!("RUST_MIN_STACK=16384 parquet-to-stream -j 4 -w '{nested}' -o out in.parquet");
    let is_full = (0..20).any(|_| {
        let run = place.shell(line);
        let told = run.stderr.clone();
        let is_done = is_done(&place, run, line);
        assert!(is_done || told == format!("parquet-to-stream: {full}"), "{told}");
        !is_done
    });
    assert!(is_full);
}

#[test]
fn a_file_that_is_shortened_at_any_moment_is_named() {
    let place = place(20_000);
    let whole = std::fs::read(place.file("in.arrows")).unwrap();
    for job in &JOBS[..4] {
        let mut words = job.split(' ');
        let program = tool_directory().join(words.next().unwrap());
        let words: Vec<&str> = words.collect();
        let command = |stderr: std::fs::File| {
            let mut command = Command::new(&program);
            command.args(&words).current_dir(place.path()).stdin(Stdio::null()).stderr(stderr);
            command
        };
        let stops = run_and_do(&mut command(tempfile::tempfile().unwrap()), 0, || ()).stops;
        place.shell("rm -r out").succeeds();
        let (mut named, mut seen) = (0, Vec::new());
        for round in 0..12 {
            let stderr = place.path().with_extension("err");
            let mut command = command(std::fs::File::create(&stderr).unwrap());
            let run = run_and_do(&mut command, stops * round / 12, || {
                let file = OpenOptions::new().write(true).open(place.file("in.arrows")).unwrap();
                file.set_len(whole.len() as u64 * (round % 3) / 3).unwrap();
            });
            let told = std::fs::read_to_string(&stderr).unwrap();
            std::fs::remove_file(&stderr).unwrap();
            let what = format!("{job}: {:?} {told}", run.status);
            seen.push(told.clone());
            assert!(matches!(run.status.code(), Some(0 | 1)), "{what}");
            let is_done = run.status.success();
            assert_eq!(told.lines().count(), usize::from(!is_done), "{what}");
            // A write of a mapped body fails itself, without a signal that has the address.
            let is_named = told.contains("cannot read in.arrows: the file was shortened")
                || told.contains("cannot write out: an input file was shortened");
            let end = ", or its disk failed, while it was read\n";
            named += u32::from(is_named && told.ends_with(end));
            let expected: &[&str] = if is_done { &["in.arrows", "out"] } else { &["in.arrows"] };
            assert_eq!(place.names(), expected, "{what}");
            place.write("in.arrows", &whole);
            place.shell("rm -rf out").succeeds();
        }
        assert!(0 < named, "{job}: {seen:?}");
    }
}

#[test]
fn a_directory_that_is_missing_or_goes_away_is_named() {
    let place = place(100_000);
    place
        .shell("TMPDIR=$PWD/missing stream-sort --by r --memory 1MiB in.arrows -o out")
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("/missing: no such file or directory (use --temporary-directory");
    // The tool waits for more input when its directory is removed.
    for job in ["-o d/out", "--partition-by g -o d/out"] {
        let line = format!(
            "mkdir d; mkfifo p; exec 3<>p; head -c 2000 in.arrows >p
             stream-to-parquet {job} <p 3>&- & tool=$!
             until readlink /proc/$tool/fd/* | grep -q $PWD/d; do kill -0 $tool || break; done
             rm -rf d; tail -c +2001 in.arrows >p; exec 3>&-; wait $tool"
        );
        let run = place.shell(&line).exits_with(1).one_line_on_stderr();
        run.stderr_has("d/out");
        place.shell("rm p").succeeds();
        assert_eq!(place.names(), ["in.arrows"], "{job}");
    }
}

#[test]
fn closed_descriptors_lose_nothing() {
    let place = place(2000);
    for job in JOBS {
        for closed in ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
            let line = format!("{job} {closed}");
            assert!(is_done(&place, place.shell(&line), &line), "{line}");
        }
    }
}
