//! The hidden directory in which a tree is written: `.NAME.arrow-pipes-4711-1763710000123456789`,
//! with two entries. `tree` becomes the requested directory; once it has been exchanged for an
//! older one, the older one is here. `lock` is locked while the run is alive.
//!
//! The contents of such a directory are therefore always to be removed, however the run ends: by
//! the run itself, by a signal, or by the next run once the lock is free.

use super::descent::{remove, remove_tree};
use crate::io::open::{open_directory, open_in, open_to_change};
use crate::io::pending_file::{TEMPORARY, are_unique_numbers, unique_numbers};
use crate::io::signals;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const TREE: &str = "tree";
pub(super) const LOCK: &str = "lock";

/// The maximum number of bytes of the target's name in the name of the staging directory. Including
/// the suffix, the name stays below the 255 bytes that file systems allow.
const NAME_BYTES: usize = 120;

/// A staging directory. On drop it is removed with all its contents.
#[derive(Debug)]
pub(super) struct Staging {
    path: PathBuf,
    wrapper: Arc<Wrapper>,
    tree: Arc<OwnedFd>,
    is_kept: Cell<bool>,
}

/// The staging directory by descriptors, so that nothing else is removed, whatever the path leads
/// to by then.
#[derive(Debug)]
struct Wrapper {
    within: OwnedFd,
    name: OsString,
    directory: OwnedFd,
    /// Locked as long as it is open.
    lock: Mutex<Option<OwnedFd>>,
    /// As many descriptors as removing the tree takes: it may have to be removed because there are
    /// no more.
    spare: Mutex<Vec<OwnedFd>>,
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
            let wrapper = Arc::new(Wrapper::make(within, name)?);
            let path = within.join(&wrapper.name);
            attempts += 1;
            match wrapper.fill() {
                Ok(tree) => {
                    let removed = Arc::clone(&wrapper);
                    held.add(path.clone(), move |_| removed.remove_or_leave());
                    let (tree, is_kept) = (Arc::new(tree), Cell::new(false));
                    return Ok(Self { path, wrapper, tree, is_kept });
                }
                // Another run took it for a leftover before it was locked.
                Err(e) if attempts < 10 && is_lost(&e) => {}
                Err(e) => {
                    wrapper.remove_or_leave();
                    return Err(e);
                }
            }
        }
    }

    /// The directory that is written.
    pub(super) fn tree(&self) -> &Arc<OwnedFd> {
        &self.tree
    }

    /// The location of the tree: a directory descriptor and the name in it.
    pub(super) fn tree_at(&self) -> (&OwnedFd, &'static str) {
        (&self.wrapper.directory, TREE)
    }

    /// The directory that contains the tree, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it in place, because it contains data that is still needed: without the lock file, no
    /// later run takes it for a leftover. Returns the path of the tree.
    pub(super) fn keep(&self, held: &mut signals::Held) -> PathBuf {
        held.forget(&self.path);
        let _kept_all_the_same = remove(&self.wrapper.directory, LOCK, AtFlags::empty());
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
        // What fails may work the next time: another process was faster, or descriptors were scarce.
        self.wrapper.remove().or_else(|_| self.wrapper.remove())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Two threads that remove the same directory at the same time would get in each other's
        // way.
        if !self.is_kept.get()
            && let Ok(mut held) = signals::hold()
        {
            self.wrapper.remove_or_leave();
            held.forget(&self.path);
        }
    }
}

impl Wrapper {
    fn make(within: &Path, name: &OsStr) -> io::Result<Self> {
        let within = open_to_change(within)?;
        let name = OsString::from(prefix(name) + &unique_numbers());
        let spare = Mutex::new(vec![within.try_clone()?, within.try_clone()?]);
        // Only its owner can enter it, so no one else can interfere with the files.
        rustix::fs::mkdirat(&within, &name, Mode::RWXU)?;
        match open_directory(&within, &name) {
            Ok(directory) => Ok(Self { within, name, directory, lock: Mutex::default(), spare }),
            Err(e) => {
                let _left_for_the_next_run = remove(&within, &name, AtFlags::REMOVEDIR);
                Err(e)
            }
        }
    }

    /// Makes the lock and the tree, which is returned.
    fn fill(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR;
        let lock = open_in(&self.directory, LOCK, flags, Mode::RUSR | Mode::WUSR)?;
        // Without support for locks, it is never taken for a leftover.
        let locked = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive);
        if locked == Err(rustix::io::Errno::WOULDBLOCK) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if rustix::fs::fstat(&lock)?.st_nlink == 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        rustix::fs::mkdirat(&self.directory, TREE, Mode::from_raw_mode(0o777))?;
        open_directory(&self.directory, TREE)
    }

    /// The lock is removed last: while anything else exists, a later run can tell whether the
    /// directory is in use. It is closed first: a file that is removed while it is open stays in
    /// the directory on NFS, under another name.
    fn remove(&self) -> io::Result<()> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).clear();
        remove_tree(&self.directory, OsStr::new(TREE))?;
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        remove(&self.directory, LOCK, AtFlags::empty())?;
        remove(&self.within, &self.name, AtFlags::REMOVEDIR)
    }

    fn remove_or_leave(&self) {
        let _left_for_the_next_run = self.remove();
    }
}

fn is_lost(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::WouldBlock)
}

/// Whether an entry has the name of a staging directory for `name`.
pub(super) fn is_staging_name(entry: &OsStr, name: &OsStr) -> bool {
    let entry = entry.to_string_lossy();
    entry.strip_prefix(&prefix(name)).is_some_and(are_unique_numbers)
}

/// `.NAME.arrow-pipes-`, with as much of the name as is valid and fits.
fn prefix(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let end = name.floor_char_boundary(NAME_BYTES);
    format!(".{}{TEMPORARY}", &name[..end])
}
