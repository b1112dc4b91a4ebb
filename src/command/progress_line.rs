//! A line of the terminal for each tool of a pipe, so that they do not write over each other.
//!
//! The cursor rests on the first line. A tool that shows its progress goes down to its own line,
//! writes it, and comes back, all in one write; nobody needs to know what the others show. Which line
//! is whose is agreed in a directory that the processes of one group (a pipe is one) have in common:
//! a file for each line, locked by its tool while it runs. The last tool to end goes below all lines
//! and removes the directory, also where a signal ends it. Where that cannot be had, every tool takes the
//! first line.

use crate::io::{forget_on_signal, on_signal};
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Held while a line is written; true once a signal ends the process, and nothing is to be written.
static HAS_ENDED: Mutex<bool> = Mutex::new(false);

/// The line of this process.
#[derive(Debug)]
pub(super) struct ProgressLine {
    below_first: usize,
    group: Option<Group>,
}

/// Where the lines of one process group are agreed on.
#[derive(Debug)]
struct Group {
    directory: PathBuf,
    /// Locked as long as this process runs.
    own: File,
    place: usize,
}

impl ProgressLine {
    /// Takes the next line.
    pub(super) fn take() -> Self {
        match Group::join() {
            Some((group, below_first)) => Self { below_first, group: Some(group) },
            None => Self { below_first: 0, group: None },
        }
    }

    /// Shows a text in the line, made for the width of the terminal and cut to it.
    pub(super) fn show(&self, text: impl Fn(usize) -> String) {
        // A terminal that does not know its width says 0.
        let width = rustix::termios::tcgetwinsize(rustix::stdio::stderr())
            .map_or(0, |size| usize::from(size.ws_col));
        let width = if width < 2 { 80 } else { width };
        let text: String = text(width).chars().take(width - 1).collect();
        // A line feed goes down even from the last line of the terminal, which then moves up.
        let down = "\n".repeat(self.below_first);
        let up = match self.below_first {
            0 => "\r".to_owned(),
            lines => format!("\r\x1b[{lines}A"),
        };
        let has_ended = HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*has_ended {
            write(&format!("{down}\r\x1b[K{text}{up}"));
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let lines = match self.group.take() {
            Some(group) => group.leave(),
            None => Some(1),
        };
        if let Some(lines) = lines {
            write(&"\n".repeat(lines));
        }
    }
}

impl Group {
    /// The group of this process, and its place among those that joined.
    fn join() -> Option<(Self, usize)> {
        let directory = directory();
        remove_left_behind(&directory);
        // Nobody else's directory, nor a link to one, is written to.
        let _may_be_there = DirBuilder::new().mode(0o700).create(&directory);
        let metadata = directory.symlink_metadata().ok()?;
        let own = metadata.uid() == rustix::process::getuid().as_raw();
        if !metadata.is_dir() || !own {
            return None;
        }
        let _alone = lock(&directory)?;
        let mut lines = lines(&directory);
        if lines.iter().all(|line| !is_held(line)) {
            // Left behind by tools that were killed.
            for line in lines.drain(..) {
                std::fs::remove_file(line).ok()?;
            }
        }
        let place = lines.len();
        let own = File::create(line_path(&directory, place)).ok()?;
        own.try_lock().ok()?;
        // Refused by a system that lets no process watch for signals: then the line is left as it is.
        let _refused = on_signal(line_path(&directory, place), leave_at_signal);
        Some((Self { directory, own, place }, place))
    }

    /// How many lines there are, if no other process has one: then they are done with.
    fn leave(self) -> Option<usize> {
        forget_on_signal(&line_path(&self.directory, self.place));
        let _alone = lock(&self.directory);
        drop(self.own);
        let lines = lines(&self.directory);
        if lines.iter().any(|line| is_held(line)) {
            return None;
        }
        let _gone_already = std::fs::remove_dir_all(&self.directory);
        Some(lines.len().max(1))
    }
}

/// One for each user and process group.
fn directory() -> PathBuf {
    let place = std::env::var_os("XDG_RUNTIME_DIR").filter(|place| !place.is_empty());
    let place = place.map_or_else(std::env::temp_dir, PathBuf::from);
    let group = rustix::process::getpgrp().as_raw_nonzero();
    place.join(format!("arrow-pipes-{}-{group}", rustix::process::getuid().as_raw()))
}

/// Removes the directories of groups that were killed before they could do so.
fn remove_left_behind(own: &Path) {
    let prefix = format!("arrow-pipes-{}-", rustix::process::getuid().as_raw());
    let entries = own.parent().and_then(|place| std::fs::read_dir(place).ok());
    for path in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
        let is_ours =
            path.file_name().is_some_and(|name| name.as_bytes().starts_with(prefix.as_bytes()));
        if is_ours && path != own {
            let lines = lines(&path);
            if !lines.is_empty() && !lines.iter().any(|line| is_held(line)) {
                let _gone_already = std::fs::remove_dir_all(&path);
            }
        }
    }
}

/// Waits until no other process is looking; lets go when dropped.
fn lock(directory: &Path) -> Option<File> {
    let file = File::create(directory.join("lock")).ok()?;
    file.lock().ok()?;
    Some(file)
}

fn lines(directory: &Path) -> Vec<PathBuf> {
    (0..).map(|place| line_path(directory, place)).take_while(|line| line.exists()).collect()
}

fn line_path(directory: &Path, place: usize) -> PathBuf {
    directory.join(format!("line-{place}"))
}

/// Whether a process holds the line, and has not given it up.
fn is_held(line: &Path) -> bool {
    let is_empty = |file: &File| file.metadata().is_ok_and(|metadata| metadata.len() == 0);
    File::open(line).is_ok_and(|file| file.try_lock().is_err() && is_empty(&file))
}

/// Leaves the line at this path, which is this process's own and stays locked until it is gone: Ctrl-C ends
/// all tools of a pipe at once, and none can wait for the others.
fn leave_at_signal(line: &Path) {
    let mut has_ended = HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    *has_ended = true;
    let Some(directory) = line.parent() else { return };
    let _alone = lock(directory);
    // A line that is not empty is given up.
    let _gone_already = std::fs::write(line, "x");
    let lines = lines(directory);
    if !lines.iter().any(|line| is_held(line)) {
        write(&"\n".repeat(lines.len().max(1)));
        let _gone_already = std::fs::remove_dir_all(directory);
    }
}

fn write(text: &str) {
    // Nobody may be there to read it; the job goes on all the same.
    let _nobody = std::io::stderr().write_all(text.as_bytes());
}
