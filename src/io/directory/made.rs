//! A directory that was made for files to come, and goes if none came.

use crate::io::signals;
use std::io;
use std::path::{Path, PathBuf};

/// Dropped, or when a signal ends the process, the directory is removed if it is empty.
#[derive(Debug)]
pub(super) struct MadeDirectory(PathBuf);

impl MadeDirectory {
    /// Makes it; none if there is something already.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn make(path: &Path) -> io::Result<Option<Self>> {
        // A signal comes before it is there, or finds it among what is to be removed.
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
