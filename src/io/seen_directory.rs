//! A directory whose files were listed and are opened later, by their paths.

use crate::error::{Error, Result};
use crate::text::escaped;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A directory, and which one it was when it was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct SeenDirectory {
    path: PathBuf,
    identity: Option<Identity>,
}

/// The time too: the number of a directory that was removed may soon be that of another one.
type Identity = (u64, u64, Option<SystemTime>);

impl SeenDirectory {
    /// Looks at a directory, before its files are listed.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), identity: identity(path) }
    }

    /// To be asked after a file of the list was opened: whether it is one of the directory that was seen.
    ///
    /// # Errors
    /// The path now leads to another directory (a tree that is overwritten is exchanged), or to none.
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
