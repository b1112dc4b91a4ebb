//! Opening files and directories below a directory.

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::retry_on_intr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Opens a file, given by its path from an open directory, and repeats that after a signal: opening
/// may take long in a file system that is far away. Programs that are started do not inherit it.
///
/// # Errors
/// I/O errors.
pub(super) fn open_in(
    within: impl AsFd,
    path: impl rustix::path::Arg + Copy,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    retry_on_intr(|| rustix::fs::openat(&within, path, flags | OFlags::CLOEXEC, mode))
}

/// Opens a directory, but not a link to one.
pub(in crate::io) fn open_directory(
    within: impl std::os::fd::AsFd,
    path: impl rustix::path::Arg + Copy,
) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    Ok(open_in(within, path, flags, Mode::empty())?)
}

/// Opens a directory whose entries are changed, which needs no permission to read it.
#[cfg(target_os = "linux")]
pub(in crate::io) fn open_to_change(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    Ok(open_in(CWD, path, flags, Mode::empty())?)
}

/// Opens a directory whose entries are changed.
#[cfg(not(target_os = "linux"))]
pub(in crate::io) fn open_to_change(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    Ok(open_in(CWD, path, flags, Mode::empty())?)
}

/// Opens the directory in `tree` that the file belongs in, without following links, and makes it if
/// necessary. Adds the directories that were made to `made`.
pub(in crate::io) fn open_parent(
    tree: &OwnedFd,
    path: &Path,
    made: &mut Vec<PathBuf>,
) -> io::Result<OwnedFd> {
    let mut directory = open_directory(tree, ".")?;
    let mut so_far = PathBuf::new();
    for component in path.parent().into_iter().flat_map(Path::components) {
        so_far.push(component);
        match rustix::fs::mkdirat(&directory, component.as_os_str(), Mode::from_raw_mode(0o777)) {
            Ok(()) => made.push(so_far.clone()),
            Err(rustix::io::Errno::EXIST) => {}
            Err(e) => return Err(e.into()),
        }
        directory = open_directory(&directory, component.as_os_str())?;
    }
    Ok(directory)
}
