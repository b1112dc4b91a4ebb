//! The target of a directory that is being written: its path with links followed, what exists
//! there, and whether that may be replaced.

use super::foreign::{Expected, Fingerprint, Obstacle, is_mount_point, look_through};
use super::leftovers::remove_leftovers;
use super::staging::is_staging_name;
use crate::error::{Error, Result};
use crate::io::open::open_directory;
use crate::io::output_checks::{followed, refuse_planted_links};
use crate::text::escaped;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The target path, and what exists there.
#[derive(Debug)]
pub(super) struct Place {
    /// The path as it was typed, for messages.
    pub(super) shown: String,
    /// Absolute, without links or dots.
    path: PathBuf,
    /// The open directory at the path; `None` if nothing exists there.
    pub(super) found: Option<OwnedFd>,
}

impl Place {
    /// Looks up `path`. A link to a directory is kept, and the directory it points to is used.
    ///
    /// # Errors
    /// A path that is not a directory, or is not in one.
    pub(super) fn find(path: &Path) -> Result<Self> {
        let shown = escaped(&path.to_string_lossy());
        let cannot = |cause: &io::Error| Error::io(format_args!("cannot write {shown}"), cause);
        if path.as_os_str().is_empty() {
            return Err(Error::usage("\"\" is not the name of a directory to write"));
        }
        refuse_planted_links(path).map_err(|e| cannot(&e))?;
        let path = match std::fs::canonicalize(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => canonical_parent(path),
            path => path,
        };
        let path = path.map_err(|e| cannot(&e))?;
        let found = match open_directory(rustix::fs::CWD, &path) {
            Ok(directory) => Some(directory),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                return Err(Error::failed(format!(
                    "cannot write a tree of files to {shown}: it is not a directory"
                )));
            }
            Err(e) => return Err(cannot(&e)),
        };
        let place = Self { shown, path, found };
        remove_leftovers(place.parent(), place.name());
        if place.found.is_some() {
            remove_leftovers(&place.path, place.name());
        }
        Ok(place)
    }

    /// Opens what exists at the path now.
    ///
    /// # Errors
    /// The path exists and is not a directory.
    pub(super) fn look_again(&self, parent: &OwnedFd) -> io::Result<Option<OwnedFd>> {
        match open_directory(parent, self.name()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// Whether the path still leads to the directory that was found.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn is_still_there(&self) -> io::Result<bool> {
        let Some(found) = &self.found else { return Ok(false) };
        let now = match rustix::fs::lstat(&self.path) {
            Err(rustix::io::Errno::NOENT) => return Ok(false),
            now => now?,
        };
        let found = rustix::fs::fstat(found)?;
        Ok((now.st_dev, now.st_ino) == (found.st_dev, found.st_ino))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that contains the path; `/` is its own parent.
    pub(super) fn parent(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    pub(super) fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// Whether the directory exists and is not empty.
    ///
    /// # Errors
    /// A directory that cannot be read.
    pub(super) fn is_filled(&self) -> Result<bool> {
        if self.found.is_none() {
            return Ok(false);
        }
        let mut entries = std::fs::read_dir(&self.path).map_err(|e| self.cannot_write(&e))?;
        Ok(entries.next().is_some())
    }

    /// Refuses a directory that cannot be replaced or must not disappear: `/`, the current and the
    /// home directory and their ancestors, and mount points.
    ///
    /// # Errors
    /// Such a directory, with the reason.
    pub(super) fn refuse_irreplaceable(&self) -> Result<()> {
        let Some(found) = &self.found else { return Ok(()) };
        let holds = |other: Option<PathBuf>| {
            other.and_then(|o| o.canonicalize().ok()).is_some_and(|o| o.starts_with(&self.path))
        };
        let mounted = || is_mount_point(found, self.parent()).map_err(|e| self.cannot_write(&e));
        let what = if self.path.parent().is_none() {
            "the root directory"
        } else if holds(std::env::current_dir().ok()) {
            "the current directory, or contains it"
        } else if holds(std::env::home_dir()) {
            "the home directory, or contains it"
        } else if mounted()? {
            "a mount point"
        } else {
            return Ok(());
        };
        Err(Error::failed(format!(
            "cannot replace {}: it is {what} (write a directory inside it, or add \
             to it with --existing append)",
            self.shown
        )))
    }

    /// Returns the fingerprint of a directory in which all entries are expected and can be removed.
    ///
    /// # Errors
    /// The first entry that is unexpected or cannot be removed.
    pub(super) fn fingerprint(&self, found: &OwnedFd, expected: Expected) -> Result<Fingerprint> {
        let looked = look_through(found, expected).map_err(|e| self.cannot_write(&e))?;
        let (path, obstacle) = match looked {
            Ok(fingerprint) => return Ok(fingerprint),
            Err(obstacle) => obstacle,
        };
        let is_staging = path.iter().next().is_some_and(|name| is_staging_name(name, self.name()));
        let why = match obstacle {
            Obstacle::Foreign if is_staging => {
                "is in use by another stream-to-parquet that adds files"
            }
            Obstacle::Foreign => "is not part of a tree of Parquet files, and would be lost",
            Obstacle::Mounted => "is a mount point",
            Obstacle::Protected => "cannot be changed: permission denied",
        };
        let (shown, path) = (&self.shown, self.shown_entry(&path));
        Err(Error::failed(format!("cannot overwrite {shown}: {path} {why}")))
    }

    /// A path in the directory, as shown in messages.
    pub(super) fn shown_entry(&self, path: &Path) -> String {
        let path = escaped(&path.to_string_lossy());
        if path.is_empty() {
            self.shown.clone()
        } else {
            format!("{}/{path}", self.shown.trim_end_matches('/'))
        }
    }

    pub(super) fn cannot_write(&self, cause: &io::Error) -> Error {
        Error::io(format_args!("cannot write {}", self.shown), cause)
    }
}

/// The path of something that does not exist yet, in a directory that does.
fn canonical_parent(path: &Path) -> io::Result<PathBuf> {
    // Trailing slashes and dots are dropped: they would make the system follow a link.
    let path = followed(&path.components().collect::<PathBuf>())?;
    let missing = || io::Error::from(rustix::io::Errno::NOENT);
    let name = path.file_name().ok_or_else(missing)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(std::fs::canonicalize(parent.unwrap_or(Path::new(".")))?.join(name))
}
