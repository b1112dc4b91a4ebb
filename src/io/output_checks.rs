//! Checks of an output before it is opened.

use super::input::identity;
use crate::error::{Error, Result};
use crate::options::Operand;
use crate::text::escaped;
use rustix::fd::{AsFd, RawFd};
use rustix::fs::Mode;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Follows symbolic links: the link stays, and its target is written. Following stops at a link to
/// a descriptor, and at a dangling link, whose target is then created.
///
/// # Errors
/// A link that [`refuse_planted_links`] refuses.
pub(super) fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many links as the system itself would follow.
    for _ in 0..40 {
        refuse_planted_links(&path)?;
        match std::fs::read_link(&path) {
            Ok(link) if descriptor_number(&path).is_none() => {
                path = path.parent().map_or_else(|| link.clone(), |parent| parent.join(&link));
            }
            _ => break,
        }
    }
    Ok(path)
}

/// Refuses links that another user may have put into a directory like `/tmp`: in a sticky directory
/// that everybody may write to, the link of a user is for that user only. Linux has the same rule
/// where it follows links itself (`fs.protected_symlinks`), but here they are read.
///
/// # Errors
/// Such a link in the path.
pub(super) fn refuse_planted_links(path: &Path) -> io::Result<()> {
    let shared = Mode::SVTX | Mode::WOTH;
    for link in path.ancestors().filter(|part| !part.as_os_str().is_empty()) {
        let Ok(own) = std::fs::symlink_metadata(link) else { continue };
        if !own.is_symlink() || own.uid() == rustix::process::geteuid().as_raw() {
            continue;
        }
        let parent = link.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = std::fs::metadata(parent.unwrap_or(Path::new(".")))?;
        if Mode::from_raw_mode(parent.mode()).contains(shared) && parent.uid() != own.uid() {
            let shown = escaped(&link.to_string_lossy());
            return Err(io::Error::other(format!(
                "{shown} is a link of another user in a directory that everybody may write to"
            )));
        }
    }
    Ok(())
}

/// The number in a name of an open descriptor. Opening the name instead would start at the front of
/// a file that the shell opened for appending.
pub(crate) fn descriptor_number(path: &Path) -> Option<RawFd> {
    match path.to_str()? {
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        text => text
            .strip_prefix("/dev/fd/")
            .or_else(|| text.strip_prefix("/proc/self/fd/"))
            .and_then(|number| number.parse().ok())
            // -1 is the only number that `BorrowedFd` must not hold.
            .filter(|number| *number >= 0),
    }
}

pub(crate) fn duplicated(descriptor: impl AsFd, name: &str) -> Result<File> {
    match rustix::io::dup(descriptor) {
        Ok(file) => Ok(file.into()),
        Err(e) => Err(Error::io(format_args!("cannot write {name}"), &e.into())),
    }
}

pub(crate) fn refuse_terminal(file: &File, name: &str, force: bool) -> Result<()> {
    if force || !rustix::termios::isatty(file) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{name} is a terminal and the output is binary: pipe it to another program \
         (such as stream-print), use -o FILE, or --force"
    )))
}

pub(crate) fn refuse_own_input(file: &File, name: &str, inputs: &[Operand]) -> Result<()> {
    let Ok(metadata) = file.metadata() else { return Ok(()) };
    let own = (metadata.dev(), metadata.ino());
    match inputs.iter().find(|input| metadata.is_file() && identity(input) == Some(own)) {
        Some(input) => {
            Err(Error::failed(format!("{name} is the same file as the input {}", input.name())))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{AtFlags, CWD, Uid, chmod, chownat};
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_that_another_user_planted_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (link, real) = (place.path().join("link"), place.path().join("real"));
        symlink(&real, &link).unwrap();
        chmod(place.path(), Mode::from_raw_mode(0o1777)).unwrap();
        assert_eq!(followed(&link).unwrap(), real);
        // Only the superuser can give a link away, and so make one of another user.
        let other = Uid::from_raw(12_345);
        if chownat(CWD, &link, Some(other), None, AtFlags::SYMLINK_NOFOLLOW).is_err() {
            return;
        }
        let told = followed(&link).unwrap_err().to_string();
        assert!(told.ends_with("everybody may write to"), "{told}");
        assert!(followed(&link.join("out")).is_err());
        // Without the sticky bit, everybody may replace everything.
        chmod(place.path(), Mode::from_raw_mode(0o777)).unwrap();
        assert_eq!(followed(&link).unwrap(), real);
        // The owner of the directory may link what he wants.
        chmod(place.path(), Mode::from_raw_mode(0o1777)).unwrap();
        chownat(CWD, place.path(), Some(other), None, AtFlags::empty()).unwrap();
        assert_eq!(followed(&link).unwrap(), real);
    }
}
