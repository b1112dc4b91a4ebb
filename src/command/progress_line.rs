//! A terminal line for each tool of a pipe, so that the tools do not overwrite each other's
//! progress.
//!
//! The cursor rests on the first line. To show its progress, a tool moves down to its own line,
//! writes it, and moves back, all in one write, without knowing what the others show. The lines are
//! assigned in a directory shared by the processes of one group (a pipe is one): it has a file for
//! each line, locked by its tool while it runs. The last tool to end moves below all lines and
//! removes the directory, even if a signal ends it. If there is no such directory, every tool uses
//! the first line.

use crate::io::{OwnDirectory, forget_on_signal, on_signal};
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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
    directory: Arc<OwnDirectory>,
    path: PathBuf,
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
        let text = format!("{down}\r\x1b[K{text}{up}");
        let has_ended = HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*has_ended {
            write(&text);
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
        let path = path();
        remove_left_behind(&path);
        let directory = Arc::new(OwnDirectory::make(&path)?);
        let _alone = lock(&directory)?;
        let mut lines = lines(&directory);
        if !(0..lines).any(|place| is_held(&directory, place)) {
            // Left over from tools that were killed.
            (0..lines).for_each(|place| directory.remove_file(&line_name(place)));
            lines = 0;
        }
        let own = directory.make_file(&line_name(lines))?;
        own.try_lock().ok()?;
        let (shared, at) = (Arc::clone(&directory), path.clone());
        // Fails where a process cannot watch for signals; the line is then left as it is.
        let _refused = on_signal(path.join(line_name(lines)), move |_| {
            leave_at_signal(&shared, &at, lines);
        });
        Some((Self { directory, path, own, place: lines }, lines))
    }

    /// Leaves the group. Returns the number of lines if no other process still has one.
    fn leave(self) -> Option<usize> {
        forget_on_signal(&self.path.join(line_name(self.place)));
        let _alone = lock(&self.directory);
        drop(self.own);
        let lines = lines(&self.directory);
        if (0..lines).any(|place| is_held(&self.directory, place)) {
            return None;
        }
        self.directory.remove(&self.path);
        Some(lines.max(1))
    }
}

/// The directory of this user and process group.
fn path() -> PathBuf {
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
        if is_ours
            && path != own
            && let Some(directory) = OwnDirectory::open(&path)
        {
            let lines = lines(&directory);
            if lines > 0 && !(0..lines).any(|place| is_held(&directory, place)) {
                directory.remove(&path);
            }
        }
    }
}

/// Waits for exclusive access to the directory, which lasts until the file is dropped.
fn lock(directory: &OwnDirectory) -> Option<File> {
    let file = directory.make_file("lock")?;
    file.lock().ok()?;
    Some(file)
}

/// The number of lines that have files.
fn lines(directory: &OwnDirectory) -> usize {
    (0..).take_while(|place| directory.file(&line_name(*place)).is_some()).count()
}

fn line_name(place: usize) -> String {
    format!("line-{place}")
}

/// Whether a process holds the line and has not released it.
fn is_held(directory: &OwnDirectory, place: usize) -> bool {
    let is_empty = |file: &File| file.metadata().is_ok_and(|metadata| metadata.len() == 0);
    let line = directory.file(&line_name(place));
    line.is_some_and(|file| file.try_lock().is_err() && is_empty(&file))
}

/// Leaves this process's own line, which stays locked until the process is gone: Ctrl-C ends all
/// tools of a pipe at once, and none can wait for the others.
fn leave_at_signal(directory: &OwnDirectory, path: &Path, place: usize) {
    let mut has_ended = HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner);
    *has_ended = true;
    let _alone = lock(directory);
    // A line whose file is not empty has been released.
    if let Some(mut own) = directory.make_file(&line_name(place)) {
        let _gone_already = own.write_all(b"x");
    }
    let lines = lines(directory);
    if !(0..lines).any(|place| is_held(directory, place)) {
        write(&"\n".repeat(lines.max(1)));
        directory.remove(path);
    }
}

fn write(text: &str) {
    // There may be no reader; the job continues anyway.
    let _ignored = std::io::stderr().write_all(text.as_bytes());
}
