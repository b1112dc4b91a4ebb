//! A directory being written, and the single step that puts it in its place.

mod put_in_place;

use super::foreign::{Expected, Fingerprint};
use super::place::Place;
use super::staged_file::StagedFile;
use super::staging::Staging;
use crate::error::{Error, Result};
use crate::io::output::Output;
use crate::io::signals;
use crate::text::escaped;
use rustix::fs::{Gid, Mode};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The treatment of a directory that already exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// Report an error, unless it is empty: then nothing can be lost.
    #[default]
    Error,
    /// Exchange it for the new one, and remove it.
    Overwrite,
    /// Add the new files to it.
    Append,
}

impl Existing {
    /// All treatments, by their names on the command line.
    pub const WORDS: &[(&str, Self)] =
        &[("error", Self::Error), ("overwrite", Self::Overwrite), ("append", Self::Append)];
}

/// A directory that is being written. If it is dropped without [`PendingDirectory::commit`],
/// nothing remains.
#[derive(Debug)]
pub struct PendingDirectory {
    staging: Staging,
    place: Place,
    manner: Placement,
    sync: bool,
    /// The files by their paths in the directory, in the order in which they were started.
    files: Vec<PathBuf>,
    unfinished: Arc<AtomicUsize>,
    /// Each file is put in its place as soon as it is complete.
    is_growing: bool,
    /// Declared after the staging directory, which is inside it, so that it is dropped later.
    _made: Option<MadeDirectory>,
}

#[derive(Debug, Clone, Copy)]
enum Placement {
    /// The target does not exist, or is an empty directory.
    Rename,
    /// The target is a directory with expected entries only; its fingerprint at the start is kept.
    Exchange(Expected, Fingerprint),
    /// Files are added one by one: to an existing directory, or to an empty directory that a rename
    /// cannot replace.
    Add,
}

impl PendingDirectory {
    /// Starts a directory at `path`, after checking what exists there. Only `expected` entries are
    /// ever replaced.
    ///
    /// # Errors
    /// A directory that must not be replaced, or whose parent is not writable.
    pub fn create(path: &Path, existing: Existing, sync: bool, expected: Expected) -> Result<Self> {
        signals::make_file_size_limit_an_error();
        let place = Place::find(path)?;
        let is_filled = place.is_filled()?;
        let manner = match existing {
            Existing::Append if place.found.is_some() => Placement::Add,
            Existing::Overwrite if is_filled => {
                place.refuse_irreplaceable()?;
                replaced(&place, expected)?
            }
            Existing::Error if is_filled => {
                return Err(Error::failed(format!(
                    "{} exists and is not empty: --existing overwrite replaces it, \
                     --existing append adds to it",
                    place.shown
                )));
            }
            // A directory that cannot be replaced is filled instead.
            _ if place.found.is_some() && place.refuse_irreplaceable().is_err() => Placement::Add,
            _ => Placement::Rename,
        };
        // Files are staged inside the directory, so that they are on the same file system and
        // inherit what files in the directory inherit. A new directory is staged beside its target
        // for the same reasons.
        let within = match manner {
            Placement::Add => place.path(),
            Placement::Rename | Placement::Exchange(..) => place.parent(),
        };
        let staging = Staging::create(within, place.name());
        let staging = staging.map_err(|e| cannot_stage(&place, within, &e))?;
        if let (Placement::Rename | Placement::Exchange(..), Some(found)) = (manner, &place.found) {
            // From the start, so that everything made in it inherits the right properties in a
            // shared directory.
            keep_group_and_mode(found, staging.tree(), Mode::RWXU)
                .map_err(|e| place.cannot_write(&e))?;
        }
        let (files, unfinished) = (Vec::new(), Arc::default());
        let (is_growing, made) = (false, None);
        let pending =
            Self { staging, place, manner, sync, files, unfinished, is_growing, _made: made };
        pending.try_exchange()?;
        Ok(pending)
    }

    /// Starts adding to a directory, which is made if it does not exist. Readers see it grow: each
    /// file appears as soon as it is complete, and stays even if a later one fails.
    ///
    /// # Errors
    /// Those of [`PendingDirectory::create`].
    pub fn create_growing(path: &Path, sync: bool, expected: Expected) -> Result<Self> {
        let shown = escaped(&path.to_string_lossy());
        let made = MadeDirectory::make(path);
        let made = made.map_err(|e| Error::io(format_args!("cannot write {shown}"), &e))?;
        let pending = Self::create(path, Existing::Append, sync, expected)?;
        Ok(Self { is_growing: true, _made: made, ..pending })
    }

    /// Starts a file, given by its path in the directory; parent directories are made.
    ///
    /// # Errors
    /// A file of that name already exists; I/O errors.
    pub fn create_file(&mut self, path: &Path) -> Result<Output> {
        let name = self.place.shown_entry(path);
        let file = StagedFile::create(self.staging.tree(), path, &self.unfinished);
        let file = file.map_err(|e| Error::write(&name, &e))?;
        self.files.push(path.to_owned());
        Ok(Output::staged(name, file, self.sync))
    }

    /// Finishes a file of the directory. Returns its length in bytes.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish_file(&mut self, output: Output) -> Result<u64> {
        let path = output.path_in_directory().map(Path::to_owned);
        let bytes = output.finish_staged()?;
        if let Some(path) = path.filter(|_| self.is_growing) {
            self.files.retain(|other| *other != path);
            let files = [path];
            self.sync_files(&files)?;
            self.add_files(&files)?;
        }
        Ok(bytes)
    }

    /// Puts the directory in its place. Returns a warning if the old directory cannot be removed:
    /// the new one is in its place all the same, and to write it again would be wrong.
    ///
    /// # Errors
    /// I/O errors; everything is then as it was before.
    pub fn commit(mut self) -> Result<Option<Error>> {
        if self.unfinished.load(Ordering::Relaxed) > 0 {
            let shown = &self.place.shown;
            return Err(Error::failed(format!(
                "cannot write {shown}: one of its files is incomplete"
            )));
        }
        self.files.sort();
        if let Placement::Rename | Placement::Exchange(..) = self.manner {
            self.name_files()?;
        }
        self.sync_files(&self.files)?;
        match self.manner {
            Placement::Rename | Placement::Exchange(..) => self.put_in_place()?,
            Placement::Add => self.add_files(&self.files)?,
        }
        let old = self.staging.path().to_owned();
        let Self { staging, place, .. } = self;
        Ok(staging.remove().err().map(|e| {
            let shown = &place.shown;
            let old = escaped(&old.to_string_lossy());
            Error::io(format_args!("warning: {shown} is written, but {old} cannot be removed"), &e)
        }))
    }

    #[cfg(test)]
    pub(super) fn staging_path(&self) -> &Path {
        self.staging.path()
    }

    fn refuse_change(&self, now: &OwnedFd, expected: Expected, before: Fingerprint) -> Result<()> {
        if self.place.fingerprint(now, expected)? == before {
            return Ok(());
        }
        Err(Error::failed(format!(
            "cannot replace {}: it was changed in the meantime (nothing is lost; run again)",
            self.place.shown
        )))
    }

    /// The error for an old tree to which files were added at the last moment and which could not
    /// be put back.
    fn old_tree_is_kept(&self, cause: &io::Error, held: &mut signals::Held) -> Error {
        let (shown, old) = (&self.place.shown, self.staging.keep(held));
        let old = escaped(&old.to_string_lossy());
        let what = format_args!(
            "{shown} was replaced, but another process added to the old directory, which is now {old}"
        );
        Error::io(what, cause)
    }

    fn cannot_put(&self, cause: &io::Error) -> Error {
        let shown = &self.place.shown;
        match cause.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => Error::failed(
                format!("cannot write {shown}: another process has written it in the meantime"),
            ),
            io::ErrorKind::Unsupported => Error::failed(format!(
                "cannot replace {shown}: its file system cannot exchange two directories in one \
                 step (write a new directory, then remove the old one and rename the new one)"
            )),
            _ => self.place.cannot_write(cause),
        }
    }
}

fn replaced(place: &Place, expected: Expected) -> Result<Placement> {
    let Some(found) = &place.found else { return Ok(Placement::Rename) };
    Ok(Placement::Exchange(expected, place.fingerprint(found, expected)?))
}

fn cannot_stage(place: &Place, within: &Path, cause: &io::Error) -> Error {
    let shown = &place.shown;
    let parent = escaped(&within.to_string_lossy());
    let error =
        Error::io(format_args!("cannot write {shown}: cannot make a directory in {parent}"), cause);
    if place.found.is_some() && within != place.path() {
        Error::failed(format!("{error} (--existing append makes one only in {shown})"))
    } else {
        error
    }
}

/// A replaced directory keeps its group and its permissions; `more` is granted temporarily.
pub(crate) fn keep_group_and_mode(found: &OwnedFd, tree: &OwnedFd, more: Mode) -> io::Result<()> {
    let status = rustix::fs::fstat(found)?;
    if rustix::fs::fstat(tree)?.st_gid != status.st_gid {
        // Only members of a group can assign a directory to it.
        let _kept = rustix::fs::fchown(tree, None, Some(Gid::from_raw(status.st_gid)));
    }
    Ok(rustix::fs::fchmod(tree, Mode::from_raw_mode(status.st_mode) | more)?)
}

/// A directory that was made for files to come. On drop, or when a signal ends the process, it is
/// removed if it is empty.
#[derive(Debug)]
struct MadeDirectory(PathBuf);

impl MadeDirectory {
    /// Makes the directory; returns `None` if the path already exists.
    ///
    /// # Errors
    /// I/O errors.
    fn make(path: &Path) -> io::Result<Option<Self>> {
        // A signal is handled before the directory exists, or after it is registered for removal.
        let mut held = signals::hold()?;
        match std::fs::create_dir(path) {
            Ok(()) => {
                held.add(path.to_owned(), remove_if_empty);
                Ok(Some(Self(path.to_owned())))
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(e) => Err(e),
        }
    }
}

impl Drop for MadeDirectory {
    fn drop(&mut self) {
        signals::forget(&self.0);
        remove_if_empty(&self.0);
    }
}

fn remove_if_empty(path: &Path) {
    let _is_filled = std::fs::remove_dir(path);
}
