//! Checks whether files can be added to a tree, by its partition keys and columns.
//!
//! Only one path down is checked, so the cost is the same in a tree of a million files.

use crate::dataset::{hive, is_hidden};
use crate::error::{Error, Result};
use crate::io::{MappedFile, PendingPrefix, RangedBytes};
use crate::parquet_file::{ParquetFile, check_same_columns};
use crate::text::escaped;
use arrow::datatypes::Schema;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The existing tree to which files are added.
pub(super) enum Existence<'a> {
    Directory(&'a Path),
    Prefix(&'a PendingPrefix),
}

/// Refuses rows of this schema, with these partition keys, if no reader would treat them and the
/// existing files as one table.
///
/// # Errors
/// Different keys; different columns; a file that is not a Parquet file.
pub(super) fn check_addition(to: &Existence<'_>, by: &[String], schema: &Schema) -> Result<()> {
    let shown = match to {
        Existence::Directory(directory) => escaped(&directory.to_string_lossy()),
        Existence::Prefix(prefix) => prefix.shown().to_owned(),
    };
    let Some(path) = to.first_file()? else { return Ok(()) };
    let inner = path.parent().unwrap_or(Path::new(""));
    let keys = keys(inner);
    if keys != by {
        let named = |keys: &[String]| match keys {
            [] => "none".to_owned(),
            keys => escaped(&keys.join(",")),
        };
        let way_out = match &keys[..] {
            [] => "leave out --partition-by".to_owned(),
            keys => format!("give --partition-by {}", named(keys)),
        };
        return Err(Error::failed(format!(
            "cannot append to {shown}: the partition keys of its directories are {}, but those of \
             --partition-by are {}: no reader treats both as one table ({way_out}, or write to \
             another directory)",
            named(&keys),
            named(by),
        )));
    }
    let name = to.shown_file(&shown, &path);
    let file = ParquetFile::open(to.open(&path)?, name.clone())?;
    check_same_columns(&file, schema, by).map_err(|error| {
        Error::failed(format!(
            "cannot append to {shown}: the columns differ from those of {name}, its first file: {error} (stream-select \
             renames, casts and reorders columns)"
        ))
    })
}

impl Existence<'_> {
    /// The path of the first file that readers would read, if there is one.
    fn first_file(&self) -> Result<Option<PathBuf>> {
        match self {
            Self::Directory(directory) => {
                let shown = escaped(&directory.to_string_lossy());
                let mut file = (*directory).to_owned();
                let found = first_file(&mut file);
                let found =
                    found.map_err(|e| Error::io(format_args!("cannot read {shown}"), &e))?;
                let path = file.strip_prefix(directory).ok().filter(|_| found);
                Ok(path.map(Path::to_owned))
            }
            Self::Prefix(prefix) => {
                let is_read =
                    |path: &&String| !path.split('/').any(|name| is_hidden(name.as_ref()));
                Ok(prefix.found().iter().find(is_read).map(PathBuf::from))
            }
        }
    }

    fn shown_file(&self, shown: &str, path: &Path) -> String {
        match self {
            Self::Directory(directory) => escaped(&directory.join(path).to_string_lossy()),
            Self::Prefix(_) => format!("{shown}/{}", escaped(&path.to_string_lossy())),
        }
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn RangedBytes>> {
        match self {
            Self::Directory(directory) => Ok(MappedFile::open(&directory.join(path))?.into()),
            Self::Prefix(prefix) => prefix.open(&path.to_string_lossy()),
        }
    }
}

/// The partition keys in the directories of a path.
fn keys(path: &Path) -> Vec<String> {
    let keys =
        path.components().filter_map(|part| hive::decode(part.as_os_str().as_encoded_bytes()));
    keys.map(|key| String::from_utf8_lossy(&key.name).into_owned()).collect()
}

/// Extends the path to the first file that readers would read; returns whether there is one.
fn first_file(path: &mut PathBuf) -> io::Result<bool> {
    let mut entries = std::fs::read_dir(&path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if is_hidden(&name) || !(kind.is_dir() || kind.is_file()) {
            continue;
        }
        path.push(&name);
        if kind.is_file() || first_file(path)? {
            return Ok(true);
        }
        path.pop();
    }
    Ok(false)
}
