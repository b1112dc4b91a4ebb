//! Opens an operand and reports on it, after detecting its format by content.

use super::{Counted, FileReport, arrow_file, footer_counts, parquet, stream};
use crate::dataset::since_listed;
use crate::error::{Error, Result};
use crate::io::{Input, MappedFile, RangedBytes, map_or_spool, open_object};
use crate::options::Operand;
use crate::parquet_file::{KeyFile, footer};
use crate::stream::Limits;
use crate::text::known_format;
use arrow_ipc::root_as_message;
use std::sync::Arc;

/// Options for reading an operand.
#[derive(Debug, Clone, Default)]
pub struct InspectOptions {
    /// The keys of encrypted Parquet files.
    pub keys: Option<KeyFile>,
    /// The most bytes of a message in memory; the default is that of `--max-message-bytes`.
    pub max_message_bytes: Option<u64>,
}

impl InspectOptions {
    /// The limits for the messages of Arrow streams and files.
    pub(super) fn limits(&self) -> Limits {
        Limits::of_bytes(self.max_message_bytes)
    }
}

/// Reports on a file, a FIFO, or standard input. A Parquet or Arrow file from a pipe is spooled to
/// a temporary file, since its footer comes last; a stream is not.
///
/// # Errors
/// A file that cannot be opened; a directory; a file that is empty, truncated, damaged or of
/// another format. Errors name the operand.
pub(super) fn report(operand: &Operand, options: &InspectOptions) -> Result<FileReport> {
    match operand {
        Operand::Url(url) => reported_object(operand, &open_object(url, None)?, options),
        _ => described(operand, opened(operand)?, options),
    }
}

fn reported_object(
    operand: &Operand,
    object: &Arc<dyn RangedBytes>,
    options: &InspectOptions,
) -> Result<FileReport> {
    let name = shown_path(operand);
    let report = match object_format(&**object) {
        Ok(ObjectFormat::Parquet) => parquet::report(&name, &**object, options.keys.as_ref()),
        Ok(ObjectFormat::ArrowFile) => arrow_file::report(&name, &**object),
        Ok(ObjectFormat::ArrowStream) => {
            return stream::report(&name, Input::open(operand)?, options.limits())
                .map_err(|error| error.with(operand.name()));
        }
        Err(error) => Err(error),
    };
    report.map_err(|error| error.with(operand.name()))
}

enum ObjectFormat {
    Parquet,
    ArrowFile,
    ArrowStream,
}

/// The format of an object, by its last bytes, which are here, or else by its first.
fn object_format(object: &dyn RangedBytes) -> Result<ObjectFormat> {
    let size = object.size();
    let last = object.read(size.saturating_sub(8)..size)?;
    let is_parquet = |magic: &[u8; 4]| [footer::MAGIC, footer::ENCRYPTED_MAGIC].contains(&magic);
    if last.last_chunk().is_some_and(is_parquet) {
        return Ok(ObjectFormat::Parquet);
    }
    if last.ends_with(crate::arrow_file::MAGIC) {
        return Ok(ObjectFormat::ArrowFile);
    }
    let first = object.read(0..size.min(LOOKED_AT_BYTES))?;
    if first.first_chunk().is_some_and(is_parquet) {
        return Ok(ObjectFormat::Parquet);
    }
    if first.starts_with(crate::arrow_file::MAGIC) {
        return Ok(ObjectFormat::ArrowFile);
    }
    // A stream may be compressed. The reader says if it is none.
    let feather = known_format(&first).filter(|_| first.starts_with(b"FEA1"));
    match feather {
        Some(what) => Err(Error::failed(what)),
        None => Ok(ObjectFormat::ArrowStream),
    }
}

/// As many as a request for few bytes brings.
const LOOKED_AT_BYTES: u64 = 16 << 10;

/// A single count of a file. The footer of a Parquet file is only walked for it.
///
/// # Errors
/// Those of [`report`] and of [`FileReport::count`].
pub(super) fn count(operand: &Operand, counted: Counted, options: &InspectOptions) -> Result<u64> {
    if let Operand::Url(url) = operand {
        let object = open_object(url, None)?;
        return match footer_counts::count(&*object, counted) {
            Some(number) => Ok(number),
            None => reported_object(operand, &object, options)?.count(counted),
        };
    }
    let opened = opened(operand)?;
    if let Opened::Parquet(file) = &opened
        && let Some(number) = footer_counts::count(file, counted)
    {
        return Ok(number);
    }
    // An unusual footer is left to the full reader, to count or to refuse.
    described(operand, opened, options)?.count(counted)
}

/// An input whose format is known.
pub(super) enum Opened {
    Parquet(MappedFile),
    ArrowFile(MappedFile),
    /// Read through the input, which releases memory pages after use.
    ArrowStream(Input),
}

/// Opens an operand and detects its format.
///
/// # Errors
/// Those of [`report`], except for damage.
pub(super) fn opened(operand: &Operand) -> Result<Opened> {
    let mut input = input(operand)?;
    if is_piped_stream(&mut input)? {
        return Ok(Opened::ArrowStream(input));
    }
    whole_file(input).map_err(|error| error.with(operand.name()))
}

/// Opens a listed operand.
///
/// # Errors
/// Those of [`Input::open`].
pub(super) fn input(operand: &Operand) -> Result<Input> {
    Input::open(operand).map_err(|error| since_listed(operand, error))
}

/// Whether the input is a stream from a pipe, which is read as it arrives.
fn is_piped_stream(input: &mut Input) -> Result<bool> {
    if input.remaining_bytes().is_some() {
        return Ok(false);
    }
    let start = input.peek::<8>()?;
    let magics = [&footer::MAGIC[..], footer::ENCRYPTED_MAGIC, crate::arrow_file::MAGIC];
    Ok(!magics.iter().any(|magic| start.starts_with(magic)))
}

/// Maps or spools a whole file that is not empty. Its format is that of its first bytes or, if
/// those are inconclusive, its last.
fn whole_file(mut input: Input) -> Result<Opened> {
    let file = map_or_spool(&mut input, None)?;
    let bytes = file.bytes();
    let is_parquet = |magic: &[u8; 4]| [footer::MAGIC, footer::ENCRYPTED_MAGIC].contains(&magic);
    if bytes.first_chunk().is_some_and(is_parquet) {
        return Ok(Opened::Parquet(file));
    }
    if bytes.starts_with(crate::arrow_file::MAGIC) {
        return Ok(Opened::ArrowFile(file));
    }
    if is_stream(&bytes) {
        return Ok(Opened::ArrowStream(input));
    }
    // A Parquet file whose beginning is damaged is reported as such.
    if bytes.last_chunk().is_some_and(is_parquet) {
        return Ok(Opened::Parquet(file));
    }
    let feather = known_format(&bytes).filter(|_| bytes.starts_with(b"FEA1"));
    Err(Error::failed(feather.unwrap_or("neither a Parquet file nor an Arrow file or stream")))
}

fn described(operand: &Operand, opened: Opened, options: &InspectOptions) -> Result<FileReport> {
    let name = shown_path(operand);
    let report = match opened {
        Opened::Parquet(file) => parquet::report(&name, &file, options.keys.as_ref()),
        Opened::ArrowFile(file) => arrow_file::report(&name, &file),
        Opened::ArrowStream(input) => stream::report(&name, input, options.limits()),
    };
    report.map_err(|error| error.with(operand.name()))
}

/// The operand as the user wrote it.
pub(super) fn shown_path(operand: &Operand) -> String {
    match operand {
        Operand::Stdin => "-".to_owned(),
        Operand::Url(_) => operand.name(),
        Operand::Path(path) => path.to_string_lossy().into_owned(),
    }
}

/// Maps or spools a whole Parquet file.
///
/// # Errors
/// A file that cannot be read, or is of another format. Errors name the operand.
pub(super) fn parquet(operand: &Operand) -> Result<Arc<dyn RangedBytes>> {
    let named = |error: Error| error.with(operand.name());
    if let Operand::Url(url) = operand {
        let object = open_object(url, None)?;
        return match object_format(&*object).map_err(named)? {
            ObjectFormat::Parquet => Ok(object),
            ObjectFormat::ArrowFile => Err(named(no_pages("an Arrow file"))),
            ObjectFormat::ArrowStream => Err(named(no_pages("an Arrow stream"))),
        };
    }
    let mut input = input(operand)?;
    let is_stream = is_piped_stream(&mut input)?;
    let opened = if is_stream { Ok(Opened::ArrowStream(input)) } else { whole_file(input) };
    match opened.map_err(named)? {
        Opened::Parquet(file) => Ok(file.into()),
        Opened::ArrowFile(_) => Err(named(no_pages("an Arrow file"))),
        Opened::ArrowStream(_) => Err(named(no_pages("an Arrow stream"))),
    }
}

fn no_pages(what: &str) -> Error {
    Error::failed(format!("{what} has no pages: only Parquet files have them"))
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
