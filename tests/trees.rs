//! A tree of files is the old one or the new one, whatever happens while it is written, and nothing
//! else is left after the next run.
#![cfg(target_os = "linux")]

use crate::support::{Workplace, run_with_signal, tool_directory};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// More rounds: `ROUNDS=1000 cargo nextest run trees`.
fn rounds() -> u64 {
    std::env::var("ROUNDS").map_or(100, |rounds| rounds.parse().unwrap())
}

/// Two streams that make different trees, and the files of these.
struct Trees {
    place: Workplace,
    trees: [Files; 2],
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

const MANY: [&str; 2] = ["0..12", "6..16"];
/// With so few, a good part of a run is its beginning and its end.
const FEW: [&str; 2] = ["2..4", "3..5"];

const INPUTS: [&str; 2] = ["a.arrows", "b.arrows"];

impl Trees {
    /// `out` is the first of them.
    fn new(keys: [&str; 2]) -> Self {
        let place = Workplace::new();
        // Some of the keys are those of both, and files are of many lengths.
        for (name, keys) in INPUTS.iter().zip(keys) {
            let line = format!(
                "stream-generate 'k = {keys}, id = 0..1200' | stream-filter 'id < k * k * 8' -o {name}"
            );
            place.shell(&line).succeeds();
        }
        let trees = [1, 0].map(|number| {
            let line = format!(
                "stream-to-parquet --partition-by k --existing overwrite -o out {}",
                INPUTS[number]
            );
            place.shell(&line).succeeds();
            files(&place.file("out"))
        });
        let [second, first] = trees;
        assert!(first != second);
        Self { place, trees: [first, second] }
    }

    fn command(&self, input: usize) -> Command {
        let mut command = Command::new(tool_directory().join("stream-to-parquet"));
        command
            .args(["--partition-by", "k", "--existing", "overwrite", "-o", "out", INPUTS[input]])
            .current_dir(self.place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Which of the trees is there; nothing else may be.
    #[track_caller]
    fn which(&self) -> usize {
        let found = files(&self.place.file("out"));
        let names: Vec<_> = found.keys().collect();
        self.trees.iter().position(|tree| *tree == found).unwrap_or_else(|| panic!("{names:?}"))
    }

    #[track_caller]
    fn has_no_leftovers(&self, after: &str) {
        assert_eq!(self.place.names(), ["a.arrows", "b.arrows", "out"], "after {after}");
    }
}

/// All files below a directory, and what is in them.
fn files(directory: &Path) -> Files {
    let mut found = Files::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path)
            } else {
                let name = path.strip_prefix(directory).unwrap().to_owned();
                drop(found.insert(name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// One moment in each part of a run, from its first system call to its last one.
fn moments(calls: u64, rounds: u64) -> impl Iterator<Item = u64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    (0..rounds).map(move |round| {
        let (from, to) = (calls * round / rounds, calls * (round + 1) / rounds);
        from + 1 + random.next_u64() % (to - from).max(1)
    })
}

#[test]
fn killed_at_any_moment_it_is_the_old_tree_or_the_new_one() {
    let trees = Trees::new(MANY);
    let whole = run_with_signal(&mut trees.command(1), libc::SIGKILL, u64::MAX, 0);
    assert!(whole.status.success());
    let mut now = trees.which();
    assert_eq!(now, 1);
    let mut seen = [0, 0];
    for at in moments(whole.stops, rounds()) {
        run_with_signal(&mut trees.command(1 - now), libc::SIGKILL, at, 0);
        let then = trees.which();
        seen[usize::from(then != now)] += 1;
        // The next run removes what the killed one left.
        assert!(trees.command(then).arg("--no-sync").status().unwrap().success());
        trees.has_no_leftovers(&format!("SIGKILL at {at}"));
        now = trees.which();
        assert_eq!(now, then, "killed at {at}");
    }
    assert!(seen.iter().all(|seen| 0 < *seen), "old and new: {seen:?}");
}

#[test]
fn ended_by_a_signal_at_any_moment_it_leaves_nothing_behind() {
    for keys in [FEW, MANY] {
        let trees = Trees::new(keys);
        let stops = run_with_signal(&mut trees.command(1), libc::SIGTERM, u64::MAX, 0).stops;
        let mut now = trees.which();
        let mut ended = 0;
        let signals = [libc::SIGTERM, libc::SIGQUIT, libc::SIGHUP, libc::SIGUSR1, libc::SIGXCPU];
        let signals = signals.into_iter().cycle();
        // How far the thread that removes the tree is ahead of one that adds to it.
        let ahead = [0, 5, 20, 40, 80].into_iter().cycle();
        for ((moment, signal), ahead) in moments(stops, rounds()).zip(signals).zip(ahead) {
            let run = run_with_signal(&mut trees.command(1 - now), signal, moment, ahead);
            let then = trees.which();
            // Before its first system calls are done nobody watches for signals, and after its last ones
            // it is too late for them.
            let is_fit = run.status.success() || run.status.signal() == Some(signal);
            assert!(is_fit, "{signal} at {moment}: {:?}", run.status);
            assert!(!run.status.success() || then != now);
            ended += u64::from(!run.status.success());
            trees.has_no_leftovers(&format!("{signal} at {moment}, {ahead} ahead"));
            now = then;
        }
        assert!(rounds() / 2 < ended, "{ended}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn whichever_write_finds_the_disk_full_it_is_told_and_the_old_tree_stays() {
    use crate::support::run_with_full_disk;
    use std::io::{Read, Seek};
    let trees = Trees::new(MANY);
    let mut now = 0;
    let mut failed = 0;
    for at in 1.. {
        let mut stderr = tempfile::tempfile().unwrap();
        let mut command = trees.command(1 - now);
        let run = run_with_full_disk(command.stderr(stderr.try_clone().unwrap()), at);
        let then = trees.which();
        trees.has_no_leftovers(&format!("write {at}"));
        let mut told = String::new();
        stderr.rewind().unwrap();
        stderr.read_to_string(&mut told).unwrap();
        match run.status.code() {
            Some(0) => assert_eq!((then, told.as_str()), (1 - now, "")),
            status => {
                assert_eq!((status, then), (Some(1), now), "{told}");
                let is_told = told.contains(": no space left on device");
                assert!(is_told && told.lines().count() == 1, "{told}");
                failed += 1;
            }
        }
        now = then;
        if run.stops < at {
            break;
        }
    }
    // Two files or directories are made, written, named for each of ten partitions.
    assert!(40 < failed, "{failed}");
}

#[test]
fn a_file_that_may_not_grow_leaves_the_old_tree() {
    let trees = Trees::new(MANY);
    let longest = trees.trees[1].values().map(Vec::len).max().unwrap() / 1024;
    for blocks in 0..=longest {
        let line = format!(
            "ulimit -f {blocks}; stream-to-parquet --partition-by k --existing overwrite -o out {}",
            INPUTS[1]
        );
        let run = trees.place.shell(&line);
        run.exits_with(1).one_line_on_stderr().stderr_has(".parquet: file too large");
        trees.has_no_leftovers(&format!("{blocks} blocks"));
        assert_eq!(trees.which(), 0, "{blocks} blocks");
    }
}
