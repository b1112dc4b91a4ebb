//! `--uninstall`: removes what `--install` made.

use super::Tools;
use super::install::executable;
use super::layout::Layout;
use super::record::Record;
use super::report::Report;
use super::state::{Identity, State, failed};
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
    let mut report = Report::new(&layout);
    for (entry, state) in layout.entries.iter().zip(states) {
        match state {
            State::Missing => {}
            State::Ours | State::Older(_) => {
                std::fs::remove_file(&entry.path).map_err(|e| failed(&entry.path, &e))?;
                report.add(entry.kind, "removed");
            }
            State::Equivalent | State::Foreign => {
                let path = escaped(&entry.path.to_string_lossy());
                report.line(&format!("{path}: left, not made by --install"));
            }
        }
    }
    record.map(Record::remove).transpose()?;
    if report.is_empty() {
        report.line("nothing to remove");
    }
    Ok(report.text())
}
