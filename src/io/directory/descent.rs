//! Walks down into a tree of any depth and back up, with one descriptor and without recursion, and
//! removes such a tree.

use crate::io::open::open_directory;
use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;

/// A place in a tree, and the way back to its top.
pub(super) struct Descent {
    directory: OwnedFd,
    /// The name of each directory on the way, and the identity of its parent.
    above: Vec<(OsString, Identity)>,
}

/// Device and inode.
type Identity = (u64, u64);

impl Descent {
    pub(super) fn new(top: OwnedFd) -> Self {
        Self { directory: top, above: Vec::new() }
    }

    pub(super) fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Enters a directory, but not through a link.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn down(&mut self, name: OsString) -> io::Result<()> {
        let parent = identity(&self.directory)?;
        self.directory = open_directory(&self.directory, &name)?;
        self.above.push((name, parent));
        Ok(())
    }

    /// Goes back to the parent. Returns the name of the directory that was left; `None` at the top.
    ///
    /// # Errors
    /// The directory was moved meanwhile, so that its parent is another one; I/O errors.
    pub(super) fn up(&mut self) -> io::Result<Option<OsString>> {
        let Some((name, parent)) = self.above.pop() else { return Ok(None) };
        let directory = open_directory(&self.directory, "..")?;
        if identity(&directory)? != parent {
            return Err(io::Error::other("a directory was moved meanwhile"));
        }
        self.directory = directory;
        Ok(Some(name))
    }
}

fn identity(directory: &OwnedFd) -> io::Result<Identity> {
    let status = rustix::fs::fstat(directory)?;
    Ok((status.st_dev, status.st_ino))
}

/// The names in a directory with their types, as far as the file system tells these.
///
/// # Errors
/// I/O errors.
pub(super) fn entries(directory: &OwnedFd) -> io::Result<Vec<(OsString, FileType)>> {
    let mut entries = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            entries.push((OsString::from_vec(name), entry.file_type()));
        }
    }
    Ok(entries)
}

/// Removes a directory in `within` with everything in it. Links are removed, not followed. It is
/// not an error if there is none.
///
/// # Errors
/// An entry that cannot be removed.
pub(super) fn remove_tree(within: &OwnedFd, name: &OsStr) -> io::Result<()> {
    let top = match open_directory(within, name) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        top => top?,
    };
    let mut descent = Descent::new(top);
    // The directories that are left at each level.
    let mut left = vec![remove_files(descent.directory())?];
    while let Some(level) = left.last_mut() {
        if let Some(child) = level.pop() {
            descent.down(child)?;
            left.push(remove_files(descent.directory())?);
            continue;
        }
        left.pop();
        if let Some(child) = descent.up()? {
            remove(descent.directory(), &child, AtFlags::REMOVEDIR)?;
        }
    }
    remove(within, name, AtFlags::REMOVEDIR)
}

/// Removes all entries except directories, whose names are returned.
fn remove_files(directory: &OwnedFd) -> io::Result<Vec<OsString>> {
    let mut directories = Vec::new();
    for (name, kind) in entries(directory)? {
        let is_directory = match kind {
            FileType::Directory => true,
            FileType::Unknown => {
                let status = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(status.st_mode) == FileType::Directory
            }
            _ => false,
        };
        if is_directory {
            directories.push(name);
        } else {
            remove(directory, &name, AtFlags::empty())?;
        }
    }
    Ok(directories)
}

/// Removes an entry, which another process may have done.
///
/// # Errors
/// An entry that cannot be removed.
pub(super) fn remove(
    within: &OwnedFd,
    name: impl rustix::path::Arg,
    flags: AtFlags,
) -> io::Result<()> {
    match rustix::fs::unlinkat(within, name, flags) {
        Err(Errno::NOENT) => Ok(()),
        removed => Ok(removed?),
    }
}
