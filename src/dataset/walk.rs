//! A walk over the files below a directory that match a pattern, in natural order. Follows links.
//!
//! Own code on top of globset: `walkdir` knows no patterns, so it reads directories in which
//! nothing can match; `glob` skips names that are not UTF-8 and directories that it may not read.

use super::natural_order;
use super::pattern::{Pattern, Places};
use crate::error::{Error, Result};
use crate::io::SeenDirectory;
use crate::text::escaped;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Passes the path of every matching file to `found`, in order, with its directory.
///
/// # Errors
/// A directory that cannot be read; a dangling link; a link to a directory that contains it; an
/// entry that is neither a file nor a directory; a file of another format.
pub(super) fn walk(
    base: &Path,
    pattern: &Pattern,
    content: Content,
    found: &mut impl FnMut(PathBuf, &Arc<SeenDirectory>),
) -> Result<()> {
    Walk { base, pattern, content, found }.directory(base, pattern.start())
}

/// The format that files must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Parquet.
    Parquet,
    /// Any format: the reader refuses those that it does not know.
    Any,
}

struct Walk<'a, F> {
    base: &'a Path,
    pattern: &'a Pattern,
    content: Content,
    found: &'a mut F,
}

impl<F: FnMut(PathBuf, &Arc<SeenDirectory>)> Walk<'_, F> {
    fn directory(&mut self, directory: &Path, places: Places) -> Result<()> {
        let seen = Arc::new(SeenDirectory::new(or_here(directory)));
        // A known name is looked up directly: the directory may be large, or not readable.
        if let Some(name) = self.pattern.only_name(places) {
            return match fs::metadata(directory.join(name)) {
                Ok(metadata) => self.entry(directory, &seen, places, name, metadata.file_type()),
                Err(_) => Ok(()),
            };
        }
        let entries = sorted_entries(directory)?;
        if self.content == Content::Parquet && self.pattern.is_everything(places) {
            refuse_log(directory, &entries)?;
        }
        for (name, kind) in entries {
            self.entry(directory, &seen, places, &name, kind)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        parent: &Path,
        seen: &Arc<SeenDirectory>,
        places: Places,
        name: &OsStr,
        kind: FileType,
    ) -> Result<()> {
        let step = self.pattern.step(places, name);
        if !step.is_match && step.below == 0 {
            return Ok(());
        }
        let path = joined(parent, name);
        let mut kind = kind;
        if kind.is_symlink() {
            let target = fs::metadata(&path).map_err(|e| Error::io(cannot("follow", &path), &e))?;
            kind = target.file_type();
            if kind.is_dir() {
                self.refuse_loop(&path, &target)?;
            }
        }
        if kind.is_dir() {
            return if step.below == 0 { Ok(()) } else { self.directory(&path, step.below) };
        }
        if step.is_match {
            if !kind.is_file() {
                let path = shown(&path);
                return Err(Error::failed(format!("{path} is neither a file nor a directory")));
            }
            if self.content == Content::Parquet {
                check_content(&path)?;
            }
            (self.found)(path, seen);
        }
        Ok(())
    }

    /// Refuses a link to a directory that contains it, which would be followed forever.
    fn refuse_loop(&self, link: &Path, target: &Metadata) -> Result<()> {
        let above = link.ancestors().skip(1).take_while(|path| path.starts_with(self.base));
        for directory in above {
            let directory = or_here(directory);
            if fs::metadata(directory).is_ok_and(|metadata| identity(&metadata) == identity(target))
            {
                return Err(Error::failed(format!(
                    "{} is a link to {}, which contains it (remove it, or exclude it with a pattern)",
                    shown(link),
                    shown(directory)
                )));
            }
        }
        Ok(())
    }
}

/// Refuses a table with a log: only the log says which files belong to the table. Deleted and
/// replaced files are still in the directory.
fn refuse_log(directory: &Path, entries: &[(OsString, FileType)]) -> Result<()> {
    match LOGS.iter().find(|log| entries.iter().any(|(name, _)| name == *log)) {
        None => Ok(()),
        Some(log) => Err(has_log(&shown(or_here(directory)), log)),
    }
}

/// The names of directories with the logs of Delta and Hudi tables.
pub(super) const LOGS: [&str; 2] = ["_delta_log", ".hoodie"];

/// The error of a table with a log.
pub(super) fn has_log(directory: &str, log: &str) -> Error {
    Error::failed(format!(
        "{directory} is a table whose log ({log}) says which of its files are current (a pattern \
         such as '**/*.parquet' reads them all)"
    ))
}

/// The entries of a directory, in natural order.
fn sorted_entries(directory: &Path) -> Result<Vec<(OsString, FileType)>> {
    let failed = |e| Error::io(cannot("read the directory", or_here(directory)), &e);
    let entries = fs::read_dir(or_here(directory)).map_err(failed)?;
    let mut entries: Vec<(OsString, FileType)> = entries
        .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))))
        .collect::<std::io::Result<_>>()
        .map_err(failed)?;
    entries.sort_unstable_by(|(a, _), (b, _)| natural_order::compare(a.as_bytes(), b.as_bytes()));
    Ok(entries)
}

/// Refuses files that are not Parquet, before any rows are written. A file is opened only if its
/// name does not show that it is a Parquet file (Hive's are named like `000000_0`).
fn check_content(path: &Path) -> Result<()> {
    let extension = path.extension().unwrap_or_default().as_bytes();
    if [&b"parquet"[..], b"parq", b"pq"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    match read {
        Ok(()) if matches!(&start, b"PAR1" | b"PARE") => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            Err(Error::io(cannot("read", path), &error))
        }
        _ => Err(Error::failed(format!(
            "{} is not a Parquet file (a pattern such as '**/*.parquet' excludes it)",
            shown(path)
        ))),
    }
}

/// `Path::join` without spare capacity: there may be millions of paths.
fn joined(parent: &Path, name: &OsStr) -> PathBuf {
    let mut path = PathBuf::with_capacity(parent.as_os_str().len() + 1 + name.len());
    path.push(parent);
    path.push(name);
    path
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// The path, or `.` if it is empty.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", shown(path))
}

fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}
