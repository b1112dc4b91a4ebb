//! The place of a tree: a directory that appears when it is complete, or names in a store.

use super::addition::{Existence, check_addition};
use super::tree_options::{METADATA, Publish, TreeOptions};
use crate::error::{Error, Result};
use crate::io::{Existing, Expected, Output, PendingDirectory, PendingPrefix, SUCCESS};
use crate::options::Destination;
use crate::text::escaped;
use arrow::datatypes::Schema;
use std::path::{Path, PathBuf};

/// The place where the files of a tree are written.
#[derive(Debug)]
pub(super) enum TreePlace {
    Directory {
        directory: PendingDirectory,
        /// The directory that files are added to, if it exists.
        added_to: Option<PathBuf>,
    },
    Prefix {
        prefix: PendingPrefix,
        is_added_to: bool,
    },
}

impl TreePlace {
    /// # Errors
    /// A tree that must not be replaced, or cannot be written.
    pub(super) fn create(options: &TreeOptions, expected: Expected) -> Result<Self> {
        match &options.destination {
            Destination::Stdout => {
                Err(Error::usage("several files need a directory: give -o DIRECTORY"))
            }
            Destination::Path(path) => Self::create_directory(path, options, expected),
            Destination::Url(url) => Self::create_prefix(url, options, expected),
        }
    }

    fn create_directory(path: &Path, options: &TreeOptions, expected: Expected) -> Result<Self> {
        let (existing, sync) = (options.existing, options.sync);
        if existing == Existing::Append && path.join(METADATA).exists() {
            return Err(hidden_by_metadata(&escaped(&path.to_string_lossy())));
        }
        let directory = match options.publish {
            Publish::All => PendingDirectory::create(path, existing, sync, expected)?,
            Publish::Each => PendingDirectory::create_growing(path, sync, expected)?,
        };
        let is_added = existing == Existing::Append && path.exists();
        Ok(Self::Directory { directory, added_to: is_added.then(|| path.to_owned()) })
    }

    fn create_prefix(url: &str, options: &TreeOptions, expected: Expected) -> Result<Self> {
        let (existing, at_once) = (options.existing, options.publish == Publish::Each);
        let prefix = PendingPrefix::create(url, existing, at_once, expected)?;
        let is_added_to = existing == Existing::Append && !prefix.found().is_empty();
        if is_added_to && prefix.open(METADATA).is_ok() {
            return Err(hidden_by_metadata(prefix.shown()));
        }
        Ok(Self::Prefix { prefix, is_added_to })
    }

    /// Checks that rows of this schema, with these partition keys, fit the existing files.
    ///
    /// # Errors
    /// No reader would read the new and the existing files together.
    pub(super) fn check_schema(&self, by: &[String], schema: &Schema) -> Result<()> {
        match self {
            Self::Directory { added_to: Some(directory), .. } => {
                check_addition(&Existence::Directory(directory), by, schema)
            }
            Self::Prefix { prefix, is_added_to: true } => {
                check_addition(&Existence::Prefix(prefix), by, schema)
            }
            Self::Directory { .. } | Self::Prefix { .. } => Ok(()),
        }
    }

    /// Starts a file, given by its path in the tree.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create_file(&mut self, path: &Path) -> Result<Output> {
        match self {
            Self::Directory { directory, .. } => directory.create_file(path),
            Self::Prefix { prefix, .. } => prefix.create_file(path),
        }
    }

    /// Finishes a file of the tree. Returns its length in bytes.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn finish_file(&mut self, output: Output) -> Result<u64> {
        match self {
            Self::Directory { directory, .. } => directory.finish_file(output),
            Self::Prefix { prefix, .. } => prefix.finish_file(output),
        }
    }

    /// Puts the tree in its place, and then an empty file that marks it as complete if that is asked for.
    ///
    /// # Errors
    /// I/O errors; everything is then as it was before.
    pub(super) fn commit(self, success_marker: bool) -> Result<Option<Error>> {
        match self {
            Self::Directory { mut directory, .. } => {
                if success_marker {
                    let marker = directory.create_file(Path::new(SUCCESS))?;
                    directory.finish_file(marker)?;
                }
                directory.commit()
            }
            Self::Prefix { prefix, .. } => prefix.commit(success_marker),
        }
    }
}

/// Readers that rely on the file would never see the added ones.
fn hidden_by_metadata(shown: &str) -> Error {
    Error::failed(format!(
        "cannot append to {shown}: its {METADATA} would not list the new files; remove {METADATA} first"
    ))
}
