//! Many pipes one after another: none hangs, and no lock stays.
#![allow(unsafe_code)]

use super::run::{Order, Run};
use super::tables::Tables;
use super::{asked, in_threads, random};
use crate::support::tool_directory;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};

/// The starts of the normal run: 10 seconds on two cores.
const STARTS: usize = 1000;

#[test]
fn pipes_start_and_end_whoever_is_first() {
    let tables = Tables::new(2);
    // The halves are small, so that nobody waits for a hint; the others are not.
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let lines = [
        ["parquet-to-stream t0.parquet", "stream-count"],
        ["parquet-to-stream t1.parquet", "stream-count"],
        ["file-to-stream t0.arrow", "stream-count"],
        ["stream-cat t0.arrows", "stream-count"],
    ];
    in_threads("start", asked(STARTS), |number| {
        let mut random = random(number);
        let mut stages: Vec<Vec<String>> = random.one_of(&lines).map(words).into();
        if random.below(3) == 0 {
            stages.insert(1, words(random.one_of(&["stream-cat", "cat", "stream-sort --by id"])));
        }
        let run = Run::of(&stages, tables.path(), true, random.one_of(&Order::ALL));
        let is_right = run.output == b"2400\n" && run.statuses.iter().all(|code| *code == Some(0));
        if is_right {
            Ok(())
        } else {
            Err(format!("{stages:?} {:?} {:?}", run.statuses, run.messages))
        }
    });
}

/// Another writer of the FIFO must not find what a reader of the one before it has left.
#[test]
fn no_lock_stays_on_a_fifo() {
    let tables = Tables::new(1);
    let place = tables.place();
    place.shell("mkfifo fifo").succeeds();
    let whole = place.shell("ARROW_PIPES_HINTS=off parquet-to-stream t0.parquet").stdout;
    let schema_bytes = 8 + u32::from_le_bytes(whole[4..8].try_into().unwrap()) as usize;
    let (schema, batches) = whole.split_at(schema_bytes);
    for arguments in [&["stream-count"][..], &["stream-count", "--by", "id"], &["stream-cat"]] {
        let mut command = Command::new(tool_directory().join(arguments[0]));
        command.args(&arguments[1..]).arg("fifo").current_dir(place.path());
        let mut reader = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        // Opens when the reader does.
        let mut fifo = std::fs::OpenOptions::new().write(true).open(place.file("fifo")).unwrap();
        fifo.write_all(schema).unwrap();
        if arguments[0] == "stream-count" {
            wait_until(&mut reader, || is_locked(&fifo));
        }
        fifo.write_all(&batches[..batches.len() - 8]).unwrap();
        wait_until(&mut reader, || !is_locked(&fifo));
        fifo.write_all(&batches[batches.len() - 8..]).unwrap();
        drop(fifo);
        assert!(reader.wait().unwrap().success());
    }
}

/// A writer need not wait for a hint that does not come.
#[test]
fn a_reader_that_gives_no_hint_takes_its_mark_back_before_it_waits() {
    for line in [
        "stream-count --single fifo",
        // Another program could read the rest.
        "stream-head -n 3 fifo",
        "stream-sort --by id fifo",
        "stream-cat --merge-schema union t0.arrows fifo",
    ] {
        after_the_schema(line, |reader, fifo| wait_until(reader, || !is_locked(fifo)));
    }
}

#[test]
fn a_reader_that_gives_a_hint_has_marked_it_when_it_has_read_the_schema() {
    for line in [
        "stream-to-csv fifo",
        "stream-print fifo",
        "stream-to-file fifo -o out.arrow",
        "stream-to-parquet fifo -o out.parquet",
    ] {
        after_the_schema(line, |_, fifo| assert!(is_locked(fifo), "{line}"));
    }
}

/// Checks something while a program has read the schema from its FIFO and waits for more.
fn after_the_schema(line: &str, check: impl Fn(&mut Child, &std::fs::File)) {
    let tables = Tables::new(1);
    let place = tables.place();
    place.shell("mkfifo fifo").succeeds();
    let whole = std::fs::read(place.file("t0.arrows")).unwrap();
    let schema_bytes = 8 + u32::from_le_bytes(whole[4..8].try_into().unwrap()) as usize;
    let mut command = Command::new("timeout");
    command.arg("30").args(line.split(' ')).current_dir(place.path());
    let path = format!("{}:/usr/bin:/bin", tool_directory().display());
    command.env("PATH", path).stdin(Stdio::null()).stdout(Stdio::null());
    let mut reader = command.stderr(Stdio::null()).spawn().unwrap();
    let mut fifo = std::fs::OpenOptions::new().write(true).open(place.file("fifo")).unwrap();
    fifo.write_all(&whole[..schema_bytes]).unwrap();
    wait_until(&mut reader, || rustix::io::ioctl_fionread(&fifo).unwrap() == 0);
    check(&mut reader, &fifo);
    drop(fifo);
    // The stream has no end.
    assert_eq!(reader.wait().unwrap().code(), Some(1), "{line}");
}

/// Waits for something while a program runs.
#[track_caller]
fn wait_until(program: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() {
        assert_eq!(program.try_wait().unwrap(), None, "it has ended before");
        std::thread::yield_now();
    }
}

/// Whether another process has a lock on a file.
fn is_locked(file: &std::fs::File) -> bool {
    // SAFETY: the structure consists of numbers, for which zero is valid; the call only writes to it.
    unsafe {
        let mut lock: libc::flock = std::mem::zeroed();
        lock.l_type = libc::F_WRLCK as libc::c_short;
        assert_eq!(libc::fcntl(file.as_raw_fd(), libc::F_GETLK, &raw mut lock), 0);
        libc::c_int::from(lock.l_type) != libc::F_UNLCK
    }
}
