//! A directory being written, and the one step that puts it in its place.

use super::append;
use super::foreign::{Expected, Fingerprint};
use super::made::MadeDirectory;
use super::place::Place;
use super::renames::{exchange, rename_new, rename_over_empty, try_exchange};
use super::staged_file::{StagedFile, staged_path};
use super::staging::{Staging, open_directory};
use super::sync::sync;
use crate::error::{Error, Result};
use crate::io::output::Output;
use crate::io::signals;
use crate::text::escaped;
use rustix::fs::{CWD, Gid, Mode};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What becomes of a directory that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is an error, unless it is empty: then nothing can be lost.
    #[default]
    Error,
    /// It is exchanged for the new one, and removed.
    Overwrite,
    /// The new files are added to it.
    Append,
}

/// A directory that is being written. Dropped without [`PendingDirectory::commit`] it leaves nothing.
#[derive(Debug)]
pub struct PendingDirectory {
    staging: Staging,
    place: Place,
    manner: Manner,
    sync: bool,
    /// The files by their paths in the directory, in the order in which they were begun.
    files: Vec<PathBuf>,
    unfinished: Arc<AtomicUsize>,
    /// Each file gets its place as soon as it is whole.
    is_growing: bool,
    /// After the staging directory, which lies in it.
    _made: Option<MadeDirectory>,
}

#[derive(Debug, Clone, Copy)]
enum Manner {
    /// There is nothing, or an empty directory.
    Rename,
    /// There is a directory of which nothing else is expected, and what it held at first.
    Exchange(Expected, Fingerprint),
    /// Files are added one by one: to what is there, or to an empty directory that cannot be renamed over.
    Add,
}

impl PendingDirectory {
    /// Starts a directory at `path`, after looking at what is there. Only what is `expected` is ever
    /// replaced.
    ///
    /// # Errors
    /// A directory that may not be replaced, or lies where nothing can be written.
    pub fn create(path: &Path, existing: Existing, sync: bool, expected: Expected) -> Result<Self> {
        signals::make_file_size_limit_an_error();
        let place = Place::find(path)?;
        let is_filled = place.is_filled()?;
        let manner = match existing {
            Existing::Append if place.found.is_some() => Manner::Add,
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
            // No other can be put in its stead.
            _ if place.found.is_some() && place.refuse_irreplaceable().is_err() => Manner::Add,
            _ => Manner::Rename,
        };
        // Files are added from within, so that they lie in the same file system and inherit what
        // files in the directory do; a new directory is made beside its place for the same reasons.
        let within = match manner {
            Manner::Add => place.path(),
            Manner::Rename | Manner::Exchange(..) => place.parent(),
        };
        let staging = Staging::create(within, place.name());
        let staging = staging.map_err(|e| cannot_stage(&place, within, &e))?;
        if let (Manner::Rename | Manner::Exchange(..), Some(found)) = (manner, &place.found) {
            // From the start, so that what is made in it inherits what it does in a shared directory.
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

    /// Starts adding to a directory, which is made if it is not there, so that readers see it grow: each
    /// file appears as soon as it is whole, and stays whatever comes after it.
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

    /// Starts a file of the directory, by its path in it; directories on the way are made.
    ///
    /// # Errors
    /// A file of that name, or what the system says.
    pub fn create_file(&mut self, path: &Path) -> Result<Output> {
        let name = self.place.shown_entry(path);
        let file = StagedFile::create(self.staging.tree(), path, &self.unfinished);
        let file = file.map_err(|e| Error::write(&name, &e))?;
        self.files.push(path.to_owned());
        Ok(Output::staged(name, file, self.sync))
    }

    /// A file of the directory is whole. Gives its length in bytes.
    ///
    /// # Errors
    /// What the system says.
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

    /// Puts the directory in its place.
    ///
    /// # Errors
    /// What the system says; then all is as it was before.
    pub fn commit(mut self) -> Result<()> {
        if 0 < self.unfinished.load(Ordering::Relaxed) {
            let shown = &self.place.shown;
            return Err(Error::failed(format!("cannot write {shown}: a file of it is not whole")));
        }
        self.files.sort();
        if let Manner::Rename | Manner::Exchange(..) = self.manner {
            self.name_files()?;
        }
        self.sync_files(&self.files)?;
        match self.manner {
            Manner::Rename | Manner::Exchange(..) => self.put_in_place()?,
            Manner::Add => self.add_files(&self.files)?,
        }
        let old = self.staging.path().to_owned();
        let Self { staging, place, .. } = self;
        staging.remove().map_err(|e| {
            let shown = &place.shown;
            let old = escaped(&old.to_string_lossy());
            Error::io(format_args!("{shown} is written, but {old} cannot be removed"), &e)
        })
    }

    #[cfg(test)]
    pub(super) fn staging_path(&self) -> &Path {
        self.staging.path()
    }

    fn put_in_place(&self) -> Result<()> {
        let cannot = |e: &io::Error| self.place.cannot_write(e);
        let parent = open_directory(CWD, self.place.parent()).map_err(|e| cannot(&e))?;
        let name = self.place.name();
        // Looked at again, for hours may have passed.
        let found = self.place.look_again(&parent).map_err(|e| cannot(&e))?;
        if let (Manner::Exchange(expected, before), Some(found)) = (self.manner, &found) {
            self.refuse_change(found, expected, before)?;
        }
        let (wrapper, tree) = self.staging.tree_at();
        // A signal comes before it is in its place, or after: what is then in the staging directory,
        // the new tree or the old one, goes with it.
        let mut held = signals::hold().map_err(|e| cannot(&e))?;
        if let Some(found) = &found {
            keep_group_and_mode(found, self.staging.tree(), Mode::empty())
                .map_err(|e| cannot(&e))?;
        }
        let put = match (self.manner, &found) {
            (Manner::Exchange(..), Some(_)) => exchange(wrapper, tree, &parent, name),
            (Manner::Rename, Some(_)) => rename_over_empty(wrapper, tree, &parent, name),
            (_, None) | (Manner::Add, _) => rename_new(wrapper, tree, &parent, name),
        };
        put.map_err(|e| self.cannot_put(&e))?;
        if let (Manner::Exchange(expected, before), Some(found)) = (self.manner, &found) {
            // Files that were added between that look and the exchange lie in the staging directory now.
            if let Err(changed) = self.refuse_change(found, expected, before) {
                return match exchange(wrapper, tree, &parent, name) {
                    Ok(()) => Err(changed),
                    Err(e) => Err(self.old_tree_is_kept(&e, &mut held)),
                };
            }
        }
        drop(held);
        if self.sync {
            // The new name is safe only once the directory is; it is there by now, so this is no
            // failure of the job.
            let _refused = rustix::fs::fsync(&parent);
        }
        Ok(())
    }

    fn add_files(&self, files: &[PathBuf]) -> Result<()> {
        let Some(to) = &self.place.found else { return Ok(()) };
        append::place(self.staging.tree(), to, files)
            .map_err(|(path, e)| Error::write(self.place.shown_entry(&path), &e))?;
        // A run that replaced the directory before has the files in what it removes; one that comes to
        // it only now sees them.
        if !self.place.is_still_there().map_err(|e| self.place.cannot_write(&e))? {
            append::undo(to, files, &[]);
            return Err(Error::failed(format!(
                "cannot add to {}: another has replaced it meanwhile (run again)",
                self.place.shown
            )));
        }
        if self.sync {
            let _refused = sync(to, files);
        }
        Ok(())
    }

    /// Gives the files in the staging directory the names that they shall have.
    fn name_files(&self) -> Result<()> {
        let tree = self.staging.tree();
        let _held = signals::hold().map_err(|e| self.place.cannot_write(&e))?;
        self.files.iter().try_for_each(|path| {
            rustix::fs::renameat(tree, staged_path(path), tree, path)
                .map_err(|e| Error::write(self.place.shown_entry(path), &e.into()))
        })
    }

    fn sync_files(&self, files: &[PathBuf]) -> Result<()> {
        let staged: Vec<PathBuf>;
        let files = match self.manner {
            Manner::Rename | Manner::Exchange(..) => files,
            Manner::Add => {
                staged = files.iter().map(|path| staged_path(path)).collect();
                &staged
            }
        };
        match self.sync {
            // Not held: a disk may take its time.
            true => sync(self.staging.tree(), files)
                .map_err(|(path, e)| Error::write(self.place.shown_entry(&path), &e)),
            false => Ok(()),
        }
    }

    /// Tells now, not after hours, that the file system cannot exchange directories.
    fn try_exchange(&self) -> Result<()> {
        match self.manner {
            Manner::Exchange(..) => {
                let _held = signals::hold().map_err(|e| self.place.cannot_write(&e))?;
                try_exchange(self.staging.tree()).map_err(|e| self.cannot_put(&e))
            }
            Manner::Rename | Manner::Add => Ok(()),
        }
    }

    fn refuse_change(&self, now: &OwnedFd, expected: Expected, before: Fingerprint) -> Result<()> {
        if self.place.fingerprint(now, expected)? == before {
            return Ok(());
        }
        Err(Error::failed(format!(
            "cannot replace {}: it was changed meanwhile (nothing is lost; run again)",
            self.place.shown
        )))
    }

    /// The old tree, to which files were added at the last moment, could not be put back.
    fn old_tree_is_kept(&self, cause: &io::Error, held: &mut signals::Held) -> Error {
        let (shown, old) = (&self.place.shown, self.staging.keep(held));
        let old = escaped(&old.to_string_lossy());
        let what = format_args!(
            "{shown} is replaced, but another added to the old one, which is {old} now"
        );
        Error::io(what, cause)
    }

    fn cannot_put(&self, cause: &io::Error) -> Error {
        let shown = &self.place.shown;
        match cause.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                Error::failed(format!("cannot write {shown}: another has written it meanwhile"))
            }
            io::ErrorKind::Unsupported => Error::failed(format!(
                "cannot replace {shown}: its file system cannot exchange two directories in one \
                 step (write a new directory, then remove the old one and rename the new one)"
            )),
            _ => self.place.cannot_write(cause),
        }
    }
}

fn replaced(place: &Place, expected: Expected) -> Result<Manner> {
    let Some(found) = &place.found else { return Ok(Manner::Rename) };
    Ok(Manner::Exchange(expected, place.fingerprint(found, expected)?))
}

/// A directory that is replaced keeps its group and its permissions; `more` are given for a time.
fn keep_group_and_mode(found: &OwnedFd, tree: &OwnedFd, more: Mode) -> io::Result<()> {
    let status = rustix::fs::fstat(found)?;
    if rustix::fs::fstat(tree)?.st_gid != status.st_gid {
        // Only members of a group can give a directory to it.
        let _kept = rustix::fs::fchown(tree, None, Some(Gid::from_raw(status.st_gid)));
    }
    Ok(rustix::fs::fchmod(tree, Mode::from_raw_mode(status.st_mode) | more)?)
}

fn cannot_stage(place: &Place, within: &Path, cause: &io::Error) -> Error {
    let shown = &place.shown;
    let parent = escaped(&within.to_string_lossy());
    let error =
        Error::io(format_args!("cannot write {shown}: cannot make a directory in {parent}"), cause);
    match place.found.is_some() && within != place.path() {
        true => Error::failed(format!("{error} (--existing append makes one in {shown} only)")),
        false => error,
    }
}
