//! Staging directories that killed runs have left.
//!
//! They are removed by descriptors, so that a link in the place of one does not have another directory
//! removed. Only those of this user are removed: another user could move a
//! directory of this user into one of his.

use super::descent::{entries, remove, remove_tree};
use super::staging::{LOCK, TREE, is_staging_name};
use crate::io::open::{open_directory, open_in};
use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Removes what killed runs left in `within` for this name: staging directories that are not
/// locked.
pub(super) fn remove_leftovers(within: &Path, name: &OsStr) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let Ok(within) = open_in(CWD, within, flags, Mode::empty()) else { return };
    for (entry, _) in entries(&within).unwrap_or_default() {
        if is_staging_name(&entry, name) {
            let _kept = remove_leftover(&within, &entry);
        }
    }
}

fn remove_leftover(within: &OwnedFd, name: &OsStr) -> io::Result<()> {
    let wrapper = open_directory(within, name)?;
    if rustix::fs::fstat(&wrapper)?.st_uid != rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let lock = match open_in(&wrapper, LOCK, flags, Mode::empty()) {
        // Killed before it was filled, or when it was nearly removed.
        Err(Errno::NOENT) => return remove(within, name, AtFlags::REMOVEDIR),
        lock => lock?,
    };
    rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
    let is_file =
        FileType::from_raw_mode(rustix::fs::fstat(&lock)?.st_mode) == FileType::RegularFile;
    let are_ours = entries(&wrapper)?.iter().all(|(entry, _)| entry == TREE || entry == LOCK);
    if is_file && are_ours {
        remove_tree(&wrapper, OsStr::new(TREE))?;
        drop(lock);
        remove(&wrapper, LOCK, AtFlags::empty())?;
        remove(within, name, AtFlags::REMOVEDIR)?;
    }
    Ok(())
}
