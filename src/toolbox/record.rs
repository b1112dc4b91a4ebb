//! The directories that `--install` made, recorded so that `--uninstall` removes no others.

use super::layout::{Content, MARK};
use super::made::Made;
use super::state::{Former, failed};
use crate::error::{Error, Result};
use crate::text::escaped;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The file below the prefix that contains the record.
const FILE: &str = "share/arrow-pipes/directories";

/// The record of one prefix.
pub(super) struct Record {
    prefix: PathBuf,
    /// The content of the file, if it exists.
    former: Option<Vec<u8>>,
    /// Paths relative to the prefix.
    directories: BTreeSet<PathBuf>,
}

impl Record {
    /// Reads the record of earlier installations.
    ///
    /// # Errors
    /// I/O errors; another file in its place.
    pub(super) fn read(prefix: &Path) -> Result<Self> {
        let path = prefix.join(FILE);
        let former = match std::fs::metadata(&path) {
            // Opening a FIFO would wait for a writer.
            Ok(found) if !found.is_file() => Some(Vec::new()),
            Ok(_) => Some(std::fs::read(&path).map_err(|error| failed(&path, &error))?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed(&path, &error)),
        };
        let text = String::from_utf8_lossy(former.as_deref().unwrap_or_default()).into_owned();
        if former.is_some() && !text.contains(MARK) {
            let path = escaped(&path.to_string_lossy());
            return Err(Error::failed(format!("{path} is not a record of arrow-pipes: remove it")));
        }
        Ok(Self { prefix: prefix.to_owned(), former, directories: parsed(&text) })
    }

    /// Whether `--install` made something here.
    pub(super) fn exists(&self) -> bool {
        self.former.is_some()
    }

    /// Adds the directories that were made, and writes the record, also if there are none: it shows
    /// that the files are not those of a package.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn write(mut self, made: &mut Made) -> Result<()> {
        let path = self.prefix.join(FILE);
        let below = |path: &PathBuf| path.strip_prefix(&self.prefix).ok().map(Path::to_owned);
        let added: BTreeSet<PathBuf> =
            made.directories().iter().filter_map(below).filter(|path| is_valid(path)).collect();
        if added.is_empty() && self.exists() {
            return Ok(());
        }
        self.directories.extend(added);
        if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
            made.directory(parent.to_owned())?;
            self.directories.extend(below(&parent.to_owned()));
        }
        let mut text = format!("# {MARK}: the directories that --install made.\n");
        for directory in &self.directories {
            text.push_str(&format!("{}\n", directory.display()));
        }
        match self.former {
            Some(former) => made.replace(&path, Former::Text(former), &Content::Text(text)),
            None => made.text(&path, &text),
        }
    }

    /// Removes the record, and the recorded directories that are empty.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn remove(self) -> Result<()> {
        if self.former.is_some() {
            let path = self.prefix.join(FILE);
            std::fs::remove_file(&path).map_err(|e| failed(&path, &e))?;
        }
        for directory in self.directories.iter().rev() {
            // It may contain files of others.
            let _ignored = std::fs::remove_dir(self.prefix.join(directory));
        }
        Ok(())
    }
}

fn parsed(text: &str) -> BTreeSet<PathBuf> {
    text.lines().map(PathBuf::from).filter(|path| is_valid(path)).collect()
}

/// Whether a path is in `share` and leads nowhere else.
fn is_valid(path: &Path) -> bool {
    path.starts_with("share") && path.components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_in_share_are_removed() {
        let text = format!("# {MARK}\nshare\nshare/man\nbin\n/share\nshare/../bin\n\n");
        let paths: Vec<PathBuf> = parsed(&text).into_iter().collect();
        assert_eq!(paths, [Path::new("share"), Path::new("share/man")]);
    }
}
