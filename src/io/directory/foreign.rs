//! What lies in a directory that shall be replaced, and does not look like the work of such a run.

use super::staging::open_directory;
use rustix::fs::{AtFlags, Dir, FileType, Stat};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// What an entry of a directory is; links, FIFOs and devices are never expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory, which is looked into.
    Directory,
    /// A regular file.
    File,
}

/// Whether an entry of this name is what a tree of ours may hold.
pub type Expected = fn(&OsStr, EntryKind) -> bool;

/// The path of the first entry that is not expected, in the order of names; also a place where another
/// file system, or another part of this one, is mounted. Links are not followed.
///
/// # Errors
/// A directory that may not be read.
pub(super) fn first_foreign(
    directory: &OwnedFd,
    expected: Expected,
) -> io::Result<Option<PathBuf>> {
    let mut path = PathBuf::new();
    let top = rustix::fs::fstat(directory)?;
    Ok(search(directory, &top, expected, &mut path)?.then_some(path))
}

/// Whether something is mounted here; `parent` is the directory that holds it.
///
/// # Errors
/// What the system says.
pub(super) fn is_mount_point(directory: &OwnedFd, parent: &Path) -> io::Result<bool> {
    let device = rustix::fs::stat(parent)?.st_dev;
    Ok(rustix::fs::fstat(directory)?.st_dev != device || is_mount_root(directory, c""))
}

/// Whether there is such an entry below `directory`, a part of the tree at `top`; leaves the
/// path at it.
fn search(
    directory: &OwnedFd,
    top: &Stat,
    expected: Expected,
    path: &mut PathBuf,
) -> io::Result<bool> {
    for name in names(directory)? {
        path.push(&name);
        let status = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => EntryKind::Directory,
            FileType::RegularFile => EntryKind::File,
            _ => return Ok(true),
        };
        let is_elsewhere = status.st_dev != top.st_dev || is_mount_root(directory, &name);
        if is_elsewhere || !expected(&name, kind) {
            return Ok(true);
        }
        if kind == EntryKind::Directory
            && search(&open_directory(directory, &name)?, top, expected, path)?
        {
            return Ok(true);
        }
        path.pop();
    }
    Ok(false)
}

fn names(directory: &OwnedFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name));
        }
    }
    names.sort();
    Ok(names)
}

/// Also where the device is the same: a part of a file system bound to another place.
#[cfg(target_os = "linux")]
fn is_mount_root(directory: impl AsFd, name: impl rustix::path::Arg) -> bool {
    use rustix::fs::{StatxAttributes, StatxFlags};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::EMPTY_PATH;
    // A system too old to say it (before Linux 5.8) has the devices alone to go by.
    rustix::fs::statx(directory, name, flags, StatxFlags::empty())
        .is_ok_and(|status| status.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_root(_directory: impl AsFd, _name: impl rustix::path::Arg) -> bool {
    false
}
