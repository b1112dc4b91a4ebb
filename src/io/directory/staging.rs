//! The hidden directory in which a tree is written: `.NAME.arrow-pipes-4711-1763710000123456789`,
//! with two entries. `tree` becomes the requested directory; once it has been exchanged for an
//! older one, the older one is here. `lock` is locked while the run is alive.
//!
//! The contents of such a directory are therefore always to be removed, however the run ends: by
//! the run itself, by a signal, or by the next run once the lock is free.

use crate::io::pending_file::{TEMPORARY, unique_numbers};
use crate::io::signals;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::cell::Cell;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TREE: &str = "tree";
const LOCK: &str = "lock";

/// The maximum number of bytes of the target's name in the name of the staging directory. Including
/// the suffix, the name stays below the 255 bytes that file systems allow.
const NAME_BYTES: usize = 120;

/// A staging directory. On drop it is removed with all its contents.
#[derive(Debug)]
pub(super) struct Staging {
    path: PathBuf,
    wrapper: OwnedFd,
    tree: Arc<OwnedFd>,
    /// Locked as long as it is open.
    _lock: OwnedFd,
    is_kept: Cell<bool>,
}

impl Staging {
    /// Makes one in `within`, for a directory named `name`.
    ///
    /// # Errors
    /// A directory that does not exist or is not writable.
    pub(super) fn create(within: &Path, name: &OsStr) -> io::Result<Self> {
        // A signal is handled before anything exists, or after everything does: a handler that
        // removes a directory must not encounter new entries in it.
        let mut held = signals::hold()?;
        let mut attempts = 0;
        loop {
            let path = within.join(prefix(name) + &unique_numbers());
            // Only its owner can enter it, so no one else can interfere with the files.
            rustix::fs::mkdir(&path, Mode::RWXU)?;
            attempts += 1;
            match Self::fill(&path) {
                Ok(staging) => {
                    held.add(path, remove);
                    return Ok(staging);
                }
                // Another run took it for a leftover before it was locked.
                Err(e) if attempts < 10 && is_lost(&e) => {}
                Err(e) => {
                    remove(&path);
                    return Err(e);
                }
            }
        }
    }

    fn fill(path: &Path) -> io::Result<Self> {
        let wrapper = open_directory(rustix::fs::CWD, path)?;
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let lock = rustix::fs::openat(&wrapper, LOCK, flags, Mode::RUSR | Mode::WUSR)?;
        // Without support for locks, it is never taken for a leftover.
        let locked = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive);
        if locked == Err(rustix::io::Errno::WOULDBLOCK) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if rustix::fs::fstat(&lock)?.st_nlink == 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        rustix::fs::mkdirat(&wrapper, TREE, Mode::from_raw_mode(0o777))?;
        let tree = Arc::new(open_directory(&wrapper, TREE)?);
        Ok(Self { path: path.to_owned(), wrapper, tree, _lock: lock, is_kept: Cell::new(false) })
    }

    /// The directory that is written.
    pub(super) fn tree(&self) -> &Arc<OwnedFd> {
        &self.tree
    }

    /// The location of the tree: a directory descriptor and the name in it.
    pub(super) fn tree_at(&self) -> (&OwnedFd, &'static str) {
        (&self.wrapper, TREE)
    }

    /// The directory that contains the tree, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it in place, because it contains data that is still needed: without the lock file, no
    /// later run takes it for a leftover. Returns the path of the tree.
    pub(super) fn keep(&self, held: &mut signals::Held) -> PathBuf {
        held.forget(&self.path);
        let _kept_all_the_same = std::fs::remove_file(self.path.join(LOCK));
        self.is_kept.set(true);
        self.path.join(TREE)
    }

    /// Removes it, and reports a failure to do so.
    ///
    /// # Errors
    /// An entry that cannot be removed.
    pub(super) fn remove(self) -> io::Result<()> {
        // Dropping `self` tries again, which does no harm.
        let _held = signals::hold()?;
        try_remove(&self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Two threads that remove the same directory at the same time would get in each other's
        // way.
        if !self.is_kept.get()
            && let Ok(mut held) = signals::hold()
        {
            remove(&self.path);
            held.forget(&self.path);
        }
    }
}

/// Removes what killed runs left in `within` for this name: staging directories that are not
/// locked.
pub(super) fn remove_leftovers(within: &Path, name: &OsStr) {
    for entry in std::fs::read_dir(within).into_iter().flatten().flatten() {
        if is_staging_name(&entry.file_name(), name) {
            let _kept = remove_leftover(&entry.path());
        }
    }
}

/// Opens a directory, but not a link to one.
pub(super) fn open_directory(
    within: impl std::os::fd::AsFd,
    path: impl rustix::path::Arg,
) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(within, path, flags, Mode::empty())?)
}

/// Opens the directory in `tree` that the file belongs in, without following links, and makes it if
/// necessary. Adds the directories that were made to `made`.
pub(super) fn open_parent(
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

fn remove_leftover(path: &Path) -> io::Result<()> {
    let wrapper = open_directory(rustix::fs::CWD, path)?;
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let lock = match rustix::fs::openat(&wrapper, LOCK, flags, Mode::empty()) {
        // Killed before it was filled, or when it was nearly removed.
        Err(rustix::io::Errno::NOENT) => return std::fs::remove_dir(path),
        lock => lock?,
    };
    rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
    let is_file = std::fs::symlink_metadata(path.join(LOCK))?.is_file();
    let mut names = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.file_name()));
    if is_file && names.all(|name| name.is_ok_and(|name| name == TREE || name == LOCK)) {
        try_remove(path)?;
    }
    Ok(())
}

fn remove(path: &Path) {
    let _left_for_the_next_run = try_remove(path);
}

/// The lock is removed last: while anything else exists, a later run can tell whether the directory
/// is in use.
fn try_remove(path: &Path) -> io::Result<()> {
    let gone = |removed: io::Result<()>| match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    // Does not follow links.
    gone(std::fs::remove_dir_all(path.join(TREE)))?;
    gone(std::fs::remove_file(path.join(LOCK)))?;
    gone(std::fs::remove_dir(path))
}

fn is_lost(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::WouldBlock)
}

/// Whether an entry has the name of a staging directory for `name`.
pub(super) fn is_staging_name(entry: &OsStr, name: &OsStr) -> bool {
    let entry = entry.to_string_lossy();
    let Some(numbers) = entry.strip_prefix(&prefix(name)) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.split_once('-').is_some_and(|(process, time)| is_number(process) && is_number(time))
}

/// `.NAME.arrow-pipes-`, with as much of the name as is valid and fits.
fn prefix(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let end = name.floor_char_boundary(NAME_BYTES);
    format!(".{}{TEMPORARY}", &name[..end])
}
