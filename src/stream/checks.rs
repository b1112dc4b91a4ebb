//! Checks the lengths and offsets of a message before they are used: arrow-ipc panics on a buffer
//! outside the body and allocates whatever size a compressed buffer claims.

use crate::error::{Error, Result};
use arrow::buffer::Buffer;
use arrow_ipc::{CompressionType, RecordBatch};
use std::ops::Range;

/// The maximum total size of the decompressed buffers of one message. Batches are a few MiB;
/// offsets of 32 bits end at 2 GiB; 8 GiB is a decompression bomb.
const MOST_DECOMPRESSED_BYTES: u64 = 8 << 30;

/// LZ4 cannot shrink data further than 255 to 1 (a match of 255 bytes costs one byte).
const LZ4_MOST_RATIO: u64 = 255;

/// Checks a record batch, or the values of a dictionary, against its body.
///
/// # Errors
/// Those of [`check_header`]; an impossible decompressed size.
pub(super) fn check_batch(batch: &RecordBatch<'_>, body: &Buffer) -> Result<()> {
    check_header(batch, body.len())?;
    let Some(codec) = batch.compression().map(|compression| compression.codec()) else {
        return Ok(());
    };
    let mut decompressed_bytes: u64 = 0;
    for buffer in batch.buffers().into_iter().flatten() {
        let bytes = &body[place(buffer, body.len())?];
        decompressed_bytes = decompressed_bytes.saturating_add(claimed_bytes(bytes, codec)?);
    }
    if decompressed_bytes > MOST_DECOMPRESSED_BYTES {
        return Err(damaged(format!("it claims to decompress to {decompressed_bytes} bytes")));
    }
    Ok(())
}

/// Checks what can be checked without the body: row counts and buffer positions.
///
/// # Errors
/// A negative length; a buffer outside the body.
pub(super) fn check_header(batch: &RecordBatch<'_>, body_bytes: usize) -> Result<()> {
    if batch.length() < 0 {
        return Err(damaged(format!("it has {} rows", batch.length())));
    }
    for node in batch.nodes().into_iter().flatten() {
        if node.length() < 0 || node.null_count() < 0 || node.length() < node.null_count() {
            return Err(damaged("a column has an impossible length"));
        }
    }
    for buffer in batch.buffers().into_iter().flatten() {
        place(buffer, body_bytes)?;
    }
    Ok(())
}

fn place(buffer: &arrow_ipc::Buffer, body_bytes: usize) -> Result<Range<usize>> {
    let place = || {
        let start = usize::try_from(buffer.offset()).ok()?;
        let end = start.checked_add(usize::try_from(buffer.length()).ok()?)?;
        (end <= body_bytes).then_some(start..end)
    };
    place().ok_or_else(|| damaged("a buffer is outside the body"))
}

/// The decompressed length at the start of a compressed buffer; -1 means that it is not compressed.
pub(super) fn claimed_bytes(bytes: &[u8], codec: CompressionType) -> Result<u64> {
    let Some((head, rest)) = bytes.split_first_chunk::<8>() else {
        return if bytes.is_empty() {
            Ok(0)
        } else {
            Err(damaged("a compressed buffer without its length"))
        };
    };
    let claimed = match i64::from_le_bytes(*head) {
        -1 => rest.len() as u64,
        length => {
            u64::try_from(length).map_err(|_| damaged("a compressed buffer of negative length"))?
        }
    };
    let most = (rest.len() as u64).saturating_mul(LZ4_MOST_RATIO);
    if codec == CompressionType::LZ4_FRAME && most < claimed {
        return Err(damaged(format!("{} bytes of LZ4 claim to be {claimed}", rest.len())));
    }
    Ok(claimed)
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged message: {why}"))
}
