//! Compares a file with the one that `--install` makes in its place.

use super::NAME;
use super::layout::{Content, Entry, Kind, MARK};
use crate::error::{Error, Result};
use crate::text::escaped;
use std::fs::{Metadata, read, read_link, symlink_metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The state of a file before it is made or removed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    /// It is as `--install` makes it.
    Ours,
    /// It is a file of another version or of another copy of the executable.
    Older(Former),
    /// It does the same, but `--install` did not make it: for example a hard link to the executable.
    Equivalent,
    Foreign,
}

/// The content of a file or link that is replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Former {
    Text(Vec<u8>),
    /// A symbolic link with this target.
    Link(PathBuf),
}

/// The executable, by which links to it are recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// The identity of the file to which a path leads.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn of(path: &Path) -> Result<Self> {
        std::fs::metadata(path).map(|found| Self::from(&found)).map_err(|e| failed(path, &e))
    }

    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

impl Entry {
    /// Finds out what is in the place of this file.
    ///
    /// # Errors
    /// I/O errors other than a missing file.
    pub(super) fn state(&self, executable: Identity) -> Result<State> {
        let found = match symlink_metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::Missing),
            Err(error) => return Err(failed(&self.path, &error)),
        };
        let text = || read(&self.path).map_err(|e| failed(&self.path, &e));
        match &self.content {
            Content::Text(ours) if found.is_file() => Ok(state_of_text(text()?, ours)),
            Content::Text(_) => Ok(State::Foreign),
            Content::Link(ours) if found.is_symlink() => {
                let target = read_link(&self.path).map_err(|e| failed(&self.path, &e))?;
                Ok(self.state_of_link(target, ours, executable))
            }
            // An archive or a package has whole completions where `--install` makes links.
            Content::Link(_) if self.kind == Kind::Completion && found.is_file() => {
                Ok(if has_mark(&text()?) { State::Equivalent } else { State::Foreign })
            }
            Content::Link(_) if self.leads_to(executable) => Ok(State::Equivalent),
            Content::Link(_) => Ok(State::Foreign),
        }
    }

    /// The state of an existing link. The links of the tools lead to `arrow-pipes` in the same
    /// directory, so only that one may lead to another copy of the executable.
    fn state_of_link(&self, target: PathBuf, ours: &Path, executable: Identity) -> State {
        if target == ours {
            State::Ours
        } else if self.kind == Kind::Command && self.leads_to(executable) {
            State::Equivalent
        } else if self.is_own_link() && is_copy(&target) {
            State::Older(Former::Link(target))
        } else {
            State::Foreign
        }
    }

    /// Whether this is the link `arrow-pipes`.
    pub(super) fn is_own_link(&self) -> bool {
        self.kind == Kind::Command && self.path.file_name().is_some_and(|name| name == NAME)
    }

    fn leads_to(&self, executable: Identity) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|found| Identity::from(&found) == executable)
    }
}

/// Whether a link leads to a copy of the executable, by its name: `arrow-pipes` or `arrow-pipes-0.2`.
fn is_copy(target: &Path) -> bool {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let version = name.strip_prefix(NAME);
    version.is_some_and(|version| {
        let digit = version.strip_prefix('-').and_then(|rest| rest.chars().next());
        version.is_empty() || digit.is_some_and(|digit| digit.is_ascii_digit())
    })
}

fn state_of_text(found: Vec<u8>, ours: &str) -> State {
    if found == ours.as_bytes() {
        State::Ours
    } else if has_mark(&found) {
        State::Older(Former::Text(found))
    } else {
        State::Foreign
    }
}

fn has_mark(text: &[u8]) -> bool {
    // The first line of a completion of zsh has a meaning.
    let mut start = text.split(|byte| *byte == b'\n').take(3);
    start.any(|line| line.windows(MARK.len()).any(|part| part == MARK.as_bytes()))
}

/// A failure that names a path.
pub(super) fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::io(escaped(&path.to_string_lossy()), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_our_mark_is_of_another_version() {
        let state = |found: &str| state_of_text(found.as_bytes().to_vec(), "#compdef\n# new\n");
        assert_eq!(state("#compdef\n# new\n"), State::Ours);
        let older = format!("#compdef\n# {MARK}.\n");
        assert_eq!(state(&older), State::Older(Former::Text(older.into())));
        assert_eq!(state("#compdef\n"), State::Foreign);
        assert_eq!(state(&format!("1\n2\n3\n# {MARK}.\n")), State::Foreign);
        assert_eq!(state(""), State::Foreign);
    }

    #[test]
    fn a_copy_of_the_executable_is_known_by_its_name() {
        let is_copy = |path: &str| is_copy(Path::new(path));
        assert!(is_copy("/opt/arrow-pipes") && is_copy("arrow-pipes-0.3.1"));
        assert!(!is_copy("/bin/true") && !is_copy("arrow-pipes-wrapper") && !is_copy(".."));
    }
}
