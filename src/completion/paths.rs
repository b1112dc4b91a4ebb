//! Files and directories for an unfinished path.

use super::candidate::Candidate;
use std::path::PathBuf;

/// The paths that begin with `typed`: directories, and the files with one of the endings. If there
/// is no such file, all files, because a name need not show the format.
pub(super) fn paths(typed: &str, endings: &[&str]) -> Vec<Candidate> {
    let (mut directories, files) = entries(typed);
    let has_ending = |path: &&String| endings.iter().any(|ending| path.ends_with(ending));
    let fitting: Vec<String> = files.iter().filter(has_ending).cloned().collect();
    directories.extend(if fitting.is_empty() { files } else { fitting });
    directories.sort();
    directories.into_iter().map(candidate).collect()
}

/// The directories that begin with `typed`.
pub(super) fn directories(typed: &str) -> Vec<Candidate> {
    let (mut directories, _) = entries(typed);
    directories.sort();
    directories.into_iter().map(candidate).collect()
}

/// The path with the home directory for `~`.
pub(super) fn with_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// The directories, with a slash at the end, and the files that begin with `typed`.
fn entries(typed: &str) -> (Vec<String>, Vec<String>) {
    let start = typed.rfind('/').map_or(0, |slash| slash + 1);
    let (directory, begun) = typed.split_at(start);
    let place = if directory.is_empty() { "./" } else { directory };
    let Ok(entries) = std::fs::read_dir(with_home(place)) else { return Default::default() };
    let (mut directories, mut files) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_hidden = name.starts_with('.') && !begun.starts_with('.');
        if !name.starts_with(begun) || is_hidden || name.contains(char::is_control) {
            continue;
        }
        // Links are followed.
        if entry.path().is_dir() {
            directories.push(format!("{directory}{name}/"));
        } else {
            files.push(format!("{directory}{name}"));
        }
    }
    (directories, files)
}

fn candidate(path: String) -> Candidate {
    let continues = path.ends_with('/');
    Candidate { continues, ..Candidate::word(path) }
}
