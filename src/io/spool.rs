//! Input that must be read from its end (a Parquet footer comes last) or twice, but arrives through
//! a pipe: it is kept in a temporary file without a name.

use super::input::{Input, is_regular_file};
use super::mapped_file::MappedFile;
use super::{objects, signals};
use crate::error::{Error, Result};
use crate::options::Operand;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Opens an operand for random access: a regular file is mapped as it is; a pipe, FIFO or device is
/// first copied into an unlinked temporary file in `directory` (else `$TMPDIR`, else `/var/tmp`,
/// which is on disk where `/tmp` may be memory).
///
/// # Errors
/// An input that cannot be opened, read or spooled; a terminal.
pub fn open_mapped(operand: &Operand, directory: Option<&Path>) -> Result<MappedFile> {
    map_or_spool(&mut Input::open(operand)?, directory)
}

/// Like [`open_mapped`], for an input that is already open and was at most peeked at.
///
/// # Errors
/// An input that cannot be read or spooled.
pub fn map_or_spool(input: &mut Input, directory: Option<&Path>) -> Result<MappedFile> {
    match input.whole_file() {
        Some(map) => Ok(map),
        None => spool(input, directory).map(|(_, map)| map),
    }
}

/// A copy of an object that its server sends only whole, which is reported.
///
/// # Errors
/// Those of [`Input::open`]; an object that cannot be copied, or may not.
pub(super) fn whole_object(url: &str, directory: Option<&Path>) -> Result<MappedFile> {
    let operand = Operand::Url(url.to_owned());
    let name = operand.name();
    check_allowed(&name)?;
    objects::tell(&format!(
        "{name}: the server does not support ranges: the whole object is copied to {}",
        temporary_directory(directory).display()
    ));
    spool(&mut Input::open(&operand)?, directory).map(|(_, map)| map)
}

/// Makes it an error to need a copy of an input.
pub fn refuse_to_spool() {
    IS_REFUSED.store(true, Ordering::Relaxed);
}

/// An option of a program, which does one job.
static IS_REFUSED: AtomicBool = AtomicBool::new(false);

fn check_allowed(name: &str) -> Result<()> {
    if !IS_REFUSED.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{name}: reading it needs a copy in a temporary file, which --no-spool refuses"
    )))
}

/// Copies an input into a temporary file without a name, and maps that.
fn spool(input: &mut Input, directory: Option<&Path>) -> Result<(File, MappedFile)> {
    check_allowed(input.name())?;
    signals::make_file_size_limit_an_error();
    let directory = temporary_directory(directory);
    let (name, shown) = (input.name().to_owned(), directory.display());
    let cannot = |e| Error::io(format_args!("cannot spool {name} to {shown}"), &e);
    let mut file = tempfile::tempfile_in(&directory).map_err(cannot)?;
    // As much as an enlarged pipe holds: one read empties it.
    let mut chunk = vec![0; 1 << 20];
    loop {
        let length = input.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        file.write_all(&chunk[..length]).map_err(cannot)?;
    }
    let map = MappedFile::from_file(&file, &name).map(MappedFile::counted).map_err(cannot)?;
    Ok((file, map))
}

/// `directory`, else `$TMPDIR`, else `/var/tmp`.
pub(super) fn temporary_directory(directory: Option<&Path>) -> PathBuf {
    let named = || std::env::var_os("TMPDIR").filter(|d| !d.is_empty()).map(PathBuf::from);
    directory.map(Path::to_owned).or_else(named).unwrap_or_else(|| "/var/tmp".into())
}

/// An input that is not open yet, or is at its beginning.
#[derive(Debug)]
pub enum Unread {
    /// An operand that can be opened when its turn comes.
    Named(Operand),
    /// An open input from which nothing was read.
    Open(Box<Input>),
}

impl Unread {
    /// Opens it if necessary.
    ///
    /// # Errors
    /// Those of [`Input::open`].
    pub fn open(self) -> Result<Input> {
        match self {
            Self::Named(operand) => Input::open(&operand),
            Self::Open(input) => Ok(*input),
        }
    }
}

/// Opens an operand that is read twice. Piped input is kept in an unlinked temporary file in
/// `directory`, else in `$TMPDIR`, else in `/var/tmp`.
///
/// # Errors
/// Those of [`Input::open`]; an input that cannot be spooled.
pub fn open_twice(operand: &Operand, directory: Option<&Path>) -> Result<(Input, Unread)> {
    let mut input = Input::open(operand)?;
    if is_regular_file(operand)? {
        return Ok((input, Unread::Named(operand.clone())));
    }
    let (first, second) = match input.remaining_bytes() {
        // A file on standard input: both start at its current offset.
        Some(_) => {
            let second = Input::open(operand)?;
            (input, second)
        }
        None => {
            let (file, map) = spool(&mut input, directory)?;
            let name = input.name();
            (Input::spooled(name, &file, map.clone())?, Input::spooled(name, &file, map)?)
        }
    };
    Ok((first, Unread::Open(Box::new(second))))
}
