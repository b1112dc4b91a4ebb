//! Renames that replace nothing, or exchange two directories.

use rustix::fs::{AtFlags, Mode, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Gives a directory a name that nothing has.
///
/// # Errors
/// Something has the name.
pub(super) fn rename_new(from: &OwnedFd, old: &str, to: &OwnedFd, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        // Where the file system cannot promise it, a rename of a directory does still replace nothing
        // but an empty one.
        Err(e) if is_unsupported(e) => rename_over_empty(from, old, to, new),
        renamed => Ok(renamed?),
    }
}

/// Gives a directory a name that nothing has but an empty directory.
///
/// # Errors
/// Something else has the name.
pub(super) fn rename_over_empty(
    from: &OwnedFd,
    old: &str,
    to: &OwnedFd,
    new: &OsStr,
) -> io::Result<()> {
    Ok(rustix::fs::renameat(from, old, to, new)?)
}

/// Gives a file a name that nothing has.
///
/// # Errors
/// Something has the name.
pub(super) fn rename_file(from: &OwnedFd, old: &Path, to: &OwnedFd, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        // A link replaces nothing either.
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
/// [`io::ErrorKind::Unsupported`] where the file system cannot do that, at least with these two.
pub(super) fn exchange(a: &OwnedFd, name: &str, b: &OwnedFd, other: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(a, name, b, other, RenameFlags::EXCHANGE) {
        // A directory of a lower layer of overlayfs cannot leave it.
        Err(e) if is_unsupported(e) || e == Errno::XDEV => Err(io::ErrorKind::Unsupported.into()),
        exchanged => Ok(exchanged?),
    }
}

/// Whether the file system of a directory, which is empty, can exchange directories at all.
///
/// # Errors
/// As of [`exchange`].
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
