//! `--uninstall`: removes what `--install` made.

use super::Tools;
use super::install::executable;
use super::layout::{Entry, Layout};
use super::record::Record;
use super::report::Report;
use super::state::{Identity, State};
use crate::command::Tool;
use crate::error::{Error, Result};
use crate::text::escaped;
use std::path::Path;

/// Removes what [`install`](super::install()) makes for `directory`: links to this executable,
/// manuals, completions, and the directories in `share` that it made. Returns a report for people.
///
/// # Errors
/// Files of a package, which `--install` did not make; I/O errors.
pub fn uninstall(tools: &Tools, own: &dyn Tool, directory: &Path) -> Result<String> {
    let executable = executable()?;
    let identity = Identity::of(&executable)?;
    let layout = Layout::new(tools, own, &executable, directory)?;
    let record = layout.prefix.as_deref().map(Record::read).transpose()?;

    // All states first: without `arrow-pipes`, links to it would lead nowhere.
    let states = layout.entries.iter().map(|entry| entry.state(identity));
    let states: Vec<State> = states.collect::<Result<_>>()?;
    let is_recorded = record.as_ref().is_none_or(Record::exists);
    if !is_recorded && states.iter().any(|state| matches!(state, State::Ours | State::Older(_))) {
        return Err(Error::failed(format!(
            "--install made nothing in {}; remove a package by the program that installed it",
            escaped(&layout.directory.to_string_lossy())
        )));
    }
    check(&layout, &states)?;
    let mut report = Report::new(&layout);
    let mut failures = Vec::new();
    let mut found: Vec<(&Entry, State)> = layout.entries.iter().zip(states).collect();
    // `arrow-pipes` last: if something else cannot be removed, it can try again.
    found.sort_by_key(|(entry, _)| entry.is_own_link());
    for (entry, state) in found {
        match state {
            State::Missing => {}
            State::Ours | State::Older(_) if entry.is_own_link() && !failures.is_empty() => {}
            State::Ours | State::Older(_) => match std::fs::remove_file(&entry.path) {
                Ok(()) => report.add(entry.kind, "removed"),
                Err(error) => failures.push((&entry.path, error)),
            },
            State::Equivalent | State::Foreign => {
                let path = escaped(&entry.path.to_string_lossy());
                report.line(&format!("{path}: left, not made by --install"));
            }
        }
    }
    if let Some((path, error)) = failures.first() {
        return Err(incomplete(path, error, failures.len() - 1, &report));
    }
    record.map(Record::remove).transpose()?;
    report.unknown_links(tools);
    if report.files() == 0 {
        report.line("nothing to remove");
    }
    Ok(report.text())
}

/// Fails if `arrow-pipes` is another executable: its links are not ours.
fn check(layout: &Layout, states: &[State]) -> Result<()> {
    let mut removed = states.iter().filter(|s| matches!(s, State::Ours | State::Older(_)));
    let mut others = layout
        .entries
        .iter()
        .zip(states)
        .filter(|(entry, state)| **state == State::Foreign && entry.is_own_link());
    match (others.next(), removed.next()) {
        (Some((entry, _)), Some(_)) => {
            let path = escaped(&entry.path.to_string_lossy());
            let directory = escaped(&layout.directory.to_string_lossy());
            Err(Error::failed(format!(
                "{path} is another executable; nothing was removed: run {path} --uninstall {directory}"
            )))
        }
        _ => Ok(()),
    }
}

/// The failure to remove a file, and how far it went.
fn incomplete(path: &Path, error: &std::io::Error, more: usize, report: &Report) -> Error {
    let path = escaped(&path.to_string_lossy());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let removed = report.files();
    Error::io(format_args!("cannot remove {path}{more} ({removed} files were removed)"), error)
}
