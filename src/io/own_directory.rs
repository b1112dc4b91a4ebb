//! A directory in a place that others may write to, and files in it. Nothing is opened that another
//! user may have put there: a FIFO would block, a link would lead elsewhere.

use super::open::open_in;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

/// An open directory that belongs to this user, and that no other user may write to.
#[derive(Debug)]
pub struct OwnDirectory(OwnedFd);

impl OwnDirectory {
    /// Opens it; `None` if there is no such directory.
    pub fn open(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let directory = open_in(CWD, path, flags, Mode::empty()).ok()?;
        let status = rustix::fs::fstat(&directory).ok()?;
        let is_own = status.st_uid == rustix::process::geteuid().as_raw();
        let others = Mode::WGRP | Mode::WOTH;
        (is_own && !Mode::from_raw_mode(status.st_mode).intersects(others))
            .then_some(Self(directory))
    }

    /// Opens it, after making it if necessary.
    pub fn make(path: &Path) -> Option<Self> {
        let _may_be_there = rustix::fs::mkdir(path, Mode::RWXU);
        Self::open(path)
    }

    /// Opens a regular file in it for reading.
    pub fn file(&self, name: &str) -> Option<File> {
        self.open_file(name, OFlags::RDONLY)
    }

    /// Opens a regular file in it for writing, after making it if necessary.
    pub fn make_file(&self, name: &str) -> Option<File> {
        self.open_file(name, OFlags::WRONLY | OFlags::CREATE)
    }

    fn open_file(&self, name: &str, flags: OFlags) -> Option<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = open_in(&self.0, name, flags, Mode::RUSR | Mode::WUSR).ok()?;
        let status = rustix::fs::fstat(&file).ok()?;
        let is_file = FileType::from_raw_mode(status.st_mode) == FileType::RegularFile;
        is_file.then(|| file.into())
    }

    /// Removes a file in it, if that is possible.
    pub fn remove_file(&self, name: &str) {
        let _gone_already = rustix::fs::unlinkat(&self.0, name, AtFlags::empty());
    }

    /// Removes all files in it, and then the directory at this path, if that is possible.
    pub fn remove(&self, path: &Path) {
        for entry in Dir::read_from(&self.0).into_iter().flatten().flatten() {
            let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
            let _is_directory = rustix::fs::unlinkat(&self.0, name, AtFlags::empty());
        }
        // Removes only an empty directory, whatever the path leads to by now.
        let _gone_already = rustix::fs::rmdir(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, create_dir, read_dir, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn nothing_is_opened_that_is_not_its_own() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let own = OwnDirectory::make(&at("own")).unwrap();
        assert!(own.file("line").is_none());
        assert!(own.make_file("line").is_some() && own.file("line").is_some());
        symlink("line", at("own/link")).unwrap();
        let (fifo, mode) = (rustix::fs::FileType::Fifo, Mode::RWXU);
        rustix::fs::mknodat(rustix::fs::CWD, at("own/fifo"), fifo, mode, 0).unwrap();
        for name in ["link", "fifo"] {
            assert!(own.file(name).is_none() && own.make_file(name).is_none(), "{name}");
        }
        symlink("own", at("link")).unwrap();
        create_dir(at("open")).unwrap();
        set_permissions(at("open"), Permissions::from_mode(0o770)).unwrap();
        write(at("file"), "").unwrap();
        for name in ["link", "open", "file", "missing"] {
            assert!(OwnDirectory::open(&at(name)).is_none(), "{name}");
        }
        own.remove(&at("own"));
        assert_eq!(read_dir(place.path()).unwrap().count(), 3);
    }
}
