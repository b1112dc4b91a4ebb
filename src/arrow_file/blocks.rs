//! The messages of a file by number, at the positions in the footer.

use super::footer::{FIRST_MESSAGE, damaged, footer, place};
use super::message::verified;
use crate::error::{Error, Result, guard};
use crate::io::MappedFile;
use crate::io::bytes_read;
use arrow::buffer::Buffer;
use arrow_ipc::{Footer, Schema, root_as_message};
use std::ops::Range;

/// The position of a message: its header, followed by its body. Inside the file, before the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The continuation marker, the length, and the metadata with its padding.
    pub header: Range<usize>,
    /// The body according to the footer.
    pub body: Range<usize>,
}

/// A mapped file: the positions of its messages, and their bytes in place.
#[derive(Debug, Clone)]
pub struct ArrowFile {
    mapping: MappedFile,
    /// The dictionaries first, in the order in which they are applied, then the record batches.
    blocks: Vec<Block>,
    dictionaries: usize,
    /// The end of the messages.
    end: usize,
    /// The read position.
    position: usize,
}

/// Between the last message and the footer there are an end marker of 8 bytes and padding of up to
/// 64 bytes; every Arrow file is longer than this limit.
const MOST_BETWEEN_BYTES: usize = 128;

impl ArrowFile {
    /// Reads the footer of a mapped file; messages are not touched.
    ///
    /// # Errors
    /// A truncated or damaged file; several concatenated files.
    pub fn open(mapping: MappedFile) -> Result<Self> {
        let bytes = mapping.bytes();
        let (end, _) = place(&bytes)?;
        let (dictionaries, batches) = guard("damaged Arrow file", || {
            let footer = footer(&bytes)?;
            blocks(&bytes, &footer)
        })?;
        let count = dictionaries.len();
        let blocks = [dictionaries, batches].concat();
        refuse_several(&bytes, &blocks, end)?;
        Ok(Self { mapping, blocks, dictionaries: count, end, position: 0 })
    }

    /// Reads the schema, which is repeated in the footer.
    ///
    /// # Errors
    /// A footer without a schema; the errors of `read`.
    pub fn schema<T>(&self, read: impl FnOnce(Schema<'_>) -> Result<T>) -> Result<T> {
        let bytes = self.mapping.bytes();
        read(footer(&bytes)?.schema().ok_or_else(|| damaged("its footer has no schema"))?)
    }

    /// The number of bytes between the last message that was read and the footer.
    pub fn remaining_bytes(&self) -> u64 {
        (self.end - self.position) as u64
    }

    /// The number of dictionary messages, which are messages 0 up to this number.
    pub fn dictionaries(&self) -> usize {
        self.dictionaries
    }

    /// The number of record batches; their messages follow the dictionaries.
    pub fn record_batches(&self) -> usize {
        self.blocks.len() - self.dictionaries
    }

    /// The metadata of a message, and the position of its body. The body length comes from the
    /// message, because some writers pad the length in the footer.
    ///
    /// # Errors
    /// A message number that does not exist; a message that is damaged or extends into the footer.
    pub fn message(&mut self, number: usize) -> Result<(Vec<u8>, Range<usize>)> {
        let block = self.blocks.get(number).ok_or_else(|| damaged("it has no such message"))?;
        let bytes = self.mapping.bytes();
        let metadata = block_metadata(&bytes, block)?;
        let message = root_as_message(&metadata).map_err(damaged)?;
        let start = block.header.end;
        let length = usize::try_from(message.bodyLength()).ok();
        let end = length.and_then(|length| start.checked_add(length));
        let end = end.filter(|end| *end <= self.end);
        let end = end.ok_or_else(|| damaged("a body is outside the file"))?;
        if !self.mapping.is_counted() {
            bytes_read::add(end - block.header.start);
        }
        self.position = end;
        Ok((metadata, start..end))
    }

    /// A part of the file, in place; `None` if it is outside the messages.
    pub fn get(&self, place: Range<usize>) -> Option<Buffer> {
        (place.start <= place.end && place.end <= self.end).then(|| self.bytes(place))
    }

    /// A part of the file, in place; its pages are given back when it is no longer in use.
    pub fn bytes(&self, place: Range<usize>) -> Buffer {
        Buffer::from(self.mapping.lend(place))
    }
}

/// The positions of the dictionaries and the record batches, from the footer.
///
/// # Errors
/// A block outside the file.
pub fn blocks(file: &[u8], footer: &Footer<'_>) -> Result<(Vec<Block>, Vec<Block>)> {
    let (end, _) = place(file)?;
    let dictionaries = footer.dictionaries().into_iter().flatten();
    let batches = footer.recordBatches().into_iter().flatten();
    Ok((
        dictionaries.map(|block| inside(block, end)).collect::<Result<_>>()?,
        batches.map(|block| inside(block, end)).collect::<Result<_>>()?,
    ))
}

fn inside(block: &arrow_ipc::Block, end: usize) -> Result<Block> {
    let place = || {
        let start = usize::try_from(block.offset()).ok()?;
        let header_end = start.checked_add(usize::try_from(block.metaDataLength()).ok()?)?;
        let body_end = header_end.checked_add(usize::try_from(block.bodyLength()).ok()?)?;
        (start >= FIRST_MESSAGE && body_end <= end)
            .then_some(Block { header: start..header_end, body: header_end..body_end })
    };
    place().ok_or_else(|| damaged("a block is outside the file"))
}

/// The verified metadata of the message in a block.
///
/// # Errors
/// A block without a message.
pub fn block_metadata(file: &[u8], block: &Block) -> Result<Vec<u8>> {
    let header = file.get(block.header.clone());
    let header = header.ok_or_else(|| damaged("a block is outside the file"))?;
    // A continuation marker and the length; before version 0.15 only the length.
    let prefix = if header.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let metadata = header.get(prefix..).ok_or_else(|| damaged("a block without a message"))?;
    verified(metadata.to_vec(), "damaged Arrow file")
}

/// `cat a.arrow b.arrow` ends with the footer of `b`, whose offsets would then point into `a`, so
/// rows would be lost silently. In that case, more bytes precede the footer than it accounts for.
fn refuse_several(file: &[u8], blocks: &[Block], footer_start: usize) -> Result<()> {
    let ends = blocks.iter().map(|block| block.body.end);
    let unknown = ends.max().or_else(|| first_message_end(file));
    let unknown = unknown.map_or(0, |last| footer_start.saturating_sub(last));
    if unknown > MOST_BETWEEN_BYTES {
        return Err(Error::failed(format!(
            "{unknown} bytes before the footer belong to no message: concatenated Arrow files \
             cannot be read as one file (name them as separate operands)"
        )));
    }
    Ok(())
}

/// The end of the schema, which comes first; `None` if there is none.
fn first_message_end(file: &[u8]) -> Option<usize> {
    let start = if file.get(FIRST_MESSAGE..)?.starts_with(&[0xff; 4]) { 12 } else { 8 };
    let length = file.get(start..)?.first_chunk::<4>()?;
    (start + length.len()).checked_add(usize::try_from(i32::from_le_bytes(*length)).ok()?)
}
