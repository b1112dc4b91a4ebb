//! Renames that replace nothing, and the exchange of two directories.

use rustix::fs::{AtFlags, Mode, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Renames a directory to a name that must not exist.
///
/// # Errors
/// The name exists.
pub(super) fn rename_new(from: &OwnedFd, old: &str, to: &OwnedFd, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        // If the file system does not support NOREPLACE, a plain rename of a directory still
        // replaces only an empty one.
        Err(e) if is_unsupported(e) => rename_over_empty(from, old, to, new),
        renamed => Ok(renamed?),
    }
}

/// Renames a directory to a name that must not exist, or be an empty directory.
///
/// # Errors
/// The name exists and is not an empty directory.
pub(super) fn rename_over_empty(
    from: &OwnedFd,
    old: &str,
    to: &OwnedFd,
    new: &OsStr,
) -> io::Result<()> {
    Ok(rustix::fs::renameat(from, old, to, new)?)
}

/// Renames a file to a name that must not exist.
///
/// # Errors
/// The name exists.
pub(super) fn rename_file(from: &OwnedFd, old: &Path, to: &OwnedFd, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        // A hard link does not replace anything either.
        Err(e) if is_unsupported(e) => {
            rustix::fs::linkat(from, old, to, new, AtFlags::empty())?;
            Ok(rustix::fs::unlinkat(from, old, AtFlags::empty())?)
        }
        renamed => Ok(renamed?),
    }
}

/// Exchanges two directories in one step.
///
/// # Errors
/// [`io::ErrorKind::Unsupported`] if the file system cannot do that, at least not with these two.
pub(super) fn exchange(a: &OwnedFd, name: &str, b: &OwnedFd, other: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(a, name, b, other, RenameFlags::EXCHANGE) {
        // overlayfs cannot move a directory out of a lower layer.
        Err(e) if is_unsupported(e) || e == Errno::XDEV => Err(io::ErrorKind::Unsupported.into()),
        exchanged => Ok(exchanged?),
    }
}

/// Tries whether the file system of an empty directory can exchange directories at all.
///
/// # Errors
/// The errors of [`exchange`].
pub(super) fn try_exchange(directory: &OwnedFd) -> io::Result<()> {
    for name in ["a", "b"] {
        rustix::fs::mkdirat(directory, name, Mode::RWXU)?;
    }
    exchange(directory, "a", directory, OsStr::new("b"))?;
    for name in ["a", "b"] {
        rustix::fs::unlinkat(directory, name, AtFlags::REMOVEDIR)?;
    }
    Ok(())
}

fn is_unsupported(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}
