//! Micro-benchmarks of the parts that carry the bytes, in GB/s of Arrow data, next to the limits of
//! this machine's memory and pipes: `cargo bench`. `scripts/bench` compares whole tools with other
//! systems.
//!
//! A benchmark of a pipe has a process at each end, as in a shell: this program starts itself with
//! the name of an end (see [`ends`]).

mod ends;
mod limits;
mod parts;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The bytes that a part moves in one run.
const RUN_BYTES: usize = 1 << 30;

/// Runs of each benchmark. The best counts, because noise only adds time.
const RUNS: usize = 5;

fn main() -> ExitCode {
    // `cargo bench` adds this option.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => all(""),
        [end, place] if end.starts_with("end:") => ends::run(end, Path::new(place)),
        [only] => all(only),
        _ => Err("expected one word: a part of the names of the benchmarks to run".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "micro: {error}");
            ExitCode::FAILURE
        }
    }
}

fn all(only: &str) -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = parts::Data::make(place.path())?;
    let mut results = Results { only };
    results.row("memory: copy, larger than the caches", limits::copy)?;
    results.row("memory: first touch of fresh 4 KiB pages", || limits::fresh_pages(false))?;
    results.row("memory: first touch of fresh 2 MiB pages", || limits::fresh_pages(true))?;
    for (name, from) in [
        ("pipe: write, 64 KiB pipe", "end:write-small"),
        ("pipe: write, 1 MiB pipe", "end:write"),
        ("pipe: vmsplice of fresh 2 MiB pages, 1 MiB pipe", "end:vmsplice"),
    ] {
        results.row(name, || through_pipe(from, "end:sum", place.path(), RUN_BYTES))?;
    }
    let bytes = data.stream_bytes;
    results.row("reader: from a pipe", || {
        through_pipe("end:write-stream", "end:reader", place.path(), bytes)
    })?;
    results.row("reader: mapped file, one column read", || data.read_mapped())?;
    results.row("writer: into a pipe", || {
        through_pipe("end:writer", "end:sum", place.path(), bytes)
    })?;
    for (percent, name) in [
        (1, "filter: keeps 1 %"),
        (50, "filter: keeps 50 %"),
        (99, "filter: keeps 99 %"),
        (100, "filter: keeps all"),
    ] {
        results.row(name, || data.filter(percent))?;
    }
    results.row("sample: first ids of groups, long runs", || {
        parts::sample("group = 0..10, id = 0..100, row = 0..1000")
    })?;
    results.row("sample: first ids of groups, runs of one", || {
        parts::sample("group = 0..100, id = 0..10000, row = 0..1")
    })
}

/// Prints a line per benchmark.
struct Results<'a> {
    only: &'a str,
}

impl Results<'_> {
    /// `once` runs the benchmark once and returns (bytes, seconds).
    fn row(&mut self, name: &str, once: impl Fn() -> Result<(usize, f64)>) -> Result<()> {
        if !name.contains(self.only) {
            return Ok(());
        }
        let mut best = 0.0_f64;
        for _ in 0..RUNS {
            let (bytes, seconds) = once()?;
            best = best.max(bytes as f64 / seconds / 1e9);
        }
        Ok(writeln!(io::stdout(), "{name:50} {best:6.2} GB/s")?)
    }
}

/// Runs two processes of this program with a pipe between them.
fn through_pipe(from: &str, to: &str, place: &Path, bytes: usize) -> Result<(usize, f64)> {
    let program = std::env::current_exe()?;
    let begun = Instant::now();
    let mut first = Command::new(&program).arg(from).arg(place).stdout(Stdio::piped()).spawn()?;
    let pipe = first.stdout.take().ok_or("no pipe")?;
    let last = Command::new(&program).arg(to).arg(place).stdin(pipe).status()?;
    if !first.wait()?.success() || !last.success() {
        return Err(format!("{from} or {to} failed").into());
    }
    Ok((bytes, begun.elapsed().as_secs_f64()))
}
