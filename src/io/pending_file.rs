//! A file that appears under its name only when it is complete.
//!
//! It is written without a name (`O_TMPFILE`) if the file system supports that: then nothing is
//! left over, however the process dies. Otherwise it has a temporary name beside the target and is
//! locked, so that a later run can distinguish a leftover from a file that is still being written.

use super::open::open_in;
use super::{signals, sudden_end};
use crate::error::{Error, Result};
use crate::text::escaped;
use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, OFlags};
use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The file being written.
#[derive(Debug)]
pub(super) struct PendingFile {
    file: File,
    target: PathBuf,
    directory: PathBuf,
    /// Used to sync the new name; `None` if the directory is writable but not readable.
    directory_file: Option<File>,
    /// The name to remove on failure; `None` while the file has no name.
    temporary: Option<PathBuf>,
    /// A file that has the name of the target by then is an error.
    must_be_new: bool,
}

impl PendingFile {
    /// Starts a file that will replace or become `target`; only become it with `must_be_new`.
    ///
    /// # Errors
    /// A directory that does not exist or is not writable.
    pub(super) fn create(target: &Path, must_be_new: bool) -> Result<Self> {
        let target = target.to_owned();
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let nameless = OFlags::TMPFILE | OFlags::WRONLY;
        // A file without a name is given one through /proc.
        let can_be_named = Path::new("/proc/self/fd").exists();
        let mut pending = match open_in(CWD, &directory, nameless, Mode::from_raw_mode(0o666)) {
            Ok(file) if can_be_named => {
                // To replace a file takes a name. That signals cannot be watched is reported
                // before the work.
                if target.exists() {
                    signals::watch().map_err(|e| cannot_write(&target, &e))?;
                }
                Self::started(file.into(), target, directory)
            }
            // Not every file system supports files without a name. If there is another cause,
            // opening by name reports it.
            _ => Self::create_named(target, directory)?,
        };
        pending.must_be_new = must_be_new;
        pending.keep_permissions();
        Ok(pending)
    }

    fn started(file: File, target: PathBuf, directory: PathBuf) -> Self {
        let directory_file = File::open(&directory).ok();
        Self { file, target, directory, directory_file, temporary: None, must_be_new: false }
    }

    /// The file to write to.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Puts the finished file in its place in one step.
    ///
    /// # Errors
    /// I/O errors, such as a full disk or a removed directory.
    pub(super) fn commit(mut self, sync: bool) -> Result<()> {
        if sync {
            self.file.sync_all().map_err(|e| cannot_write(&self.target, &e))?;
        }
        self.put_in_place().map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => exists_already(&escaped(&self.target.to_string_lossy())),
            _ => cannot_write(&self.target, &e),
        })?;
        if sync {
            // The new name is durable only once the directory is synced. The file is in its place
            // by now, so a failure here is not a failure of the job.
            if let Some(directory) = &self.directory_file {
                let _refused = directory.sync_all();
            }
        }
        Ok(())
    }

    fn put_in_place(&mut self) -> std::io::Result<()> {
        if sudden_end::has_begun() {
            sudden_end::wait_for_the_end();
        }
        if self.temporary.is_none() {
            let nameless = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            let link = |to: &Path| {
                rustix::fs::linkat(CWD, nameless.as_str(), CWD, to, AtFlags::SYMLINK_FOLLOW)
            };
            match link(&self.target) {
                Ok(()) => return Ok(()),
                Err(rustix::io::Errno::EXIST) if !self.must_be_new => {}
                Err(e) => return Err(e.into()),
            }
            // A link cannot replace a file, but a rename can: give it a name for that one step.
            remove_leftovers(&self.directory);
            let name = temporary_name(&self.directory);
            self.lock();
            signals::make_until_signal(&name, || Ok(link(&name)?))?;
            self.temporary = Some(name);
        }
        if let Some(name) = &self.temporary {
            if self.must_be_new {
                // A rename would replace the file of another process.
                std::fs::hard_link(name, &self.target)?;
                std::fs::remove_file(name)?;
            } else {
                std::fs::rename(name, &self.target)?;
            }
            signals::forget(name);
            self.temporary = None;
        }
        Ok(())
    }

    fn create_named(target: PathBuf, directory: PathBuf) -> Result<Self> {
        remove_leftovers(&directory);
        let name = temporary_name(&directory);
        let open = || OpenOptions::new().write(true).create_new(true).open(&name);
        let file =
            signals::make_until_signal(&name, open).map_err(|e| cannot_write(&target, &e))?;
        let mut pending = Self::started(file, target, directory);
        pending.temporary = Some(name);
        pending.lock();
        Ok(pending)
    }

    /// Ensures that no other run takes the temporary name for a leftover.
    fn lock(&self) {
        let _unsupported = rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive);
    }

    /// A replaced file keeps its permissions.
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

/// The error of a file that must be new.
pub(super) fn exists_already(shown: &str) -> Error {
    Error::failed(format!("{shown} exists already (--existing overwrite replaces it)"))
}

fn cannot_write(target: &Path, cause: &std::io::Error) -> Error {
    Error::io(format_args!("cannot write {}", escaped(&target.to_string_lossy())), cause)
}

/// `.arrow-pipes-4711-1763710000123456789`, in the target's directory, because a rename cannot
/// cross file systems.
fn temporary_name(directory: &Path) -> PathBuf {
    directory.join(format!("{TEMPORARY}{}", unique_numbers()))
}

/// The start of all temporary names.
pub(super) const TEMPORARY: &str = ".arrow-pipes-";

/// `4711-1763710000123456789`. In a container, every process may have the ID 1, so the time
/// distinguishes them.
pub(super) fn unique_numbers() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", std::process::id(), now.as_nanos())
}

/// Whether a text has the form of [`unique_numbers`].
pub(super) fn are_unique_numbers(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.split_once('-').is_some_and(|(process, time)| is_number(process) && is_number(time))
}

/// A file this young may belong to a run that has created it but not locked it yet.
const YOUNG: Duration = Duration::from_secs(60);

/// Removes what killed runs left: files with temporary names that are not locked.
fn remove_leftovers(directory: &Path) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let Ok(directory) = open_in(CWD, directory, flags, Mode::empty()) else { return };
    for entry in Dir::read_from(&directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().ok().and_then(|name| name.strip_prefix(TEMPORARY));
        if numbers.is_some_and(are_unique_numbers) {
            let _kept = remove_leftover(&directory, name);
        }
    }
}

/// By descriptors, so that the file that is removed is the one that was looked at.
fn remove_leftover(directory: &OwnedFd, name: &CStr) -> std::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(open_in(directory, name, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    let age = metadata.modified()?.elapsed().unwrap_or_default();
    if metadata.is_file() && age > YOUNG {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let now = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (now.st_dev, now.st_ino) == (metadata.dev(), metadata.ino()) {
            rustix::fs::unlinkat(directory, name, AtFlags::empty())?;
        }
    }
    Ok(())
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
        for make in [|d: &Path| PendingFile::create(&d.join("data"), false).unwrap(), named] {
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
        drop(PendingFile::create(&directory.path().join("data"), false).unwrap());
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn leftovers_go_and_files_in_work_stay() {
        let directory = tempfile::tempdir().unwrap();
        let age = |name: &Path| {
            let file = OpenOptions::new().write(true).open(name).unwrap();
            file.set_modified(SystemTime::now() - 2 * YOUNG).unwrap();
        };
        // The last two belong to somebody else.
        for name in ["1-1", "1-2", "notes", "1-1.arrow"].map(|name| format!("{TEMPORARY}{name}")) {
            let name = directory.path().join(name);
            std::fs::write(&name, "left by a killed run").unwrap();
            if !name.ends_with(".arrow-pipes-1-2") {
                age(&name);
            }
        }
        std::os::unix::fs::symlink("x", directory.path().join(".arrow-pipes-3-3")).unwrap();
        let working = named(directory.path());
        age(working.temporary.as_ref().unwrap());
        remove_leftovers(directory.path());
        let own = working.temporary.as_ref().unwrap().file_name().unwrap().to_str().unwrap();
        // The young one may belong to a run that has not locked it yet.
        let mut kept = [
            own,
            ".arrow-pipes-1-1.arrow",
            ".arrow-pipes-1-2",
            ".arrow-pipes-3-3",
            ".arrow-pipes-notes",
        ];
        kept.sort_unstable();
        assert_eq!(names(directory.path()), kept);
        drop(working);
    }
}
