//! A directory that was made for files to come, and is removed if it stays empty.

use crate::io::signals;
use std::io;
use std::path::{Path, PathBuf};

/// On drop, or when a signal ends the process, the directory is removed if it is empty.
#[derive(Debug)]
pub(super) struct MadeDirectory(PathBuf);

impl MadeDirectory {
    /// Makes the directory; returns `None` if the path already exists.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn make(path: &Path) -> io::Result<Option<Self>> {
        // A signal is handled before the directory exists, or after it is registered for removal.
        let mut held = signals::hold()?;
        match std::fs::create_dir(path) {
            Ok(()) => {
                held.add(path.to_owned(), remove);
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
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    let _is_filled = std::fs::remove_dir(path);
}
