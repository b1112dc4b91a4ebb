//! Checks the lengths and offsets of a message before they are used: arrow-ipc panics on a buffer
//! outside the body, allocates whatever size a compressed buffer claims, and believes any number of
//! rows.

use super::layout::{Layout, Views};
use super::limits::Limits;
use crate::error::{Error, Result};
use arrow::buffer::Buffer;
use arrow_ipc::{CompressionType, MetadataVersion, RecordBatch};
use std::ops::Range;

/// LZ4 cannot shrink data further than 255 to 1 (a match of 255 bytes costs one byte).
const LZ4_MOST_RATIO: u64 = 255;

/// The body of a message, or only its length if it is skipped or moved as it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    Read(&'a Buffer),
    /// One whose values are in another byte order than this machine's.
    Foreign(&'a Buffer),
    Length(usize),
}

/// Checks the header of a record batch, or of the values of a dictionary, against its schema and
/// its body.
///
/// # Errors
/// A negative length; numbers of rows, nodes or buffers that contradict each other; a buffer
/// outside the body; more bytes than the limits allow, or more rows in a body that is read.
pub(super) fn check_batch(
    batch: &RecordBatch<'_>,
    layout: &Layout,
    version: MetadataVersion,
    body: Body<'_>,
    limits: Limits,
) -> Result<()> {
    if batch.length() < 0 {
        return Err(damaged(format!("it has {} rows", batch.length())));
    }
    for node in batch.nodes().into_iter().flatten() {
        if node.length() < 0 || node.null_count() < 0 || node.length() < node.null_count() {
            return Err(damaged("a column has an impossible length"));
        }
    }
    let sizes = buffer_sizes(batch, body)?;
    layout.check(batch, version, sizes.as_deref())?;
    let most = limits.message_bytes().max(body.length() as u64);
    let bytes = match &sizes {
        Some(sizes) => sizes.iter().copied().fold(0, u64::saturating_add),
        None => most,
    };
    if most < bytes {
        let is_compressed = batch.compression().is_some();
        let what = if is_compressed { "when decompressed" } else { "in overlapping buffers" };
        return Err(limits.exceeded(format_args!("a message has {bytes} bytes {what}")));
    }
    match body {
        // Rows that are only counted, skipped or moved cost nothing.
        Body::Length(_) => Ok(()),
        Body::Read(_) | Body::Foreign(_) => check_free_values(batch, layout, bytes, limits),
    }
}

/// Bounds the rows and list elements that take no bytes: 2^62 nulls are a valid column, too.
fn check_free_values(
    batch: &RecordBatch<'_>,
    layout: &Layout,
    bytes: u64,
    limits: Limits,
) -> Result<()> {
    let rows = batch.length().unsigned_abs();
    let bits = bytes.saturating_mul(8);
    let mut free = if bits < rows { rows } else { 0 };
    let mut tops = layout.tops().peekable();
    for (place, node) in batch.nodes().into_iter().flatten().enumerate() {
        if tops.next_if_eq(&place).is_some() {
            continue;
        }
        let length = node.length().unsigned_abs();
        // Fields of structs have as many values as there are rows.
        if bits.max(rows) < length {
            free = free.saturating_add(length);
        }
    }
    if free <= limits.free_values() {
        return Ok(());
    }
    let most = limits.free_values();
    Err(limits.exceeded(format_args!(
        "a message of {bytes} bytes has {free} rows or list elements, more than the {most} that may \
         take no bytes"
    )))
}

/// Views of no more bytes are checked one by one, whether they share them or not: this many take a
/// tenth of a second.
const FEW_VIEW_BYTES: u64 = 256 << 20;

/// How many bytes the views in some columns of a batch refer to, if each has its own; all columns
/// by default. Of compressed buffers only the sizes are known here.
///
/// # Errors
/// A buffer outside the body.
pub(super) fn view_bytes(
    batch: &RecordBatch<'_>,
    layout: &Layout,
    version: MetadataVersion,
    body: &Buffer,
    columns: Option<&[usize]>,
    limits: Limits,
) -> Result<ViewBytes> {
    let mut views = if batch.length() == 0 { Vec::new() } else { layout.views(batch, version) };
    views.retain(|array| columns.is_none_or(|columns| columns.contains(&array.column)));
    if views.is_empty() {
        return Ok(ViewBytes::Few);
    }
    let sizes = buffer_sizes(batch, Body::Read(body))?.unwrap_or_default();
    let nodes = batch.nodes().unwrap_or_default();
    let length = |array: &Views| nodes.get(array.node).length().unsigned_abs();
    // If each view had the bytes of all.
    let most = |array: &Views| {
        let data = sizes.get(array.data.clone()).unwrap_or_default();
        length(array).saturating_mul(data.iter().copied().fold(0, u64::saturating_add))
    };
    let few = limits.plain_bytes().min(FEW_VIEW_BYTES);
    if views.iter().map(most).fold(0, u64::saturating_add) <= few {
        return Ok(ViewBytes::Few);
    }
    if batch.compression().is_some() {
        return Ok(ViewBytes::MaybeMany);
    }
    let mut bytes = 0_u64;
    for array in &views {
        if let Some(views) = batch.buffers().unwrap_or_default().iter().nth(array.views) {
            let lengths = view_lengths(&body[place(views, body.len())?], length(array));
            bytes = bytes.saturating_add(lengths);
        }
    }
    Ok(if bytes <= few { ViewBytes::Few } else { ViewBytes::MaybeMany })
}

/// An estimate of the number of bytes to which views refer, before they are decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ViewBytes {
    /// No more than the limits allow, and not more than [`FEW_VIEW_BYTES`].
    Few,
    MaybeMany,
}

/// The sum of the lengths of views, which are in their first four bytes.
fn view_lengths(views: &[u8], length: u64) -> u64 {
    let views = views.chunks_exact(16).take(usize::try_from(length).unwrap_or(usize::MAX));
    views.map(|view| u64::from(u32::from_le_bytes([view[0], view[1], view[2], view[3]]))).sum()
}

/// Whether a record batch has more rows than its body has bits, as a few runs do, or compressed
/// zeros: then its rows are handed on in slices.
pub(super) fn is_sparse(rows: u64, body_bytes: usize) -> bool {
    (body_bytes as u64).saturating_mul(8) < rows
}

/// The sizes of the buffers after decompression; `None` if they cannot be known without the body.
fn buffer_sizes(batch: &RecordBatch<'_>, body: Body<'_>) -> Result<Option<Vec<u64>>> {
    let codec = batch.compression().map(|compression| compression.codec());
    let buffers = batch.buffers().into_iter().flatten();
    let places = buffers.map(|buffer| place(buffer, body.length()));
    let sizes = |range: Range<usize>| match (codec, body) {
        (Some(codec), Body::Read(body) | Body::Foreign(body)) => claimed_bytes(&body[range], codec),
        _ => Ok(range.len() as u64),
    };
    let sizes = places.map(|range| range.and_then(sizes)).collect::<Result<Vec<_>>>()?;
    let is_known = codec.is_none() || !matches!(body, Body::Length(_));
    Ok(is_known.then_some(sizes))
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

impl Body<'_> {
    fn length(self) -> usize {
        match self {
            Self::Read(body) | Self::Foreign(body) => body.len(),
            Self::Length(length) => length,
        }
    }
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged message: {why}"))
}
