//! The files that operands stand for, in the order in which they are read.

use super::pattern::Pattern;
use super::walk::walk;
use crate::endpoint::Operand;
use crate::error::{Error, Result};
use crate::text::escaped;
use memchr::memchr;
use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// A file, and where its keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) operand: Operand,
    /// The byte of its path from which on parts of it are keys; none are if it is the path's length.
    pub(super) keys_from: usize,
}

/// Which parts of a file's path are keys, `year=2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HiveKeys {
    /// Those below a directory that is an operand, and those of a pattern from its first wildcard on.
    Below,
    /// All, also those of files that are operands.
    All,
    /// None.
    Never,
}

/// The files that an operand stands for: those that a pattern means, else those of [`add_entry`]. What
/// exists is never taken for a pattern.
///
/// # Errors
/// A pattern that means no file, and those of [`add_entry`].
pub(super) fn add_operand(
    operand: &Operand,
    hive: HiveKeys,
    files: &mut Vec<Listed>,
) -> Result<()> {
    let Operand::Path(path) = operand else {
        files.push(Listed { operand: operand.clone(), keys_from: 0 });
        return Ok(());
    };
    // A link that leads nowhere is a file that cannot be opened.
    if path.symlink_metadata().is_err()
        && let Some((base, pattern)) = Pattern::parse(path)?
    {
        let before = files.len();
        add_below(&base, &pattern, hive, files)?;
        return refuse_none(before, files, path, "no file is meant by this pattern");
    }
    add_entry(path.clone(), hive, files)
}

/// The file of that name, or those below the directory of that name.
///
/// # Errors
/// A directory without files, and those of walking.
pub(super) fn add_entry(path: PathBuf, hive: HiveKeys, files: &mut Vec<Listed>) -> Result<()> {
    if std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
        let before = files.len();
        add_below(&path, &Pattern::everything(), hive, files)?;
        return refuse_none(before, files, &path, "no file is in this directory");
    }
    let keys_from = if hive == HiveKeys::All { 0 } else { path.as_os_str().len() };
    files.push(Listed { operand: Operand::Path(path), keys_from });
    Ok(())
}

fn refuse_none(before: usize, files: &[Listed], path: &Path, what: &str) -> Result<()> {
    if before < files.len() {
        return Ok(());
    }
    let name = escaped(&path.to_string_lossy());
    Err(Error::failed(format!("{name}: {what}; names that begin with . or _ are passed over")))
}

fn add_below(
    base: &Path,
    pattern: &Pattern,
    hive: HiveKeys,
    files: &mut Vec<Listed>,
) -> Result<()> {
    let below = if hive == HiveKeys::All { 0 } else { base.as_os_str().len() };
    walk(base, pattern, &mut |path| {
        files.push(Listed { operand: Operand::Path(path), keys_from: below });
    })
}

/// The paths that a list names: parted by NUL if there is one in it, else by line ends. Each is a path as
/// it stands, neither a pattern nor `-`.
///
/// # Errors
/// A list that cannot be read, or names nothing.
pub(super) fn read_list(list: &Operand) -> Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    let read = match list {
        // Nobody types a list.
        Operand::Stdin if std::io::stdin().is_terminal() => {
            return Err(Error::usage(
                "standard input is a terminal: pipe the list in, or name a file",
            ));
        }
        Operand::Stdin => std::io::stdin().lock().read_to_end(&mut bytes),
        Operand::Path(path) => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| Error::io(format_args!("cannot read {}", list.name()), &error))?;
    let end = if memchr(0, &bytes).is_some() { 0 } else { b'\n' };
    let entries = bytes.split(|byte| *byte == end).filter(|entry| !entry.is_empty());
    let paths: Vec<PathBuf> =
        entries.map(|entry| OsString::from_vec(entry.to_vec()).into()).collect();
    match paths.is_empty() {
        true => Err(Error::failed(format!("the list in {} names no file", list.name()))),
        false => Ok(paths),
    }
}
