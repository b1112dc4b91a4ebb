//! The report of an installation: what was done to how many files, and where.

use super::layout::{Kind, Layout};
use super::{NAME, Tools, by_call};
use crate::text::escaped;
use std::path::{Path, PathBuf};

/// Counts files by their kind and by what was done.
pub(super) struct Report {
    directory: PathBuf,
    prefix: Option<PathBuf>,
    counts: Vec<(Kind, &'static str, usize)>,
    lines: Vec<String>,
}

impl Report {
    /// An empty report.
    pub(super) fn new(layout: &Layout) -> Self {
        let (directory, prefix) = (layout.directory.clone(), layout.prefix.clone());
        Self { directory, prefix, counts: Vec::new(), lines: Vec::new() }
    }

    /// Counts a file to which something was done: `made`.
    pub(super) fn add(&mut self, kind: Kind, done: &'static str) {
        match self.counts.iter_mut().find(|(other, text, _)| (*other, *text) == (kind, done)) {
            Some((_, _, count)) => *count += 1,
            None => self.counts.push((kind, done, 1)),
        }
    }

    /// Adds a line about something else.
    pub(super) fn line(&mut self, text: &str) {
        self.lines.push(text.to_owned());
    }

    /// Adds a line about each link to `arrow-pipes` that is none of the tools: one of another version.
    pub(super) fn unknown_links(&mut self, tools: &Tools) {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let mut unknown: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| std::fs::read_link(path).is_ok_and(|target| target == Path::new(NAME)))
            .filter(|path| path.file_name().is_some_and(|name| by_call(tools, name).is_none()))
            .collect();
        unknown.sort();
        for path in unknown {
            let path = escaped(&path.to_string_lossy());
            self.line(&format!("{path}: left, a link to {NAME} that is none of its tools"));
        }
    }

    /// The number of files counted.
    pub(super) fn files(&self) -> usize {
        self.counts.iter().map(|(_, _, count)| count).sum()
    }

    /// `/usr/local/bin: 20 links made`, and the other lines.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (kind, done, count) in &self.counts {
            let (place, noun) = match (kind, &self.prefix) {
                (Kind::Manual, Some(prefix)) => (prefix.join("share/man"), "manual"),
                (Kind::Completion, Some(prefix)) => (prefix.join("share"), "completion"),
                _ => (self.directory.clone(), "link"),
            };
            let plural = if *count == 1 { "" } else { "s" };
            let place = escaped(&place.to_string_lossy());
            text.push_str(&format!("{place}: {count} {noun}{plural} {done}\n"));
        }
        for line in &self.lines {
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}

/// Whether a shell finds the commands of this directory.
pub(super) fn is_in_path(directory: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .any(|other| other.canonicalize().is_ok_and(|other| other == directory))
}
