//! Compares a file with the one that `--install` makes in its place.

use super::layout::{Content, Entry, Kind, MARK};
use crate::error::{Error, Result};
use crate::text::escaped;
use std::fs::{Metadata, read, read_link, symlink_metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The state of a file before it is made or removed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    /// It is as `--install` makes it.
    Ours,
    /// It is the file of another version, with this content.
    Older(Vec<u8>),
    /// It does the same, but `--install` did not make it: for example a hard link to the executable.
    Equivalent,
    Foreign,
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
        match &self.content {
            Content::Text(text) if found.is_file() => {
                let bytes = read(&self.path).map_err(|e| failed(&self.path, &e))?;
                Ok(state_of_text(bytes, text))
            }
            Content::Text(_) => Ok(State::Foreign),
            Content::Link(target) => {
                let same = found.is_symlink()
                    && read_link(&self.path).map_err(|e| failed(&self.path, &e))? == *target;
                Ok(self.state_of_link(same, executable))
            }
        }
    }

    /// The state of an existing file in the place of a link. `same`: it is a link with our target.
    fn state_of_link(&self, same: bool, executable: Identity) -> State {
        // A link that leads nowhere is one whose executable was removed, or is not linked yet.
        let end = std::fs::metadata(&self.path).ok().map(|found| Identity::from(&found));
        let leads_to_us = self.kind != Kind::Command || end.is_none_or(|end| end == executable);
        if same && leads_to_us {
            State::Ours
        } else if self.kind == Kind::Command && end == Some(executable) {
            State::Equivalent
        } else {
            State::Foreign
        }
    }
}

fn state_of_text(found: Vec<u8>, text: &str) -> State {
    if found == text.as_bytes() {
        return State::Ours;
    }
    // The first line of a completion of zsh has a meaning.
    let mut start = found.split(|byte| *byte == b'\n').take(3);
    let has_mark = start.any(|line| line.windows(MARK.len()).any(|part| part == MARK.as_bytes()));
    if has_mark { State::Older(found) } else { State::Foreign }
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
        assert_eq!(state(&older), State::Older(older.into()));
        assert_eq!(state("#compdef\n"), State::Foreign);
        assert_eq!(state(&format!("1\n2\n3\n# {MARK}.\n")), State::Foreign);
        assert_eq!(state(""), State::Foreign);
    }
}
