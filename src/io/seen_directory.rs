//! A directory whose files were listed and are opened later by their paths.

use crate::error::{Error, Result};
use crate::text::escaped;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A directory, and its identity when it was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct SeenDirectory {
    path: PathBuf,
    identity: Option<Identity>,
}

/// Includes the time, because the inode number of a removed directory may soon be reused.
type Identity = (u64, u64, Option<SystemTime>);

impl SeenDirectory {
    /// Records a directory, before its files are listed.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), identity: identity(path) }
    }

    /// Checks, after a file of the list was opened, that the path still leads to the same
    /// directory.
    ///
    /// # Errors
    /// The path now leads to another directory (overwriting a tree exchanges it), or to none.
    pub fn check(&self) -> Result<()> {
        if identity(&self.path) == self.identity {
            return Ok(());
        }
        Err(Error::failed(format!(
            "the directory {} was replaced while it was read; read it again",
            escaped(&self.path.to_string_lossy())
        )))
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino(), metadata.created().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, remove_dir, rename, write};

    #[test]
    fn what_is_added_changes_nothing_and_another_directory_does() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("t");
        create_dir(&path).unwrap();
        let seen = SeenDirectory::new(&path);
        write(path.join("new"), "").unwrap();
        assert_eq!(seen.check(), Ok(()));
        rename(&path, place.path().join("old")).unwrap();
        let told = seen.check().unwrap_err().to_string();
        assert!(told.ends_with("/t was replaced while it was read; read it again"), "{told}");
        create_dir(&path).unwrap();
        assert!(seen.check().is_err());
        remove_dir(&path).unwrap();
        rename(place.path().join("old"), &path).unwrap();
        assert_eq!(seen.check(), Ok(()));
    }
}
