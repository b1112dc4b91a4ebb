//! What lies in a directory that shall be replaced: what does not look like the work of such a run, and
//! whether it is still what it was.

use super::staging::open_directory;
use rustix::fs::{Access, AtFlags, Dir, FileType, Stat};
use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
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

/// What keeps a directory from being replaced.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// Nothing that is expected.
    Foreign,
    /// Another file system, or another part of this one, is mounted there.
    Mounted,
    /// A directory from which nothing may be removed.
    Protected,
}

/// The files of a directory, by their paths, inodes, lengths and times, in 64 bits: one that came, went
/// or was written makes another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

/// Looks through a directory. Gives the first obstacle in the order of names, and its path, or
/// the fingerprint of all files. Links are not followed.
///
/// # Errors
/// A directory that may not be read.
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

/// Whether something is mounted here; `parent` is the directory that holds it.
///
/// # Errors
/// What the system says.
pub(super) fn is_mount_point(directory: &OwnedFd, parent: &Path) -> io::Result<bool> {
    let device = rustix::fs::stat(parent)?.st_dev;
    Ok(rustix::fs::fstat(directory)?.st_dev != device || is_mount_root(directory, c""))
}

/// Looks through `directory`, a part of the tree at `top`; leaves the path at what is found.
fn search(
    directory: &OwnedFd,
    top: &Stat,
    expected: Expected,
    path: &mut PathBuf,
    files: &mut DefaultHasher,
) -> io::Result<Option<Obstacle>> {
    let names = names(directory)?;
    let may = Access::WRITE_OK | Access::EXEC_OK;
    if rustix::fs::accessat(directory, c".", may, AtFlags::empty()).is_err() {
        return Ok(Some(Obstacle::Protected));
    }
    for name in names {
        path.push(&name);
        let status = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => EntryKind::Directory,
            FileType::RegularFile => EntryKind::File,
            _ => return Ok(Some(Obstacle::Foreign)),
        };
        if !expected(&name, kind) {
            return Ok(Some(Obstacle::Foreign));
        }
        if status.st_dev != top.st_dev || is_mount_root(directory, &name) {
            return Ok(Some(Obstacle::Mounted));
        }
        if kind == EntryKind::Directory {
            let found = search(&open_directory(directory, &name)?, top, expected, path, files)?;
            if found.is_some() {
                return Ok(found);
            }
        } else {
            // Not those of directories, whose times tell of a run that failed, too.
            let time = (status.st_mtime, status.st_mtime_nsec);
            (&*path, status.st_ino, status.st_size, time).hash(files);
        }
        path.pop();
    }
    Ok(None)
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
