//! A file that appears at its name only when it is whole.
//!
//! Written without a name (`O_TMPFILE`) where the file system can do that: then a death of any kind
//! leaves nothing behind. Elsewhere under a temporary name beside the target, held by a lock so that
//! a later run can tell a leftover from a file that somebody still writes.

use super::signals;
use crate::error::{Error, Result};
use crate::text::escaped;
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The file being written.
#[derive(Debug)]
pub(super) struct PendingFile {
    file: File,
    target: PathBuf,
    directory: PathBuf,
    /// The name to remove on failure; none while the file has no name at all.
    temporary: Option<PathBuf>,
}

impl PendingFile {
    /// Starts a file that shall replace or become `target`.
    ///
    /// # Errors
    /// A directory that does not exist or may not be written.
    pub(super) fn create(target: &Path) -> Result<Self> {
        let target = followed(target)?;
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let nameless = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let pending = match rustix::fs::open(&directory, nameless, Mode::from_raw_mode(0o666)) {
            Ok(file) => Self { file: file.into(), target, directory, temporary: None },
            // Not every file system has files without a name; the named way says what is wrong
            // where the cause is another.
            Err(_) => Self::create_named(target, directory)?,
        };
        pending.keep_permissions();
        Ok(pending)
    }

    /// The file to write to.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Puts the finished file in its place with one step.
    ///
    /// # Errors
    /// The disk is full, the directory went away.
    pub(super) fn commit(mut self, sync: bool) -> Result<()> {
        if sync {
            self.file.sync_all().map_err(|e| cannot_write(&self.target, &e))?;
        }
        self.put_in_place().map_err(|e| cannot_write(&self.target, &e))?;
        if sync {
            // The new name itself is safe only once the directory is.
            File::open(&self.directory)
                .and_then(|directory| directory.sync_all())
                .map_err(|e| cannot_write(&self.target, &e))?;
        }
        Ok(())
    }

    fn put_in_place(&mut self) -> std::io::Result<()> {
        if self.temporary.is_none() {
            let nameless = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            let link = |to: &Path| {
                rustix::fs::linkat(CWD, nameless.as_str(), CWD, to, AtFlags::SYMLINK_FOLLOW)
            };
            match link(&self.target) {
                Ok(()) => return Ok(()),
                Err(rustix::io::Errno::EXIST) => {}
                Err(e) => return Err(e.into()),
            }
            // A link cannot replace a file, a rename can: give it a name for that one step.
            remove_leftovers(&self.target, &self.directory);
            let name = temporary_name(&self.target, &self.directory);
            self.hold(&name)?;
            link(&name)?;
        }
        if let Some(name) = &self.temporary {
            std::fs::rename(name, &self.target)?;
            signals::forget(name);
            self.temporary = None;
        }
        Ok(())
    }

    fn create_named(target: PathBuf, directory: PathBuf) -> Result<Self> {
        remove_leftovers(&target, &directory);
        let name = temporary_name(&target, &directory);
        let file = OpenOptions::new().write(true).create_new(true).open(&name);
        let file = file.map_err(|e| cannot_write(&target, &e))?;
        let mut pending = Self { file, target, directory, temporary: None };
        pending.hold(&name).map_err(|e| cannot_write(&pending.target, &e))?;
        Ok(pending)
    }

    /// Sees to it that a temporary name goes away with this run, and that no other run takes it for a
    /// leftover meanwhile.
    fn hold(&mut self, name: &Path) -> std::io::Result<()> {
        let _unsupported = rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive);
        self.temporary = Some(name.to_owned());
        signals::remove_on_signal(name.to_owned())
    }

    /// A file that is replaced keeps its permissions.
    fn keep_permissions(&self) {
        if let Ok(metadata) = std::fs::metadata(&self.target) {
            let _refused = self.file.set_permissions(metadata.permissions());
        }
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if let Some(name) = &self.temporary {
            let _gone = std::fs::remove_file(name);
            signals::forget(name);
        }
    }
}

/// Where a symbolic link leads: the link stays, what it names is replaced.
fn followed(target: &Path) -> Result<PathBuf> {
    let is_link = std::fs::symlink_metadata(target).is_ok_and(|m| m.file_type().is_symlink());
    if !is_link {
        return Ok(target.to_owned());
    }
    std::fs::canonicalize(target).map_err(|e| cannot_write(target, &e))
}

fn cannot_write(target: &Path, cause: &std::io::Error) -> Error {
    Error::io(format_args!("cannot write {}", escaped(&target.to_string_lossy())), cause)
}

/// `.data.parquet.arrow-pipes-4711`, in the target's directory: a rename does not cross file systems.
fn temporary_name(target: &Path, directory: &Path) -> PathBuf {
    let mut name = leftover_prefix(target);
    name.push(std::process::id().to_string());
    directory.join(name)
}

fn leftover_prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(target.file_name().unwrap_or(OsStr::new("output")));
    prefix.push(".arrow-pipes-");
    prefix
}

/// Removes what killed runs left: temporary names of this target that nobody holds a lock on.
fn remove_leftovers(target: &Path, directory: &Path) {
    let prefix = leftover_prefix(target);
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            continue;
        }
        if let Ok(file) = File::open(entry.path())
            && rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            let _gone = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn named(directory: &Path) -> PendingFile {
        PendingFile::create_named(directory.join("data"), directory.to_owned()).unwrap()
    }

    #[test]
    fn it_appears_only_when_whole_in_both_ways() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("data");
        for make in [|d: &Path| PendingFile::create(&d.join("data")).unwrap(), named] {
            for content in ["first", "second"] {
                let pending = make(directory.path());
                pending.file().write_all(content.as_bytes()).unwrap();
                assert_ne!(std::fs::read_to_string(&target).unwrap_or_default(), content);
                pending.commit(true).unwrap();
                assert_eq!(std::fs::read_to_string(&target).unwrap(), content);
                assert_eq!(names(directory.path()), ["data"]);
            }
            std::fs::remove_file(&target).unwrap();
        }
    }

    #[test]
    fn given_up_it_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        drop(named(directory.path()));
        drop(PendingFile::create(&directory.path().join("data")).unwrap());
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn leftovers_go_and_files_in_work_stay() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".data.arrow-pipes-1"), "left by a killed run")
            .unwrap();
        let working = named(directory.path());
        remove_leftovers(&directory.path().join("data"), directory.path());
        let own = format!(".data.arrow-pipes-{}", std::process::id());
        assert_eq!(names(directory.path()), [own]);
        drop(working);
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        std::fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let pending = PendingFile::create(&link).unwrap();
        pending.file().write_all(b"new").unwrap();
        pending.commit(false).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
    }
}
