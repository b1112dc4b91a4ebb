//! The messages of a file by number, at the positions in the footer.

use super::footer::{FIRST_MESSAGE, FooterBytes, damaged};
use super::message::verified;
use crate::error::{Error, Result, guard};
use crate::io::bytes_read;
use crate::io::{MappedFile, RangedBytes};
use arrow::buffer::Buffer;
use arrow_ipc::{Footer, Schema, root_as_message};
use std::ops::Range;
use std::sync::Arc;

/// The position of a message: its header, followed by its body. Inside the file, before the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The continuation marker, the length, and the metadata with its padding.
    pub header: Range<usize>,
    /// The body according to the footer.
    pub body: Range<usize>,
}

/// A file: the positions of its messages, and their bytes, in place if it is mapped.
#[derive(Debug, Clone)]
pub struct ArrowFile {
    bytes: Arc<dyn RangedBytes>,
    /// The same, if it is mapped.
    mapping: Option<MappedFile>,
    footer: FooterBytes,
    /// The dictionaries first, in the order in which they are applied, then the record batches.
    blocks: Vec<Block>,
    dictionaries: usize,
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
        Self::of_bytes(mapping.clone().into(), Some(mapping))
    }

    /// Reads the footer of an object.
    ///
    /// # Errors
    /// A truncated or damaged file; several concatenated files; a request that failed.
    pub fn open_object(object: Arc<dyn RangedBytes>) -> Result<Self> {
        Self::of_bytes(object, None)
    }

    fn of_bytes(bytes: Arc<dyn RangedBytes>, mapping: Option<MappedFile>) -> Result<Self> {
        let footer = FooterBytes::read(&*bytes)?;
        let (dictionaries, batches) =
            guard("damaged Arrow file", || blocks(&footer.footer()?, footer.start))?;
        let count = dictionaries.len();
        let blocks = [dictionaries, batches].concat();
        refuse_several(&*bytes, &blocks, footer.start)?;
        Ok(Self { bytes, mapping, footer, blocks, dictionaries: count, position: 0 })
    }

    /// Reads the schema, which is repeated in the footer.
    ///
    /// # Errors
    /// A footer without a schema; the errors of `read`.
    pub fn schema<T>(&self, read: impl FnOnce(Schema<'_>) -> Result<T>) -> Result<T> {
        let schema = self.footer.footer()?.schema();
        read(schema.ok_or_else(|| damaged("its footer has no schema"))?)
    }

    /// The number of bytes between the last message that was read and the footer.
    pub fn remaining_bytes(&self) -> u64 {
        (self.footer.start - self.position) as u64
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
        let metadata = block_metadata(&*self.bytes, block)?;
        let message = root_as_message(&metadata).map_err(damaged)?;
        let start = block.header.end;
        let length = usize::try_from(message.bodyLength()).ok();
        let end = length.and_then(|length| start.checked_add(length));
        let end = end.filter(|end| *end <= self.footer.start);
        let end = end.ok_or_else(|| damaged("a body is outside the file"))?;
        if self.mapping.as_ref().is_none_or(|mapping| !mapping.is_counted()) {
            bytes_read::add(end - block.header.start);
        }
        self.position = end;
        Ok((metadata, start..end))
    }

    /// A part of the file, in place; `None` if it is outside the messages, or the file is not mapped.
    pub fn get(&self, place: Range<usize>) -> Option<Buffer> {
        let is_inside = place.start <= place.end && place.end <= self.footer.start;
        self.mapping.as_ref().filter(|_| is_inside).map(|mapping| mapping.lend(place).into())
    }

    /// A part of the file. In a mapped file it is in place, and its pages are given back when it is no
    /// longer in use.
    ///
    /// # Errors
    /// A part outside the file; a request that failed.
    pub fn bytes(&self, place: Range<usize>) -> Result<Buffer> {
        if let Some(mapping) = &self.mapping {
            return Ok(mapping.lend(place).into());
        }
        let place = place.start as u64..place.end as u64;
        // In blocks, if it is long.
        self.bytes.fetch(std::slice::from_ref(&place));
        // Copied to memory that is aligned as arrays must be.
        let bytes = Buffer::from(&self.bytes.read(place.clone())?[..]);
        self.bytes.forget(&[place]);
        Ok(bytes)
    }

    /// Says that a message will be read soon, or only its header; returns the number of bytes. For
    /// objects.
    pub fn fetch(&self, number: usize, with_body: bool) -> u64 {
        let Some(block) = self.blocks.get(number).filter(|_| self.mapping.is_none()) else {
            return 0;
        };
        let end = if with_body { block.body.end } else { block.header.end };
        let range = block.header.start as u64..end as u64;
        self.bytes.fetch(std::slice::from_ref(&range));
        range.end - range.start
    }

    /// The size of the body of a message, according to the footer.
    pub fn body_bytes(&self, number: usize) -> usize {
        self.blocks.get(number).map_or(0, |block| block.body.len())
    }
}

/// The positions of the dictionaries and the record batches, from the footer, which begins at `end`.
///
/// # Errors
/// A block outside the file.
pub fn blocks(footer: &Footer<'_>, end: usize) -> Result<(Vec<Block>, Vec<Block>)> {
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
/// A block without a message; a request that failed.
pub fn block_metadata(file: &dyn RangedBytes, block: &Block) -> Result<Vec<u8>> {
    let place = block.header.start as u64..block.header.end as u64;
    if place.end < place.start || file.size() < place.end {
        return Err(damaged("a block is outside the file"));
    }
    let header = file.read(place)?;
    // A continuation marker and the length; before version 0.15 only the length.
    let prefix = if header.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let metadata = header.get(prefix..).ok_or_else(|| damaged("a block without a message"))?;
    verified(metadata.to_vec(), "damaged Arrow file")
}

/// `cat a.arrow b.arrow` ends with the footer of `b`, whose offsets would then point into `a`, so
/// rows would be lost silently. In that case, more bytes precede the footer than it accounts for.
fn refuse_several(file: &dyn RangedBytes, blocks: &[Block], footer_start: usize) -> Result<()> {
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
fn first_message_end(file: &dyn RangedBytes) -> Option<usize> {
    let front = file.read(FIRST_MESSAGE as u64..FIRST_MESSAGE as u64 + 8).ok()?;
    let start = if front.starts_with(&[0xff; 4]) { 4 } else { 0 };
    let length = front.get(start..)?.first_chunk::<4>()?;
    let before = FIRST_MESSAGE + start + length.len();
    before.checked_add(usize::try_from(i32::from_le_bytes(*length)).ok()?)
}
