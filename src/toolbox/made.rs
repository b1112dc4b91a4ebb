//! Makes files and directories, and removes them again if a later one fails.

use super::state::failed;
use crate::error::{Error, Result};
use crate::io::Output;
use crate::options::{Destination, OutputOptions};
use crate::text::escaped;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The files and directories made so far. If it is dropped without [`Made::keep`], all is again as
/// it was.
#[derive(Default)]
pub(super) struct Made {
    directories: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// Texts that were replaced, and their former contents.
    replaced: Vec<(PathBuf, Vec<u8>)>,
}

impl Made {
    /// Makes a directory whose parent exists.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn directory(&mut self, path: PathBuf) -> Result<()> {
        std::fs::create_dir(&path).map_err(|e| cannot_make(&path, &e))?;
        self.directories.push(path);
        Ok(())
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// I/O errors, such as an existing file.
    pub(super) fn link(&mut self, path: &Path, target: &Path) -> Result<()> {
        symlink(target, path).map_err(|e| cannot_make(path, &e))?;
        self.files.push(path.to_owned());
        Ok(())
    }

    /// Writes a text. `former` is what the file contains, if it exists.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn text(&mut self, path: &Path, former: Option<Vec<u8>>, text: &str) -> Result<()> {
        write(path, text.as_bytes())?;
        match former {
            Some(former) => self.replaced.push((path.to_owned(), former)),
            None => self.files.push(path.to_owned()),
        }
        Ok(())
    }

    /// The directories made so far, parents first.
    pub(super) fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// Leaves everything as it is now.
    pub(super) fn keep(mut self) {
        self.directories.clear();
        self.files.clear();
        self.replaced.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // After a failure, each of these may fail as well; the first failure is the one reported.
        for (path, former) in &self.replaced {
            let _ignored = write(path, former);
        }
        for path in &self.files {
            let _ignored = std::fs::remove_file(path);
        }
        for path in self.directories.iter().rev() {
            let _ignored = std::fs::remove_dir(path);
        }
    }
}

/// Writes a text, which appears whole or not at all.
fn write(path: &Path, text: &[u8]) -> Result<()> {
    let options = OutputOptions {
        destination: Destination::Path(path.to_owned()),
        // Another installation makes it again.
        no_sync: true,
        ..OutputOptions::default()
    };
    let mut output = Output::create(&options, &[])?;
    output.write_all(text).map_err(|e| failed(path, &e))?;
    output.commit()
}

fn cannot_make(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format_args!("cannot make {}", escaped(&path.to_string_lossy())), error)
}
