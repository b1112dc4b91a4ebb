//! Finds the footer of a file and verifies it before use.

use super::message::{check_version, not_valid, verifier};
use crate::error::{Error, Result};
use crate::io::RangedBytes;
use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Footer, MetadataVersion, root_as_footer_with_opts};
use bytes::Bytes;
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

/// The footer of a complete file.
#[derive(Debug, Clone)]
pub struct FooterBytes {
    bytes: Bytes,
    /// The position of the footer: the end of the messages.
    pub start: usize,
}

/// The length of the footer, and the magic.
const TAIL_BYTES: usize = 10;

impl FooterBytes {
    /// Finds the footer.
    ///
    /// # Errors
    /// A truncated file; a request that failed.
    pub fn read(file: &dyn RangedBytes) -> Result<Self> {
        let cut =
            || Error::failed("truncated Arrow file: its footer, which comes last, is missing");
        let size = usize::try_from(file.size()).map_err(damaged)?;
        let end = size.checked_sub(TAIL_BYTES).ok_or_else(cut)?;
        let tail = file.read(end as u64..size as u64)?;
        let tail = *tail.last_chunk::<TAIL_BYTES>().ok_or_else(cut)?;
        if !tail.ends_with(MAGIC) {
            return Err(cut());
        }
        let length = read_footer_length(tail).map_err(damaged)?;
        let start = end.checked_sub(length).filter(|start| *start >= FIRST_MESSAGE);
        let start = start.ok_or_else(|| {
            damaged(format!("its footer claims {length} bytes, but the file has {size}"))
        })?;
        Ok(Self { bytes: file.read(start as u64..end as u64)?, start })
    }

    /// The footer, verified.
    ///
    /// # Errors
    /// A damaged footer.
    pub fn footer(&self) -> Result<Footer<'_>> {
        let bytes = &self.bytes[..];
        let footer = root_as_footer_with_opts(&verifier(bytes), bytes)
            .map_err(|invalid| damaged(format!("footer: {}", not_valid(bytes, &invalid))))?;
        // Writers before 1.0 left V1 here, whatever the version in the messages, which is the same.
        if footer.version() <= MetadataVersion::V5 {
            return Ok(footer);
        }
        check_version(footer.version()).map(|()| footer)
    }
}

pub(super) fn damaged(why: impl Display) -> Error {
    Error::failed(format!("damaged Arrow file: {why}"))
}
