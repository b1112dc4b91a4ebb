//! A file in a directory that is being written. It can be closed, and is reopened when it is
//! written again.

use crate::io::open::{open_in, open_parent};
use crate::io::signals;
use rustix::fs::{AtFlags, Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The file, identified by its path in the directory.
#[derive(Debug)]
pub(in crate::io) struct StagedFile {
    tree: Arc<OwnedFd>,
    path: PathBuf,
    /// Its path until it is put in its place.
    staged_path: PathBuf,
    /// `None` while it is closed.
    file: Option<File>,
    /// The number of files in the directory that are started and not finished.
    unfinished: Arc<AtomicUsize>,
}

impl StagedFile {
    /// Makes the file, and its parent directories.
    ///
    /// # Errors
    /// A file of that name already exists; I/O errors.
    pub(super) fn create(
        tree: &Arc<OwnedFd>,
        path: &Path,
        unfinished: &Arc<AtomicUsize>,
    ) -> io::Result<Self> {
        let staged_path = staged_path(path);
        // A signal handler that is removing the directory must not encounter new entries in it.
        let held = signals::hold()?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(0o666);
        let open = || open_in(tree, &staged_path, flags, mode);
        let file = match open() {
            Err(rustix::io::Errno::NOENT) => {
                open_parent(tree, path, &mut Vec::new())?;
                open()?
            }
            file => file?,
        };
        drop(held);
        unfinished.fetch_add(1, Ordering::Relaxed);
        let (tree, unfinished) = (Arc::clone(tree), Arc::clone(unfinished));
        let (path, file) = (path.to_owned(), Some(file.into()));
        Ok(Self { tree, path, staged_path, file, unfinished })
    }

    pub(in crate::io) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the descriptor until the file is written again.
    pub(in crate::io) fn close(&mut self) {
        self.file = None;
    }

    /// The file, reopened at its end if it was closed.
    ///
    /// # Errors
    /// Too many open files; other I/O errors.
    pub(in crate::io) fn open(&mut self) -> io::Result<&File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW;
                open_in(&self.tree, &self.staged_path, flags, Mode::empty())?.into()
            }
        };
        Ok(self.file.insert(file))
    }

    /// Marks the file as complete, so that the directory may appear. Returns its length.
    ///
    /// # Errors
    /// I/O errors.
    pub(in crate::io) fn finish(self) -> io::Result<u64> {
        let status = rustix::fs::statat(&self.tree, &self.staged_path, AtFlags::SYMLINK_NOFOLLOW)?;
        self.unfinished.fetch_sub(1, Ordering::Relaxed);
        Ok(u64::try_from(status.st_size).unwrap_or_default())
    }
}

/// The path of a file until it is put in its place. DuckDB's patterns and Polars also search hidden
/// directories, and would read `*.parquet` there as files of the dataset that contains the
/// directory.
pub(super) fn staged_path(path: &Path) -> PathBuf {
    let mut staged = path.to_owned().into_os_string();
    staged.push(".pending");
    staged.into()
}
