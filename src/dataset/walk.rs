//! The files below a directory that a pattern means, in natural order. Links are followed.
//!
//! Own code beside globset: `walkdir` reads all of a directory that a pattern rules out, and has no
//! notion of a pattern; `glob` passes over names that are not UTF-8 and directories it may not read.

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

/// Gives `found` the path of every file that is meant, in order, and the directory that it is in.
///
/// # Errors
/// A directory that cannot be read, a link that leads nowhere or to a directory that it is in, what is
/// neither a file nor a directory, a file that does not hold what it should.
pub(super) fn walk(
    base: &Path,
    pattern: &Pattern,
    content: Content,
    found: &mut impl FnMut(PathBuf, &Arc<SeenDirectory>),
) -> Result<()> {
    Walk { base, pattern, content, found }.directory(base, pattern.start())
}

/// What may be in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Parquet.
    Parquet,
    /// Anything: whoever reads them says what he does not know.
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
        // A name that is known is looked up: the directory may be large, or one that cannot be read.
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
            check_kind(&path, kind)?;
            if self.content == Content::Parquet {
                check_content(&path)?;
            }
            (self.found)(path, seen);
        }
        Ok(())
    }

    /// A link to a directory above it would be followed for ever.
    fn refuse_loop(&self, link: &Path, target: &Metadata) -> Result<()> {
        let above = link.ancestors().skip(1).take_while(|path| path.starts_with(self.base));
        for directory in above {
            let directory = or_here(directory);
            if fs::metadata(directory).is_ok_and(|metadata| identity(&metadata) == identity(target))
            {
                return Err(Error::failed(format!(
                    "{} is a link to {}, which it is in; remove it, or leave it out by a pattern",
                    shown(link),
                    shown(directory)
                )));
            }
        }
        Ok(())
    }
}

/// Files of a table with a log are rows only as far as the log says so: those that were deleted or replaced
/// are still there.
fn refuse_log(directory: &Path, entries: &[(OsString, FileType)]) -> Result<()> {
    let is_log = |name: &OsString| name == "_delta_log" || name == ".hoodie";
    match entries.iter().find(|(name, _)| is_log(name)) {
        None => Ok(()),
        Some((log, _)) => Err(Error::failed(format!(
            "{} is a table whose log ({}) says which of its files count; a pattern such as '**/*.parquet' \
             reads them all",
            shown(or_here(directory)),
            shown(Path::new(log))
        ))),
    }
}

/// What is in a directory, in natural order.
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

fn check_kind(path: &Path, kind: FileType) -> Result<()> {
    match kind.is_file() {
        true => Ok(()),
        false => Err(Error::failed(format!("{} is neither a file nor a directory", shown(path)))),
    }
}

/// Foreign files must be noticed before rows go out: one whose name does not say that it is a Parquet
/// file (Hive's are called `000000_0`) is looked into.
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
            "{} is no Parquet file; a pattern such as '**/*.parquet' leaves it out",
            shown(path)
        ))),
    }
}

/// `Path::join` without room to grow: there may be millions of them.
fn joined(parent: &Path, name: &OsStr) -> PathBuf {
    let mut path = PathBuf::with_capacity(parent.as_os_str().len() + 1 + name.len());
    path.push(parent);
    path.push(name);
    path
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// The empty path is the directory one is in.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", shown(path))
}

fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}
