//! Finds the footer of a file and verifies it before use.

use super::message::{check_version, not_valid, verifier};
use crate::error::{Error, Result};
use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Footer, MetadataVersion, root_as_footer_with_opts};
use std::fmt::Display;

/// The magic at both ends of a file.
pub const MAGIC: &[u8; 6] = b"ARROW1";

/// The magic is padded, so that the following message is aligned.
pub(super) const FIRST_MESSAGE: usize = 8;

/// This many bytes of the magic identify a file, even one that was truncated within it.
const TELLING_BYTES: usize = 4;

/// Whether an input that starts with these bytes is an Arrow file, possibly a truncated one.
pub fn starts_like_a_file(start: &[u8]) -> bool {
    let most = start.len().min(MAGIC.len());
    most >= TELLING_BYTES && MAGIC.starts_with(&start[..most])
}

/// Returns the footer of a complete file.
///
/// # Errors
/// A truncated file; a damaged footer.
pub fn footer(file: &[u8]) -> Result<Footer<'_>> {
    let (start, end) = place(file)?;
    let bytes = &file[start..end];
    let footer = root_as_footer_with_opts(&verifier(bytes), bytes)
        .map_err(|invalid| damaged(format!("footer: {}", not_valid(bytes, &invalid))))?;
    // Writers before 1.0 left V1 here, whatever the version in the messages, which is the same.
    if footer.version() <= MetadataVersion::V5 {
        return Ok(footer);
    }
    check_version(footer.version()).map(|()| footer)
}

/// The start and end of the footer.
pub(super) fn place(file: &[u8]) -> Result<(usize, usize)> {
    let cut = || Error::failed("truncated Arrow file: its footer, which comes last, is missing");
    let (rest, tail) = file.split_last_chunk::<10>().ok_or_else(cut)?;
    if !tail.ends_with(MAGIC) {
        return Err(cut());
    }
    let length = read_footer_length(*tail).map_err(damaged)?;
    let start = rest.len().checked_sub(length).filter(|start| *start >= FIRST_MESSAGE);
    let start = start.ok_or_else(|| {
        damaged(format!("its footer claims {length} bytes, but the file has {}", file.len()))
    })?;
    Ok((start, rest.len()))
}

pub(super) fn damaged(why: impl Display) -> Error {
    Error::failed(format!("damaged Arrow file: {why}"))
}
