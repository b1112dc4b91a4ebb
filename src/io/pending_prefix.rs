//! A tree of objects whose names begin alike. A store has no directories and renames nothing: the
//! objects are sent while they are written, and appear one soon after another at the end.

use super::directory::{EntryKind, Existing, Expected};
use super::objects::{NewObject, ObjectPrefix, open_prefix};
use super::output::Output;
use super::output_target::{Sending, cannot_write};
use super::ranged_bytes::RangedBytes;
use super::signals;
use crate::error::{Error, Result};
use crate::options::Destination;
use crate::text::escaped;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A tree of objects being written. If it is dropped without [`PendingPrefix::commit`], or a signal ends
/// the process before that, nothing new is left.
#[derive(Debug)]
pub struct PendingPrefix {
    shown: String,
    prefix: Arc<dyn ObjectPrefix>,
    existing: Existing,
    /// The objects that are there at the start: all of them if they will be replaced, else the first ones.
    found: Vec<String>,
    /// Each object appears as soon as it is complete.
    at_once: bool,
    started: usize,
    finished: Vec<(PathBuf, Box<dyn NewObject>)>,
    published: usize,
}

/// The name of the empty file that marks a complete tree.
pub const SUCCESS: &str = "_SUCCESS";

/// The objects that are made to appear at the same time.
const AT_A_TIME: usize = 16;

/// The objects that a look at a tree lists: enough to find one that is no `_SUCCESS`.
const LOOK: usize = 100;

impl PendingPrefix {
    /// Starts a tree at a URL, after checking what exists there. Only `expected` entries are ever replaced.
    /// With `at_once`, each object appears as soon as it is complete.
    ///
    /// # Errors
    /// A URL of a server that lists no objects; objects that must not be replaced; failed requests.
    pub fn create(
        url: &str,
        existing: Existing,
        at_once: bool,
        expected: Expected,
    ) -> Result<Self> {
        let shown = Destination::Url(url.to_owned()).name().trim_end_matches('/').to_owned();
        let open = || {
            let prefix = open_prefix(url)?;
            let most = if existing == Existing::Overwrite { usize::MAX } else { LOOK };
            Ok((prefix.list(most)?, prefix))
        };
        let (found, prefix) = open().map_err(|error| cannot_write(error, &shown))?;
        if existing == Existing::Error && !found.is_empty() {
            return Err(Error::failed(format!(
                "{shown} exists and is not empty: --existing overwrite replaces it, --existing append \
                 adds to it"
            )));
        }
        let foreign = found.iter().find(|path| !is_expected(path, expected));
        if let Some(path) = foreign.filter(|_| existing == Existing::Overwrite) {
            return Err(Error::failed(format!(
                "cannot replace {shown}: {} is not part of a tree of Parquet files (--existing overwrite \
                 deletes all objects)",
                escaped(path)
            )));
        }
        let (finished, started, published) = (Vec::new(), 0, 0);
        Ok(Self { shown, prefix, existing, found, at_once, started, finished, published })
    }

    /// The URL, to show in messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The paths of objects that are there at the start: some of them, if there are many.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// Opens one of the objects that are there, by its path.
    ///
    /// # Errors
    /// An object that does not exist or may not be read; failed requests.
    pub fn open(&self, path: &str) -> Result<Arc<dyn RangedBytes>> {
        self.prefix.open(path)
    }

    /// Starts an object, given by its path below the prefix.
    ///
    /// # Errors
    /// A path that no object can have; failed requests.
    pub fn create_file(&mut self, path: &Path) -> Result<Output> {
        let name = self.shown_entry(path);
        let object = self.prefix.create(path, !self.at_once);
        let object = object.map_err(|error| cannot_write(error, &name))?;
        self.started += 1;
        Ok(Output::sending(name, Sending { object, path: Some(path.to_owned()) }))
    }

    /// Finishes an object of the tree. Returns its length in bytes.
    ///
    /// # Errors
    /// Failed requests.
    pub fn finish_file(&mut self, output: Output) -> Result<u64> {
        let path = output.path_in_directory().map(Path::to_owned).unwrap_or_default();
        let name = output.name().to_owned();
        let Some(mut object) = output.into_object() else { return Ok(0) };
        let bytes = object.finish().map_err(|error| cannot_write(error, &name))?;
        if self.at_once {
            object.commit().map_err(|error| cannot_write(error, &name))?;
            self.published += 1;
        } else {
            self.finished.push((path, object));
        }
        Ok(bytes)
    }

    /// Makes all objects appear, then deletes those that they replace, and writes the marker `_SUCCESS` if
    /// it is asked for. Returns a warning if the old ones cannot be deleted.
    ///
    /// # Errors
    /// Failed requests. Nothing new is left then, if the store still answers.
    pub fn commit(mut self, marker: bool) -> Result<Option<Error>> {
        if self.finished.len() + self.published < self.started {
            let shown = &self.shown;
            return Err(Error::failed(format!(
                "cannot write {shown}: one of its objects is incomplete"
            )));
        }
        for (path, object) in &mut self.finished {
            object.wait().map_err(|error| cannot_write(error, &shown_entry(&self.shown, path)))?;
        }
        let changed = self.existing == Existing::Error && self.published == 0;
        if changed && !self.list(1)?.is_empty() {
            let shown = &self.shown;
            return Err(Error::failed(format!(
                "cannot write {shown}: another process has written it in the meantime"
            )));
        }
        // A signal ends the process before the first object appears, or after the last one.
        let cannot = |e| Error::io(format_args!("cannot write {}", self.shown), &e);
        let held = signals::hold().map_err(cannot)?;
        let (old_marker, old) = self.replaced();
        self.remove(&old_marker)?;
        if let Err(error) = self.publish() {
            if !old_marker.is_empty() {
                // The old tree is as it was.
                let _failed_too = self.write_marker();
            }
            return Err(error);
        }
        let warning = self.remove(&old).err().map(|error| {
            error.with(format_args!("warning: {} is written, but old objects stay", self.shown))
        });
        // Readers that wait for the marker must not find old objects with it.
        if marker && warning.is_none() {
            self.write_marker()?;
        }
        drop(held);
        Ok(warning)
    }

    /// The old marker, and all other old objects that the new ones do not replace.
    fn replaced(&self) -> (Vec<String>, Vec<String>) {
        if self.existing != Existing::Overwrite {
            return (Vec::new(), Vec::new());
        }
        let new = self.finished.iter().map(|(path, _)| path.to_string_lossy().into_owned());
        let new: BTreeSet<String> = new.collect();
        let old = self.found.iter().filter(|path| !new.contains(*path)).cloned();
        old.partition(|path| path == SUCCESS)
    }

    /// Makes the objects appear. After a failure, those that have appeared are deleted: no others have
    /// their names, which contain the ID of the run.
    fn publish(&mut self) -> Result<()> {
        let (mut waiting, shown) = (std::mem::take(&mut self.finished), &self.shown);
        waiting.reverse();
        let mut done: Vec<String> = Vec::new();
        while let Some((path, object)) = waiting.pop() {
            let ahead = waiting.len().saturating_sub(AT_A_TIME - 1);
            waiting[ahead..].iter_mut().for_each(|(_, object)| object.begin_commit());
            // A failure may be reported of an object that appears all the same.
            done.push(path.to_string_lossy().into_owned());
            if let Err(error) = object.commit() {
                for (path, object) in waiting.split_off(ahead) {
                    done.push(path.to_string_lossy().into_owned());
                    let _also_failed = object.commit();
                }
                let error = cannot_write(error, &shown_entry(shown, &path));
                return Err(match self.remove(&done) {
                    Ok(()) => error,
                    Err(_) => Error::failed(format!(
                        "{error} (objects of this run that have appeared already could not be deleted)"
                    )),
                });
            }
        }
        Ok(())
    }

    fn write_marker(&self) -> Result<()> {
        let marker = Path::new(SUCCESS);
        let object = self.prefix.create(marker, false);
        let written = object.and_then(|mut object| {
            object.finish()?;
            object.commit()
        });
        written.map_err(|error| cannot_write(error, &self.shown_entry(marker)))
    }

    fn list(&self, most: usize) -> Result<Vec<String>> {
        self.prefix.list(most).map_err(|error| cannot_write(error, &self.shown))
    }

    fn remove(&self, paths: &[String]) -> Result<()> {
        let cannot =
            |error: Error| error.with(format_args!("cannot delete objects of {}", self.shown));
        self.prefix.remove(paths).map_err(cannot)
    }

    fn shown_entry(&self, path: &Path) -> String {
        shown_entry(&self.shown, path)
    }
}

fn shown_entry(shown: &str, path: &Path) -> String {
    format!("{shown}/{}", escaped(&path.to_string_lossy()))
}

/// Whether all components of a path may occur in a tree.
fn is_expected(path: &str, expected: Expected) -> bool {
    let mut names = path.rsplit('/');
    let file = names.next().unwrap_or_default();
    expected(OsStr::new(file), EntryKind::File)
        && names.all(|name| expected(OsStr::new(name), EntryKind::Directory))
}
