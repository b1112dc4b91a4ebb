//! The target of an output: a descriptor, a pipe, a file that appears when it is complete, or an object.

use super::directory::StagedFile;
use super::objects::{NewObject, create_object};
use super::output_checks::{descriptor_number, duplicated, followed};
use super::pending_file::{PendingFile, exists_already};
use super::spliced_pages::SplicedPages;
use crate::error::{Error, Result};
use rustix::fd::BorrowedFd;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) enum OutputTarget {
    /// Standard output, descriptors, devices: written as they are.
    Direct(File),
    /// A pipe or FIFO: large writes hand their pages over.
    Pipe(File, SplicedPages),
    Pending(PendingFile),
    /// A file of a directory that appears as a whole.
    Staged(StagedFile),
    /// An object in a store.
    Object(Sending),
}

/// An object that is being sent.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) object: Box<dyn NewObject>,
    /// Its path below a prefix, for one of many objects.
    pub(super) path: Option<PathBuf>,
}

impl Sending {
    /// Starts the object of a URL.
    ///
    /// # Errors
    /// A URL that cannot be written; an object that exists and must be new.
    pub(super) fn create(url: &str, name: &str, must_be_new: bool) -> Result<Self> {
        let object = create_object(url, must_be_new).map_err(|error| cannot_write(error, name))?;
        Ok(Self { object, path: None })
    }

    /// Takes all bytes.
    ///
    /// # Errors
    /// The failure of a request, which the caller reports with the name of the object.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.object.write(slices).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    /// Makes the object appear.
    ///
    /// # Errors
    /// The failure of a request.
    pub(super) fn commit(mut self, name: &str) -> Result<()> {
        let finished = self.object.finish();
        finished.and_then(|_| self.object.commit()).map_err(|error| cannot_write(error, name))
    }
}

/// The error of a request, with the name of the object.
pub(super) fn cannot_write(error: Error, name: &str) -> Error {
    error.with(format_args!("cannot write {name}"))
}

/// Opens a path for writing. With `must_be_new`, a file that exists is an error.
///
/// # Errors
/// A path that is a directory, or in none; a file that exists; other I/O errors.
pub(super) fn open_path(path: &Path, name: &str, must_be_new: bool) -> Result<OutputTarget> {
    if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(Error::usage(format!("\"{name}\" is not the name of a file to write")));
    }
    let path = &followed(path).map_err(|e| Error::io(format_args!("cannot write {name}"), &e))?;
    if let Some(number) = descriptor_number(path) {
        // SAFETY: the number is only passed to `dup`, which refuses one that is not open.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        return Ok(OutputTarget::Direct(duplicated(descriptor, name)?));
    }
    let cannot = |e| Error::io(format_args!("cannot open {name}"), &e);
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            Err(Error::failed(format!("cannot write {name}: is a directory")))
        }
        Ok(metadata) if !metadata.is_file() => {
            Ok(OutputTarget::Direct(OpenOptions::new().write(true).open(path).map_err(cannot)?))
        }
        Ok(_) if must_be_new => Err(exists_already(name)),
        _ => Ok(OutputTarget::Pending(PendingFile::create(path, must_be_new)?)),
    }
}
