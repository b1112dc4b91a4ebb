//! The messages of a file by number: the footer says where each one lies.

use super::footer::{FIRST_MESSAGE, damaged, footer, place};
use super::message::verified;
use crate::error::{Error, Result, guard};
use crate::io::MappedFile;
use crate::meter;
use arrow::buffer::Buffer;
use arrow_ipc::{Footer, Schema, root_as_message};
use std::ops::Range;

/// Where a message lies: its header, and behind it its body. Inside the file, before the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The continuation marker, the length, and the metadata with their padding.
    pub header: Range<usize>,
    /// What the footer says of the body.
    pub body: Range<usize>,
}

/// A mapped file: where its messages lie, and their bytes in place.
#[derive(Debug, Clone)]
pub struct ArrowFile {
    mapping: MappedFile,
    /// The dictionaries first, in the order in which they are to be applied, then the batches.
    blocks: Vec<Block>,
    dictionaries: usize,
    /// Where the messages end.
    end: usize,
    /// How far it was read.
    position: usize,
}

/// Between the last message and the footer stand an end marker of 8 bytes, and padding of up to
/// 64; no Arrow file is as short as this.
const MOST_BETWEEN_BYTES: usize = 128;

impl ArrowFile {
    /// Reads the footer of a mapped file; no message is touched.
    ///
    /// # Errors
    /// A file that was cut short or is damaged; several files one after another.
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

    /// Reads the schema, which the footer repeats.
    ///
    /// # Errors
    /// A footer without a schema; what `read` says.
    pub fn schema<T>(&self, read: impl FnOnce(Schema<'_>) -> Result<T>) -> Result<T> {
        let bytes = self.mapping.bytes();
        read(footer(&bytes)?.schema().ok_or_else(|| damaged("its footer has no schema"))?)
    }

    /// How many bytes lie between the message read last and the footer.
    pub fn remaining_bytes(&self) -> u64 {
        (self.end - self.position) as u64
    }

    /// How many dictionary messages there are: messages 0 up to this one.
    pub fn dictionaries(&self) -> usize {
        self.dictionaries
    }

    /// How many record batches there are; their messages follow the dictionaries.
    pub fn record_batches(&self) -> usize {
        self.blocks.len() - self.dictionaries
    }

    /// The metadata of a message, and where its body lies: as the message itself says, since some
    /// writers pad what they put into the footer.
    ///
    /// # Errors
    /// A number that is none, a message that is damaged or reaches into the footer.
    pub fn message(&mut self, number: usize) -> Result<(Vec<u8>, Range<usize>)> {
        let block = self.blocks.get(number).ok_or_else(|| damaged("it has no such message"))?;
        let bytes = self.mapping.bytes();
        let metadata = block_metadata(&bytes, block)?;
        let message = root_as_message(&metadata).map_err(damaged)?;
        let start = block.header.end;
        let length = usize::try_from(message.bodyLength()).ok();
        let end = length.and_then(|length| start.checked_add(length));
        let end = end.filter(|end| *end <= self.end);
        let end = end.ok_or_else(|| damaged("a body lies outside the file"))?;
        if !self.mapping.is_counted() {
            meter::add(end - block.header.start);
        }
        self.position = end;
        Ok((metadata, start..end))
    }

    /// A part of the file, in place; none if it is not in it.
    pub fn get(&self, place: Range<usize>) -> Option<Buffer> {
        (place.start <= place.end && place.end <= self.end).then(|| self.bytes(place))
    }

    /// A part of the file, in place; its pages are given back when nobody looks at it any more.
    pub fn bytes(&self, place: Range<usize>) -> Buffer {
        Buffer::from(self.mapping.lend(place))
    }
}

/// Where the dictionaries and where the record batches lie, as the footer says.
///
/// # Errors
/// A block that lies outside the file.
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
        (FIRST_MESSAGE <= start && body_end <= end)
            .then_some(Block { header: start..header_end, body: header_end..body_end })
    };
    place().ok_or_else(|| damaged("a block lies outside the file"))
}

/// The verified metadata of the message in a block.
///
/// # Errors
/// A block that holds no message.
pub fn block_metadata(file: &[u8], block: &Block) -> Result<Vec<u8>> {
    let header = file.get(block.header.clone());
    let header = header.ok_or_else(|| damaged("a block lies outside the file"))?;
    // Continuation marker and length; before version 0.15 the length alone.
    let prefix = if header.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let metadata = header.get(prefix..).ok_or_else(|| damaged("a block without a message"))?;
    verified(metadata.to_vec(), "damaged Arrow file")
}

/// `cat a.arrow b.arrow` ends with the footer of `b`, whose offsets would then find their places in
/// `a`: rows would be lost without a word. Then more stands before the footer than it knows of.
fn refuse_several(file: &[u8], blocks: &[Block], footer_start: usize) -> Result<()> {
    let ends = blocks.iter().map(|block| block.body.end);
    let unknown = ends.max().or_else(|| first_message_end(file));
    let unknown = unknown.map_or(0, |last| footer_start.saturating_sub(last));
    if MOST_BETWEEN_BYTES < unknown {
        return Err(Error::failed(format!(
            "{unknown} bytes before the footer belong to no message: several Arrow files one after \
             another cannot be read as one (name them as operands)"
        )));
    }
    Ok(())
}

/// Where a schema, which stands first, ends; nothing if there is none.
fn first_message_end(file: &[u8]) -> Option<usize> {
    let start = if file.get(FIRST_MESSAGE..)?.starts_with(&[0xff; 4]) { 12 } else { 8 };
    let length = file.get(start..)?.first_chunk::<4>()?;
    (start + length.len()).checked_add(usize::try_from(i32::from_le_bytes(*length)).ok()?)
}
