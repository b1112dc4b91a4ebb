//! Finds the footer of a file and verifies it before anything in it is believed.

use super::message::{check_version, not_valid};
use crate::error::{Error, Result};
use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Footer, MetadataVersion, root_as_footer};
use std::fmt::Display;

/// The magic at both ends of a file.
pub const MAGIC: &[u8; 6] = b"ARROW1";

/// The magic is padded, so that what follows is aligned.
pub(super) const FIRST_MESSAGE: usize = 8;

/// So many bytes of the magic tell a file, even one that was cut short within it.
const TELLING_BYTES: usize = 4;

/// Whether an input that starts with these bytes is an Arrow file, were it a file cut short.
pub fn starts_like_a_file(start: &[u8]) -> bool {
    let most = start.len().min(MAGIC.len());
    TELLING_BYTES <= most && MAGIC.starts_with(&start[..most])
}

/// The footer of a whole file.
///
/// # Errors
/// A file that was cut short, or whose footer is damaged.
pub fn footer(file: &[u8]) -> Result<Footer<'_>> {
    let (start, end) = place(file)?;
    let bytes = &file[start..end];
    let footer = root_as_footer(bytes)
        .map_err(|invalid| damaged(format!("footer: {}", not_valid(bytes, &invalid))))?;
    // Writers before 1.0 left V1 there, whatever the version of the messages, which says the same.
    if footer.version() <= MetadataVersion::V5 {
        return Ok(footer);
    }
    check_version(footer.version()).map(|()| footer)
}

/// Where the footer begins and ends.
pub(super) fn place(file: &[u8]) -> Result<(usize, usize)> {
    let cut = || Error::failed("an Arrow file cut short: its footer, which comes last, is missing");
    let (rest, tail) = file.split_last_chunk::<10>().ok_or_else(cut)?;
    if !tail.ends_with(MAGIC) {
        return Err(cut());
    }
    let length = read_footer_length(*tail).map_err(damaged)?;
    let start = rest.len().checked_sub(length).filter(|start| FIRST_MESSAGE <= *start);
    let start = start.ok_or_else(|| {
        damaged(format!("its footer claims {length} bytes of a file of {}", file.len()))
    })?;
    Ok((start, rest.len()))
}

pub(super) fn damaged(why: impl Display) -> Error {
    Error::failed(format!("damaged Arrow file: {why}"))
}
