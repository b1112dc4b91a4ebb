//! Opens an operand and reports on it, after detecting its format by content.

use super::{Counted, FileReport, arrow_file, footer_counts, parquet, stream};
use crate::error::{Error, Result};
use crate::io::{Input, MappedFile, map_or_spool};
use crate::options::Operand;
use crate::parquet_file::{KeyFile, footer};
use arrow_ipc::root_as_message;

/// Reports on a file, a FIFO, or standard input. A Parquet or Arrow file from a pipe is spooled to
/// a temporary file, since its footer comes last; a stream is not.
///
/// # Errors
/// A file that cannot be opened; a directory; a file that is empty, truncated, damaged or of
/// another format. Errors name the operand.
pub fn report(operand: &Operand, keys: Option<&KeyFile>) -> Result<FileReport> {
    look(operand, |name, input| whole_file(name, input, keys))
}

/// A single count of a file. The footer of a Parquet file is only walked for it.
///
/// # Errors
/// Those of [`report`] and of [`FileReport::count`].
pub(super) fn count(operand: &Operand, counted: Counted, keys: Option<&KeyFile>) -> Result<u64> {
    let quick = |name: &str, mut input: Input| {
        let file = map_or_spool(&mut input, None)?.bytes();
        match format(&file)? {
            Kind::Parquet => match footer_counts::count(&file, counted) {
                Some(number) => Ok(Found::Number(number)),
                // An unusual footer is left to the full reader, to count or to refuse.
                None => parquet::report(name, &file, keys).map(Found::from),
            },
            _ => whole_file(name, input, keys).map(Found::from),
        }
    };
    match look(operand, quick)? {
        Found::Number(number) => Ok(number),
        Found::Report(report) => report.count(counted),
    }
}

/// The result for a file: a count, or the full report.
enum Found {
    Number(u64),
    Report(Box<FileReport>),
}

impl From<FileReport> for Found {
    fn from(report: FileReport) -> Self {
        Self::Report(Box::new(report))
    }
}

/// Opens an operand. Input from a pipe may be a stream, which is reported on as it arrives.
fn look<T: From<FileReport>>(
    operand: &Operand,
    whole_file: impl FnOnce(&str, Input) -> Result<T>,
) -> Result<T> {
    let mut input = Input::open(operand)?;
    let name = shown_path(operand);
    let found = match input.remaining_bytes().is_none() && !starts_like_a_file(&mut input)? {
        true => stream::report(&name, input).map(T::from),
        false => whole_file(&name, input),
    };
    found.map_err(|error| error.with(operand.name()))
}

/// The operand as the user wrote it.
pub(super) fn shown_path(operand: &Operand) -> String {
    match operand {
        Operand::Stdin => "-".to_owned(),
        Operand::Path(path) => path.to_string_lossy().into_owned(),
    }
}

/// Maps or spools a whole Parquet file.
///
/// # Errors
/// A file that cannot be read, or is of another format.
pub(super) fn parquet(mut input: Input) -> Result<MappedFile> {
    let none =
        |what: &str| Error::failed(format!("{what} has no pages: only Parquet files have them"));
    if input.remaining_bytes().is_none() && !starts_like_a_file(&mut input)? {
        return Err(none("an Arrow stream"));
    }
    let file = map_or_spool(&mut input, None)?;
    match format(&file.bytes())? {
        Kind::Parquet => Ok(file),
        Kind::ArrowFile => Err(none("an Arrow file")),
        Kind::ArrowStream => Err(none("an Arrow stream")),
    }
}

fn starts_like_a_file(input: &mut Input) -> Result<bool> {
    let start = input.peek::<8>()?;
    let magics = [&footer::MAGIC[..], footer::ENCRYPTED_MAGIC, crate::arrow_file::MAGIC];
    Ok(magics.iter().any(|magic| start.starts_with(magic)))
}

fn whole_file(name: &str, mut input: Input, keys: Option<&KeyFile>) -> Result<FileReport> {
    let file = map_or_spool(&mut input, None)?.bytes();
    match format(&file)? {
        Kind::Parquet => parquet::report(name, &file, keys),
        Kind::ArrowFile => arrow_file::report(name, &file),
        // Read through the input, which releases memory pages after use.
        Kind::ArrowStream => stream::report(name, input),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Parquet,
    ArrowFile,
    ArrowStream,
}

/// The format of a whole file that is not empty, by its first bytes or, if those are inconclusive,
/// its last.
fn format(file: &[u8]) -> Result<Kind> {
    let is_parquet = |magic: &[u8]| magic == footer::MAGIC || magic == footer::ENCRYPTED_MAGIC;
    if file.first_chunk::<4>().is_some_and(|magic| is_parquet(magic)) {
        return Ok(Kind::Parquet);
    }
    if file.starts_with(crate::arrow_file::MAGIC) {
        return Ok(Kind::ArrowFile);
    }
    if is_stream(file) {
        return Ok(Kind::ArrowStream);
    }
    // A Parquet file whose beginning is damaged is reported as such.
    if file.last_chunk::<4>().is_some_and(|magic| is_parquet(magic)) {
        return Ok(Kind::Parquet);
    }
    Err(Error::failed(if file.starts_with(b"FEA1") {
        "a Feather version 1 file, which is not supported"
    } else {
        "neither a Parquet file nor an Arrow file or stream"
    }))
}

/// Whether this is a stream: it begins with a continuation marker or, before version 0.15, with the
/// length of a schema message and that message.
fn is_stream(file: &[u8]) -> bool {
    if file.starts_with(&[0xff; 4]) {
        return true;
    }
    let Some((length, rest)) = file.split_first_chunk::<4>() else { return false };
    let message = usize::try_from(i32::from_le_bytes(*length)).ok().and_then(|l| rest.get(..l));
    message
        .and_then(|message| root_as_message(message).ok())
        .is_some_and(|message| message.header_as_schema().is_some())
}
