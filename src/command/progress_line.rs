//! A terminal line for each tool of a pipe, so that the tools do not overwrite each other's
//! progress.
//!
//! The cursor rests on the first line. To show its progress, a tool moves down to its own line,
//! writes it, and moves back, all in one write, without knowing what the others show. The lines are
//! assigned in a directory shared by the processes of one group (a pipe is one): it has a file for
//! each line, locked by its tool while it runs. The last tool to end moves below all lines and
//! removes the directory, even if a signal ends it. If there is no such directory, every tool uses
//! the first line.

use crate::io::{forget_on_signal, on_signal};
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Locked while a line is written. True once a signal ends the process: then nothing is written.
static HAS_ENDED: Mutex<bool> = Mutex::new(false);

/// The line of this process.
#[derive(Debug)]
pub(super) struct ProgressLine {
    below_first: usize,
    group: Option<Group>,
}

/// The directory in which the lines of one process group are assigned.
#[derive(Debug)]
struct Group {
    directory: PathBuf,
    /// The file of this process's line, locked as long as the process runs.
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

    /// Shows a text on the line, generated for the width of the terminal and cut to it.
    pub(super) fn show(&self, text: impl Fn(usize) -> String) {
        // A terminal that does not know its width reports 0.
        let width = rustix::termios::tcgetwinsize(rustix::stdio::stderr())
            .map_or(0, |size| usize::from(size.ws_col));
        let width = if width < 2 { 80 } else { width };
        let text: String = text(width).chars().take(width - 1).collect();
        // A line feed moves down even from the last line of the terminal, which then scrolls.
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
    /// Joins the group of this process, and returns its place among those that have joined.
    fn join() -> Option<(Self, usize)> {
        let directory = directory();
        remove_left_behind(&directory);
        // Never write to a directory of another user, or through a link.
        let _may_be_there = DirBuilder::new().mode(0o700).create(&directory);
        let metadata = directory.symlink_metadata().ok()?;
        let own = metadata.uid() == rustix::process::getuid().as_raw();
        if !metadata.is_dir() || !own {
            return None;
        }
        let _alone = lock(&directory)?;
        let mut lines = lines(&directory);
        if lines.iter().all(|line| !is_held(line)) {
            // Left over from tools that were killed.
            for line in lines.drain(..) {
                std::fs::remove_file(line).ok()?;
            }
        }
        let place = lines.len();
        let own = File::create(line_path(&directory, place)).ok()?;
        own.try_lock().ok()?;
        // Fails where a process cannot watch for signals; the line is then left as it is.
        let _refused = on_signal(line_path(&directory, place), leave_at_signal);
        Some((Self { directory, own, place }, place))
    }

    /// Leaves the group. Returns the number of lines if no other process still has one.
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

/// The directory of this user and process group.
fn directory() -> PathBuf {
    let place = std::env::var_os("XDG_RUNTIME_DIR").filter(|place| !place.is_empty());
    let place = place.map_or_else(std::env::temp_dir, PathBuf::from);
    let group = rustix::process::getpgrp().as_raw_nonzero();
    place.join(format!("arrow-pipes-{}-{group}", rustix::process::getuid().as_raw()))
}

/// Removes the directories of groups that were killed before they could remove them.
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

/// Waits for exclusive access to the directory, which lasts until the file is dropped.
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

/// Whether a process holds the line and has not released it.
fn is_held(line: &Path) -> bool {
    let is_empty = |file: &File| file.metadata().is_ok_and(|metadata| metadata.len() == 0);
    File::open(line).is_ok_and(|file| file.try_lock().is_err() && is_empty(&file))
}

/// Leaves this process's own line at this path, which stays locked until the process is gone:
/// Ctrl-C ends all tools of a pipe at once, and none can wait for the others.
fn leave_at_signal(line: &Path) {
    let mut has_ended = HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    *has_ended = true;
    let Some(directory) = line.parent() else { return };
    let _alone = lock(directory);
    // A line whose file is not empty has been released.
    let _gone_already = std::fs::write(line, "x");
    let lines = lines(directory);
    if !lines.iter().any(|line| is_held(line)) {
        write(&"\n".repeat(lines.len().max(1)));
        let _gone_already = std::fs::remove_dir_all(directory);
    }
}

fn write(text: &str) {
    // There may be no reader; the job continues anyway.
    let _ignored = std::io::stderr().write_all(text.as_bytes());
}
