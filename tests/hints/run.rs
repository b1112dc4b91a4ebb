//! Runs the programs of a pipe one by one, so that it is known in which order they start.

use crate::support::tool_directory;
use arrow::compute::concat_batches;
use arrow_ipc::reader::StreamReader;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The order in which the programs of a pipe start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Hints are there in time.
    ReadersFirst,
    /// As in a shell.
    WritersFirst,
    /// The others start when the first one has written more than its schema, or has ended.
    FirstWriterAlone,
}

impl Order {
    pub(super) const ALL: [Self; 4] =
        [Self::ReadersFirst, Self::ReadersFirst, Self::WritersFirst, Self::FirstWriterAlone];
}

/// How a pipe ended.
pub(super) struct Run {
    pub(super) statuses: Vec<Option<i32>>,
    /// The standard error of each program.
    pub(super) messages: Vec<String>,
    /// The standard output of the last one.
    pub(super) output: Vec<u8>,
    /// The bytes that the first one wrote.
    pub(super) first_bytes: u64,
}

/// More than the schema of a test.
const MORE_THAN_A_SCHEMA: u64 = 20_000;

impl Run {
    /// Runs command lines as a pipe in a directory.
    pub(super) fn of(stages: &[Vec<String>], directory: &Path, hints: bool, order: Order) -> Self {
        let own = tempfile::tempdir().unwrap();
        let place = |name: &str, number: usize| own.path().join(format!("{name}{number}"));
        let mut ends = vec![Stdio::null()];
        let mut outputs = Vec::new();
        let mut first_end = None;
        for _ in 1..stages.len() {
            let (reader, writer) = std::io::pipe().unwrap();
            first_end = first_end.or_else(|| reader.try_clone().ok());
            ends.push(Stdio::from(OwnedFd::from(reader)));
            outputs.push(Stdio::from(OwnedFd::from(writer)));
        }
        outputs.push(Stdio::from(File::create(place("out", 0)).unwrap()));
        let mut stage_ends: Vec<_> = ends.into_iter().zip(outputs).map(Some).collect();
        let mut start = |number: usize| {
            let (input, output) = stage_ends[number].take().unwrap();
            let messages = File::create(place("err", number)).unwrap();
            started(&stages[number], directory, hints, (input, output, messages.into()))
        };
        let mut children: Vec<Option<Child>> = stages.iter().map(|_| None).collect();
        let mut numbers: Vec<usize> = (0..stages.len()).collect();
        if order == Order::ReadersFirst {
            numbers.reverse();
        }
        for number in numbers {
            let child = children[number].insert(start(number));
            if let (0, Order::FirstWriterAlone, Some(end)) = (number, order, &first_end) {
                wait_for_more_than_a_schema(child, end);
            }
        }
        drop(first_end);
        let mut children = children.into_iter().map(Option::unwrap);
        let mut first = children.next().unwrap();
        let first_bytes = written_bytes(&first);
        let mut statuses = vec![first.wait().unwrap().code()];
        statuses.extend(children.map(|mut child| child.wait().unwrap().code()));
        let text = |number| std::fs::read_to_string(place("err", number)).unwrap();
        let messages = (0..stages.len()).map(text).collect();
        Self { statuses, messages, output: std::fs::read(place("out", 0)).unwrap(), first_bytes }
    }
}

fn started(
    words: &[String],
    directory: &Path,
    hints: bool,
    (input, output, messages): (Stdio, Stdio, Stdio),
) -> Child {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("timeout");
    // A pipe that hangs is a finding, too.
    command.args(["-s", "KILL", "100"]).args(words).current_dir(directory);
    command.env("PATH", format!("{}:{path}", tool_directory().display())).env("LC_ALL", "C.UTF-8");
    command.env("ARROW_PIPES_HINTS", if hints { "on" } else { "off" });
    command.stdin(input).stdout(output).stderr(messages).spawn().unwrap()
}

fn wait_for_more_than_a_schema(writer: &Child, end: &std::io::PipeReader) {
    while rustix::io::ioctl_fionread(end).unwrap() < MORE_THAN_A_SCHEMA {
        if has_ended(writer, WaitIdOptions::NOHANG) {
            return;
        }
        std::thread::yield_now();
    }
}

/// Whether a child has ended; it stays a zombie.
fn has_ended(child: &Child, options: WaitIdOptions) -> bool {
    let id = Pid::from_child(child);
    let options = options | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(id), options).unwrap().is_some()
}

/// Waits for a child, and returns the bytes that it and its children have written.
fn written_bytes(child: &Child) -> u64 {
    has_ended(child, WaitIdOptions::empty());
    let counts = std::fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
    let line = counts.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.unwrap().parse().unwrap()
}

/// What the output of a pipe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bytes,
    /// Its rows count; where its batches end does not.
    Stream,
}

/// What differs between two outputs.
pub(super) fn same_content(off: &[u8], on: &[u8], form: Form) -> Result<(), String> {
    if off == on {
        return Ok(());
    }
    if form == Form::Bytes {
        let start =
            |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned();
        return Err(format!("without hints:\n{}\nwith hints:\n{}", start(off), start(on)));
    }
    let rows = |bytes: &[u8]| {
        let reader = StreamReader::try_new(bytes, None).map_err(|e| e.to_string())?;
        let schema = reader.schema();
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
        concat_batches(&schema, &batches).map_err(|e| e.to_string())
    };
    let (off, on) = (rows(off)?, rows(on)?);
    if off.schema() != on.schema() {
        return Err(format!("schema without hints: {:?}\nwith: {:?}", off.schema(), on.schema()));
    }
    if off == on { Ok(()) } else { Err(format!("rows without hints: {off:?}\nwith: {on:?}")) }
}
