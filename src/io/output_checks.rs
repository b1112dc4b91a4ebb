//! Checks of an output before it is opened.

use super::input::identity;
use crate::error::{Error, Result};
use crate::options::Operand;
use rustix::fd::{AsFd, RawFd};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Follows symbolic links: the link stays, and its target is written. Following stops at a link to
/// a descriptor, and at a dangling link, whose target is then created.
pub(super) fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many links as the system itself would follow.
    for _ in 0..40 {
        match std::fs::read_link(&path) {
            Ok(link) if descriptor_number(&path).is_none() => {
                path = path.parent().map_or_else(|| link.clone(), |parent| parent.join(&link));
            }
            _ => break,
        }
    }
    path
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
