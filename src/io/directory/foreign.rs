//! Checks a directory that is about to be replaced: whether it contains anything unexpected, and
//! whether it has changed.

use super::descent::{Descent, entries};
use crate::io::open::open_directory;
use rustix::fs::{Access, AtFlags, FileType, Stat};
use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// The kind of a directory entry; links, FIFOs and devices are never expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory, which is searched recursively.
    Directory,
    /// A regular file.
    File,
}

/// Whether an entry of this name and kind may occur in a tree that we wrote.
pub type Expected = fn(&OsStr, EntryKind) -> bool;

/// A reason why a directory must not be replaced.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// An unexpected entry.
    Foreign,
    /// A mount point: another file system, or another part of this one.
    Mounted,
    /// A directory whose entries cannot be removed.
    Protected,
}

/// A 64-bit hash of all files in a directory: their paths, inodes, lengths and times. It changes
/// when a file is added, removed or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

/// Searches a directory. Returns the first obstacle in name order with its path, or the fingerprint
/// of all files. Links are not followed.
///
/// # Errors
/// A directory that cannot be read.
pub(super) fn look_through(
    directory: &OwnedFd,
    expected: Expected,
) -> io::Result<Result<Fingerprint, (PathBuf, Obstacle)>> {
    let mut path = PathBuf::new();
    let mut files = DefaultHasher::new();
    let top = rustix::fs::fstat(directory)?;
    let found = search(directory, &top, expected, &mut path, &mut files)?;
    Ok(found.map_or(Ok(Fingerprint(files.finish())), |obstacle| Err((path, obstacle))))
}

/// Whether something is mounted here; `parent` is the directory that contains it.
///
/// # Errors
/// I/O errors.
pub(super) fn is_mount_point(directory: &OwnedFd, parent: &Path) -> io::Result<bool> {
    let device = rustix::fs::stat(parent)?.st_dev;
    Ok(rustix::fs::fstat(directory)?.st_dev != device || is_mount_root(directory, c""))
}

/// Searches `directory`, the tree at `top`; leaves `path` at the obstacle that was found.
fn search(
    directory: &OwnedFd,
    top: &Stat,
    expected: Expected,
    path: &mut PathBuf,
    files: &mut DefaultHasher,
) -> io::Result<Option<Obstacle>> {
    let mut descent = Descent::new(open_directory(directory, ".")?);
    let Some(names) = changeable_names(descent.directory())? else {
        return Ok(Some(Obstacle::Protected));
    };
    // The names that are left at each level.
    let mut left = vec![names];
    while let Some(level) = left.last_mut() {
        let Some(name) = level.next() else {
            left.pop();
            descent.up()?;
            path.pop();
            continue;
        };
        path.push(&name);
        let within = descent.directory();
        let status = rustix::fs::statat(within, &name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => EntryKind::Directory,
            FileType::RegularFile => EntryKind::File,
            _ => return Ok(Some(Obstacle::Foreign)),
        };
        if !expected(&name, kind) {
            return Ok(Some(Obstacle::Foreign));
        }
        if status.st_dev != top.st_dev || is_mount_root(within, &name) {
            return Ok(Some(Obstacle::Mounted));
        }
        if kind == EntryKind::Directory {
            descent.down(name)?;
            match changeable_names(descent.directory())? {
                Some(names) => left.push(names),
                None => return Ok(Some(Obstacle::Protected)),
            }
        } else {
            // Directories are left out: a failed run changes their times, too.
            let time = (status.st_mtime, status.st_mtime_nsec);
            (&*path, status.st_ino, status.st_size, time).hash(files);
            path.pop();
        }
    }
    Ok(None)
}

/// The names in a directory, in order; `None` if its entries cannot be removed.
fn changeable_names(directory: &OwnedFd) -> io::Result<Option<std::vec::IntoIter<OsString>>> {
    let mut names: Vec<OsString> = entries(directory)?.into_iter().map(|(name, _)| name).collect();
    names.sort();
    let may = Access::WRITE_OK | Access::EXEC_OK;
    let is_changeable = rustix::fs::accessat(directory, c".", may, AtFlags::empty()).is_ok();
    Ok(is_changeable.then(|| names.into_iter()))
}

/// Also detects a bind mount of the same file system, where the device is the same.
#[cfg(target_os = "linux")]
fn is_mount_root(directory: impl AsFd, name: impl rustix::path::Arg) -> bool {
    use rustix::fs::{StatxAttributes, StatxFlags};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::EMPTY_PATH;
    // Systems before Linux 5.8 do not report this; there, only the devices are compared.
    rustix::fs::statx(directory, name, flags, StatxFlags::empty())
        .is_ok_and(|status| status.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_root(_directory: impl AsFd, _name: impl rustix::path::Arg) -> bool {
    false
}
