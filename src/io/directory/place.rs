//! Where a directory shall appear: the path with its links followed, what is there, and whether that
//! may be replaced at all.

use super::foreign::{Expected, Fingerprint, Obstacle, is_mount_point, look_through};
use super::staging::{is_staging_name, open_directory, remove_leftovers};
use crate::error::{Error, Result};
use crate::io::output::followed;
use crate::text::escaped;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The place.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was typed, for messages.
    pub(super) shown: String,
    /// Absolute, without links and dots.
    path: PathBuf,
    /// What is there: nothing, or an open directory.
    pub(super) found: Option<OwnedFd>,
}

impl Place {
    /// Looks at what `path` names. A link to a directory stays, and the directory is meant.
    ///
    /// # Errors
    /// What is no directory, or lies in none.
    pub(super) fn find(path: &Path) -> Result<Self> {
        let shown = escaped(&path.to_string_lossy());
        let cannot = |cause: &io::Error| Error::io(format_args!("cannot write {shown}"), cause);
        if path.as_os_str().is_empty() {
            return Err(Error::usage("\"\" names no directory to write"));
        }
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
                    "cannot write a tree of files to {shown}: it is no directory"
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

    /// What is at the place now.
    ///
    /// # Errors
    /// Something else than a directory.
    pub(super) fn look_again(&self, parent: &OwnedFd) -> io::Result<Option<OwnedFd>> {
        match open_directory(parent, self.name()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// Whether the directory that was found is what the place's name leads to.
    ///
    /// # Errors
    /// What the system says.
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

    /// The directory that the place lies in; `/` lies in itself.
    pub(super) fn parent(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    pub(super) fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// Whether there is a directory with anything in it.
    ///
    /// # Errors
    /// A directory that may not be read.
    pub(super) fn is_filled(&self) -> Result<bool> {
        if self.found.is_none() {
            return Ok(false);
        }
        let mut entries = std::fs::read_dir(&self.path).map_err(|e| self.cannot_write(&e))?;
        Ok(entries.next().is_some())
    }

    /// A directory in whose stead no other can be put, or that everybody would miss: `/`, the current
    /// and the home directory and what they lie in, mount points.
    ///
    /// # Errors
    /// Such a directory, by what it is.
    pub(super) fn refuse_irreplaceable(&self) -> Result<()> {
        let Some(found) = &self.found else { return Ok(()) };
        let holds = |other: Option<PathBuf>| {
            other.and_then(|o| o.canonicalize().ok()).is_some_and(|o| o.starts_with(&self.path))
        };
        let mounted = || is_mount_point(found, self.parent()).map_err(|e| self.cannot_write(&e));
        let what = if self.path.parent().is_none() {
            "the root of all directories"
        } else if holds(std::env::current_dir().ok()) {
            "the current directory, or holds it"
        } else if holds(std::env::home_dir()) {
            "the home directory, or holds it"
        } else if mounted()? {
            "a mount point"
        } else {
            return Ok(());
        };
        Err(Error::failed(format!(
            "cannot replace {}: it is {what} (a directory in it can be written, and \
             --existing append adds to it)",
            self.shown
        )))
    }

    /// What a directory holds, in which all is expected and can be removed.
    ///
    /// # Errors
    /// The first entry that is not so.
    pub(super) fn fingerprint(&self, found: &OwnedFd, expected: Expected) -> Result<Fingerprint> {
        let looked = look_through(found, expected).map_err(|e| self.cannot_write(&e))?;
        let (path, obstacle) = match looked {
            Ok(fingerprint) => return Ok(fingerprint),
            Err(obstacle) => obstacle,
        };
        let is_staging = path.iter().next().is_some_and(|name| is_staging_name(name, self.name()));
        let why = match obstacle {
            Obstacle::Foreign if is_staging => "is where another stream-to-parquet adds to it",
            Obstacle::Foreign => "is no part of a tree of Parquet files, and would be lost",
            Obstacle::Mounted => "is a mount point",
            Obstacle::Protected => "may not be changed: permission denied",
        };
        let (shown, path) = (&self.shown, self.shown_entry(&path));
        Err(Error::failed(format!("cannot overwrite {shown}: {path} {why}")))
    }

    /// A path in the directory, for messages.
    pub(super) fn shown_entry(&self, path: &Path) -> String {
        let path = escaped(&path.to_string_lossy());
        match path.is_empty() {
            true => self.shown.clone(),
            false => format!("{}/{path}", self.shown.trim_end_matches('/')),
        }
    }

    pub(super) fn cannot_write(&self, cause: &io::Error) -> Error {
        Error::io(format_args!("cannot write {}", self.shown), cause)
    }
}

/// The path of something that is not there yet, in a directory that is.
fn canonical_parent(path: &Path) -> io::Result<PathBuf> {
    // Without slashes and dots at the end, which would let the system follow a link.
    let path = followed(&path.components().collect::<PathBuf>());
    let missing = || io::Error::from(rustix::io::Errno::NOENT);
    let name = path.file_name().ok_or_else(missing)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(std::fs::canonicalize(parent.unwrap_or(Path::new(".")))?.join(name))
}
