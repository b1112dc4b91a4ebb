//! Makes files and directories, and removes them again if a later one fails.

use super::layout::Content;
use super::state::{Former, failed};
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
    /// Files that were replaced, and what they were.
    replaced: Vec<(PathBuf, Former)>,
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

    /// Writes a text.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn text(&mut self, path: &Path, text: &str) -> Result<()> {
        write(path, text.as_bytes())?;
        self.files.push(path.to_owned());
        Ok(())
    }

    /// Replaces a file, which `former` describes.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn replace(&mut self, path: &Path, former: Former, content: &Content) -> Result<()> {
        match content {
            Content::Link(target) => relink(path, target)?,
            Content::Text(text) => write(path, text.as_bytes())?,
        }
        self.replaced.push((path.to_owned(), former));
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
            let _ignored = match former {
                Former::Text(text) => write(path, text),
                Former::Link(target) => relink(path, target),
            };
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

/// Replaces a file by a link in one step.
fn relink(path: &Path, target: &Path) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let link = tempfile::Builder::new().make_in(directory, |new| symlink(target, new));
    let link = link.map_err(|e| cannot_make(path, &e))?;
    link.persist(path).map(drop).map_err(|e| cannot_make(path, &e.error))
}

fn cannot_make(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format_args!("cannot make {}", escaped(&path.to_string_lossy())), error)
}
