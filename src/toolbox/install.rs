//! `--install`: links to the executable, manuals and completions.

use super::Tools;
use super::layout::{Content, Entry, Kind, Layout, ZSH_DIRECTORY};
use super::made::Made;
use super::record::Record;
use super::report::{Report, is_in_path};
use super::state::{Identity, State, failed};
use crate::command::Tool;
use crate::error::{Error, Result};
use crate::text::escaped;
use std::path::{Path, PathBuf};

/// Makes a link per tool in `directory`, and manuals and completions if it is named `bin`. Either all
/// are made or none. Returns a report for people.
///
/// # Errors
/// A file of others in the place of one of these; I/O errors.
pub fn install(tools: &Tools, own: &dyn Tool, directory: &Path) -> Result<String> {
    let executable = executable()?;
    let identity = Identity::of(&executable)?;
    let layout = Layout::new(tools, own, &executable, directory)?;
    let missing = missing_directories(&layout)?;
    let states = check(&layout, identity)?;
    let record = layout.prefix.as_deref().map(Record::read).transpose()?;
    let is_complete = states.iter().all(|s| matches!(s, State::Ours | State::Equivalent));

    let mut made = Made::default();
    missing.into_iter().try_for_each(|directory| made.directory(directory))?;
    let mut report = Report::new(&layout);
    for (entry, state) in layout.entries.iter().zip(states) {
        report.add(entry.kind, make(entry, state, &mut made)?);
    }
    // If nothing was made, the files may be those of a package.
    record.filter(|_| !is_complete).map(|record| record.write(&mut made)).transpose()?;
    made.keep();

    hints(&layout, tools, &mut report);
    Ok(report.text())
}

/// Reports what a person may have to do next.
fn hints(layout: &Layout, tools: &Tools, report: &mut Report) {
    report.unknown_links(tools);
    if layout.prefix.is_none() {
        report.line("no manuals and completions: they are installed if the directory is named bin");
    }
    // The other shells look beside the directories in PATH, or in those of XDG.
    let uses_zsh = std::env::var("SHELL").is_ok_and(|shell| shell.ends_with("/zsh"));
    if let Some(prefix) = layout.prefix.as_deref().filter(|_| uses_zsh) {
        let directory = escaped(&prefix.join("share").join(ZSH_DIRECTORY).to_string_lossy());
        report.line(&format!("zsh finds completions in {directory} only if it is in fpath"));
    }
    if !is_in_path(&layout.directory) {
        let directory = escaped(&layout.directory.to_string_lossy());
        report.line(&format!("{directory} is not in PATH"));
    }
}

/// The path of this executable.
///
/// # Errors
/// An executable that was removed or replaced since it was started.
pub(super) fn executable() -> Result<PathBuf> {
    let path = std::env::current_exe().and_then(|path| path.canonicalize());
    path.map_err(|error| Error::io("cannot find this executable", &error))
}

/// The directories to be made, parents first.
fn missing_directories(layout: &Layout) -> Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    for directory in layout.directories() {
        match std::fs::metadata(&directory) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                let path = escaped(&directory.to_string_lossy());
                return Err(Error::failed(format!("{path} is not a directory")));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => missing.push(directory),
            Err(error) => return Err(failed(&directory, &error)),
        }
    }
    Ok(missing)
}

/// The states of all files, none of which is a file of others.
fn check(layout: &Layout, executable: Identity) -> Result<Vec<State>> {
    let states = layout.entries.iter().map(|entry| entry.state(executable));
    let states: Vec<State> = states.collect::<Result<_>>()?;
    let mut foreign = layout.entries.iter().zip(&states).filter(|(_, s)| **s == State::Foreign);
    let Some((first, _)) = foreign.next() else { return Ok(states) };
    let what = match first.kind {
        Kind::Command => "exists and is not a link to this executable",
        Kind::Completion => "exists and is not a completion of arrow-pipes",
        Kind::Manual => "exists and is not a manual of arrow-pipes",
    };
    let more = foreign.count();
    let more = if more > 0 { format!(" ({more} more like it)") } else { String::new() };
    Err(Error::failed(format!(
        "{} {what}{more}; nothing was installed: remove it, or choose another directory",
        escaped(&first.path.to_string_lossy())
    )))
}

/// Makes one file, and returns what was done.
fn make(entry: &Entry, state: State, made: &mut Made) -> Result<&'static str> {
    let path = &entry.path;
    match (state, &entry.content) {
        (State::Missing, Content::Link(target)) => made.link(path, target).map(|()| "made"),
        (State::Missing, Content::Text(text)) => made.text(path, text).map(|()| "made"),
        (State::Older(former), content) => made.replace(path, former, content).map(|()| "replaced"),
        _ => Ok("already there"),
    }
}
