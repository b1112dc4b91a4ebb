//! Adding finished files to an existing directory. Each file gets its name by a rename that
//! replaces nothing; if one rename fails, the others are undone.

use super::renames::rename_file;
use super::staged_file::staged_path;
use super::staging::open_parent;
use crate::io::signals;
use rustix::fs::AtFlags;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// Moves files, given by their relative paths, from one directory to the other.
///
/// # Errors
/// The path that cannot be placed, and why: the file already exists, or a link is in the way.
pub(super) fn place(
    from: &OwnedFd,
    to: &OwnedFd,
    files: &[PathBuf],
) -> Result<(), (PathBuf, io::Error)> {
    // A signal is handled before the first file has its name, or after the last one.
    let _held = signals::hold().map_err(|e| (PathBuf::new(), e))?;
    let mut made = Vec::new();
    for (number, path) in files.iter().enumerate() {
        let placed = open_parent(to, path, &mut made).and_then(|directory| {
            let name = path.file_name().unwrap_or_default();
            rename_file(from, &staged_path(path), &directory, name)
        });
        if let Err(e) = placed {
            undo(to, &files[..number], &made);
            return Err((path.clone(), e));
        }
    }
    Ok(())
}

/// Removes files that were placed, and directories that were made for them.
pub(super) fn undo(to: &OwnedFd, files: &[PathBuf], made: &[PathBuf]) {
    for path in files.iter().rev() {
        let _gone = rustix::fs::unlinkat(to, path, AtFlags::empty());
    }
    for path in made.iter().rev() {
        // Not removed if another process has put something into it in the meantime.
        let _gone = rustix::fs::unlinkat(to, path, AtFlags::REMOVEDIR);
    }
}
