//! System calls that fail, one at a time, in small jobs of the real tools: the exit status is 0 or
//! 1, one line is reported, the target is the old one or the new one, and nothing else is left.
//!
//! Calls before `main` are left out: the dynamic loader and Rust's start-up answer for them.
//! `fallocate` is not among the calls, because no tool makes it. Of a kind of call that is made
//! often, a part is tried; `ROUNDS=1000000 cargo test --test all faults` tries all.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use crate::support::{Traced, run_with_failing_call, run_with_late_failure};
use crate::support::{Workplace, read_stream, tool_directory};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many calls of a kind fail in a job, one in each run.
fn rounds() -> u64 {
    std::env::var("ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}

/// Calls of one kind, and an error that they may have.
struct Failure {
    calls: &'static [i64],
    error: i32,
    /// The job is done nevertheless.
    is_harmless: bool,
    /// Hidden files may stay, which the next run removes.
    leaves: bool,
}

const fn failure(calls: &'static [i64], error: i32) -> Failure {
    Failure { calls, error, is_harmless: false, leaves: false }
}

const fn repeated(calls: &'static [i64]) -> Failure {
    Failure { is_harmless: true, ..failure(calls, libc::EINTR) }
}

const fn leaving(calls: &'static [i64]) -> Failure {
    Failure { leaves: true, ..failure(calls, libc::EIO) }
}

const READ: &[i64] = &[libc::SYS_read, libc::SYS_pread64, libc::SYS_readv];
const WRITE: &[i64] = &[libc::SYS_write, libc::SYS_writev, libc::SYS_pwrite64];
const OPEN: &[i64] = &[libc::SYS_open, libc::SYS_openat];
const SYNC: &[i64] = &[libc::SYS_fsync, libc::SYS_fdatasync, libc::SYS_syncfs];
const NAME: &[i64] = &[libc::SYS_rename, libc::SYS_renameat, libc::SYS_renameat2, libc::SYS_linkat];
// `brk` reports failures in its own way; `limits` makes it fail.
const MEMORY: &[i64] = &[libc::SYS_mmap, libc::SYS_mremap, libc::SYS_mprotect];
const MOVE: &[i64] = &[libc::SYS_splice, libc::SYS_vmsplice, libc::SYS_sendfile];
const THREAD: &[i64] = &[libc::SYS_clone, libc::SYS_clone3];
const STATUS: &[i64] = &[libc::SYS_fstat, libc::SYS_statx, libc::SYS_newfstatat];
const UNLINK: &[i64] = &[libc::SYS_unlink, libc::SYS_unlinkat, libc::SYS_rmdir];

const FAILURES: &[Failure] = &[
    failure(READ, libc::EIO),
    repeated(READ),
    failure(WRITE, libc::ENOSPC),
    failure(WRITE, libc::EIO),
    repeated(WRITE),
    failure(OPEN, libc::EMFILE),
    // Not repeated by the standard library for directories.
    failure(OPEN, libc::EINTR),
    failure(SYNC, libc::EIO),
    repeated(SYNC),
    failure(NAME, libc::EIO),
    failure(NAME, libc::ENOSPC),
    failure(&[libc::SYS_mkdir, libc::SYS_mkdirat], libc::ENOSPC),
    failure(MEMORY, libc::ENOMEM),
    failure(MOVE, libc::EIO),
    repeated(MOVE),
    failure(&[libc::SYS_sync_file_range], libc::EIO),
    failure(THREAD, libc::EAGAIN),
    failure(STATUS, libc::EIO),
    failure(&[libc::SYS_flock], libc::ENOLCK),
    leaving(UNLINK),
    leaving(&[libc::SYS_getdents64]),
];

/// A file or directory: its directory and name, and its content. The numbers in names of files are
/// left out, because appended files have random ones.
type Entry = (PathBuf, String, Vec<u8>);

fn entries(place: &Path) -> Vec<Entry> {
    let (mut found, mut left) = (Vec::new(), vec![place.to_owned()]);
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let within = directory.strip_prefix(place).unwrap().to_owned();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                found.push((within, name, Vec::new()));
                left.push(path);
            } else {
                let name = name.replace(|c: char| c.is_ascii_hexdigit() || c == '-', "");
                found.push((within, name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn is_hidden((within, name, _): &Entry) -> bool {
    within.to_str().unwrap().starts_with('.') || name.starts_with('.')
}

/// A job in its directory, which is put back to its first state when a run has changed it.
struct Job<'a> {
    place: Workplace,
    line: &'a str,
    setup: &'a str,
    before: Vec<Entry>,
    after: Vec<Entry>,
    stdout: Vec<u8>,
}

/// The result of one run.
struct Ran {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
    calls: u64,
}

impl<'a> Job<'a> {
    fn new(setup: &'a str, line: &'a str) -> Self {
        let place = Workplace::new();
        let (before, after, stdout) = (Vec::new(), Vec::new(), Vec::new());
        let mut job = Self { place, line, setup, before, after, stdout };
        job.begin_anew();
        job.before = entries(job.place.path());
        let whole = job.run(&[], 0, 1);
        assert_eq!((whole.status, whole.stderr.as_str()), (Some(0), ""), "{line}");
        (job.after, job.stdout) = (entries(job.place.path()), whole.stdout);
        job.begin_anew();
        job
    }

    fn begin_anew(&self) {
        let line = format!("rm -rf ./* .[!.]*; {}", self.setup);
        self.place.shell(&line).succeeds();
    }

    fn run(&self, calls: &[i64], error: i32, at: u64) -> Ran {
        self.run_by(|command| run_with_failing_call(command, calls, error, at))
    }

    fn run_by(&self, run: impl FnOnce(&mut Command) -> Traced) -> Ran {
        let streams = tempfile::tempdir().unwrap();
        let path = |name: &str| streams.path().join(name);
        let file = |name: &str| File::create(path(name)).unwrap();
        let mut words = self.line.split(' ');
        let mut command = Command::new(tool_directory().join(words.next().unwrap()));
        let command = command.args(words).current_dir(self.place.path()).stdin(Stdio::null());
        // Piped, so that pages are moved; `cat` ends when the tool has ended.
        let mut cat =
            Command::new("cat").stdin(Stdio::piped()).stdout(file("out")).spawn().unwrap();
        let command = command.stdout(cat.stdin.take().unwrap()).stderr(file("err"));
        let run = run(command);
        // Closes the end of the pipe that is kept here.
        command.stdout(Stdio::null());
        cat.wait().unwrap();
        let stdout = std::fs::read(path("out")).unwrap();
        let stderr = std::fs::read_to_string(path("err")).unwrap();
        Ran { status: run.status.code(), stdout, stderr, calls: run.stops }
    }

    /// Lets calls of a kind fail: the first ones, and one in each part of the rest.
    fn fails(&self, failure: &Failure) {
        let calls = self.run(failure.calls, failure.error, u64::MAX).calls;
        self.begin_anew();
        let rounds = rounds().min(calls);
        for round in 0..rounds {
            let at = 1 + calls * round / rounds;
            let ran = self.run(failure.calls, failure.error, at);
            self.check(failure, &ran, &format!("{}: {:?} {at}", self.line, failure.calls));
        }
    }

    fn check(&self, failure: &Failure, ran: &Ran, what: &str) {
        let what = format!("{what}, error {}: {:?} {}", failure.error, ran.status, ran.stderr);
        let mut now = entries(self.place.path());
        if failure.leaves {
            now.retain(|entry| !is_hidden(entry));
        }
        let names: Vec<_> = now.iter().map(|(within, name, _)| within.join(name)).collect();
        match ran.status {
            Some(0) => {
                assert!(now == self.after, "{what}: {names:?}");
                // There may be several ways to write the same batches.
                let is_same = ran.stdout == self.stdout
                    || read_stream(&ran.stdout) == read_stream(&self.stdout);
                assert!(is_same, "{what}");
                let most = usize::from(failure.leaves);
                assert!(ran.stderr.lines().count() <= most, "{what}");
            }
            Some(1) => {
                assert!(now == self.before, "{what}: {names:?}");
                assert!(!failure.is_harmless, "{what}");
                assert_eq!(ran.stderr.lines().count(), 1, "{what}");
                assert!(!ran.stderr.contains("internal error"), "{what}");
                let is_ended = ran.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
                assert!(!is_ended || self.stdout.is_empty(), "{what}");
            }
            _ => panic!("{what}"),
        }
        if failure.leaves {
            // The next run removes the rest.
            self.run(&[], 0, 1);
            assert!(!entries(self.place.path()).iter().any(is_hidden), "{what}");
        }
        if failure.leaves || ran.status == Some(0) {
            self.begin_anew();
        }
    }
}

fn all_fail(setup: &str, line: &str) {
    let job = Job::new(setup, line);
    for failure in FAILURES {
        job.fails(failure);
    }
}

const INPUT: &str = "stream-generate 'g = 0..2, r = 0..200' -o in.arrows";

#[test]
fn a_parquet_file_is_whole_whichever_call_fails() {
    all_fail(INPUT, "stream-to-parquet -o out.parquet in.arrows");
}

#[test]
fn a_file_is_the_old_one_or_the_new_one_whichever_call_fails() {
    let setup = format!("{INPUT}; echo old >out.arrow");
    all_fail(&setup, "stream-to-file -o out.arrow in.arrows");
}

#[test]
fn a_new_tree_is_whole_whichever_call_fails() {
    all_fail(INPUT, "stream-to-parquet --partition-by g -o tree in.arrows");
}

/// The thread whose call fails may be the one that removes files for the others.
#[test]
fn a_new_tree_is_whole_if_a_thread_fails_late() {
    let job = Job::new(INPUT, "stream-to-parquet --partition-by g -o tree in.arrows");
    let memory = failure(MEMORY, libc::ENOMEM);
    let calls = job.run(MEMORY, libc::ENOMEM, u64::MAX).calls;
    job.begin_anew();
    for (at, ahead) in (1..=calls).flat_map(|at| [5, 20, 50, 100, 200].map(|ahead| (at, ahead))) {
        let error = libc::ENOMEM;
        let ran = job.run_by(|command| run_with_late_failure(command, MEMORY, error, at, ahead));
        job.check(&memory, &ran, &format!("{}: late {at} of {calls}, {ahead}", job.line));
    }
}

#[test]
fn a_tree_is_the_old_one_or_the_new_one_whichever_call_fails() {
    let setup = format!(
        "{INPUT}; stream-filter 'g = 1' in.arrows | stream-to-parquet --partition-by g -o tree"
    );
    all_fail(&setup, "stream-to-parquet --partition-by g --existing overwrite -o tree in.arrows");
}

#[test]
fn rows_are_added_to_a_tree_or_not_whichever_call_fails() {
    let setup = format!(
        "{INPUT}; stream-filter 'g = 1' in.arrows | stream-to-parquet --partition-by g -o tree"
    );
    all_fail(&setup, "stream-to-parquet --partition-by g --existing append -o tree in.arrows");
}

#[test]
fn a_stream_has_its_end_marker_or_not_whichever_call_fails() {
    let rows =
        "stream-generate 'r = 0..50000' -o in.arrows; stream-to-parquet -o in.parquet in.arrows";
    let moved = "stream-generate 'r = 0..50000' | stream-to-file -o in.arrow";
    all_fail(rows, "parquet-to-stream in.parquet");
    all_fail(rows, "stream-sort --by r --memory 1MiB in.arrows");
    all_fail(moved, "file-to-stream in.arrow");
    all_fail(INPUT, "stream-cat --interleave in.arrows in.arrows");
}
