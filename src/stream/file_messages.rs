//! The messages of an Arrow file in reading order. Those of an object are fetched ahead.

use super::batch_selection::WHAT;
use super::framing::{Frame, Header};
use crate::arrow_file::{ArrowFile, MAGIC};
use crate::error::Result;
use crate::io::{Input, RangedBytes, map_or_spool, open_object};
use crate::options::{NumberList, Operand};
use arrow::buffer::Buffer;
use std::ops::Range;
use std::sync::Arc;

/// A file as the equivalent stream: its dictionaries, its record batches, an end.
#[derive(Debug)]
pub(super) struct FileMessages {
    pub(super) name: String,
    pub(super) file: ArrowFile,
    /// The record batches to read, in order.
    picked: Vec<usize>,
    /// The position of the next message: the dictionaries first, then the selected record batches.
    next: usize,
    /// The body of the last message.
    body: Range<usize>,
    ahead: Ahead,
}

impl FileMessages {
    /// Selects record batches of a file.
    ///
    /// # Errors
    /// Missing record batches.
    pub(super) fn open(
        name: &str,
        file: ArrowFile,
        record_batches: Option<&NumberList>,
    ) -> Result<Self> {
        let picked = picked_of_file(record_batches, &file)?;
        let ahead = Ahead::default();
        Ok(Self { name: name.to_owned(), file, picked, next: 0, body: 0..0, ahead })
    }

    /// The next message.
    ///
    /// # Errors
    /// A damaged message; a request that failed.
    pub(super) fn next(&mut self) -> Result<Frame> {
        let Some(number) = self.number(self.next) else { return Ok(Frame::EndMarker) };
        self.fetch_ahead();
        let (metadata, body) = self.file.message(number)?;
        self.body = body;
        self.next += 1;
        Ok(Frame::Message(Header::verified(metadata)?))
    }

    /// The body of the last message.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn body(&mut self) -> Result<Buffer> {
        self.ahead.with_bodies = true;
        self.file.bytes(self.body.clone())
    }

    /// Says that the last message's body is not read.
    pub(super) fn skip_body(&mut self) {
        self.ahead.with_bodies = false;
    }

    /// The number in the file of the message at a place in reading order.
    fn number(&self, place: usize) -> Option<usize> {
        let dictionaries = self.file.dictionaries();
        match place.checked_sub(dictionaries) {
            None => Some(place),
            Some(place) => self.picked.get(place).map(|batch| dictionaries + batch),
        }
    }

    /// Announces the next messages of an object, more and more of them.
    fn fetch_ahead(&mut self) {
        let Ahead { end, with_bodies } = self.ahead;
        let mut end = end.max(self.next);
        let most = (self.next * 2 + 1).min(self.next + MOST_AHEAD);
        let mut bytes: u64 = 0;
        while end < most && bytes < AHEAD_BYTES {
            let Some(number) = self.number(end) else { break };
            // The first body is not asked for yet: if it is small, it is fetched with its header.
            let is_small = self.file.body_bytes(number) <= SMALL_BODY_BYTES;
            bytes += self.file.fetch(number, with_bodies || end == 0 && is_small);
            end += 1;
        }
        self.ahead.end = end;
    }
}

/// The messages of an object that were announced.
#[derive(Debug, Default)]
struct Ahead {
    /// The place after the last message, in reading order.
    end: usize,
    /// Whether bodies are read, as far as is known.
    with_bodies: bool,
}

/// Messages are announced this far ahead ...
const MOST_AHEAD: usize = 16;

/// ... and at most this number of bytes at a time.
const AHEAD_BYTES: u64 = 16 << 20;

/// At 100 MB/s it takes as long as a third of a round trip of 30 ms.
const SMALL_BODY_BYTES: usize = 1 << 20;

/// The selected record batches of a file, in the order of the list; all of them without a list.
pub(super) fn picked_of_file(list: Option<&NumberList>, file: &ArrowFile) -> Result<Vec<usize>> {
    match list {
        Some(list) => list.resolve(file.record_batches(), WHAT),
        None => Ok((0..file.record_batches()).collect()),
    }
}

/// The name of an object saves the request for its first bytes. What it is shows in the last ones.
pub(super) fn is_named_as_file(name: &str) -> bool {
    [".arrow", ".feather", ".ipc"].iter().any(|end| name.ends_with(end))
}

/// Opens an object that may be a file; `None` if it is not, or is not whole.
///
/// # Errors
/// An object that cannot be read.
pub(super) fn open_file_object(url: &str) -> Result<Option<Arc<dyn RangedBytes>>> {
    let object = open_object(url, None)?;
    let size = object.size();
    let magic = object.read(size.saturating_sub(MAGIC.len() as u64)..size)?;
    Ok((magic == MAGIC[..]).then_some(object))
}

/// The file that an input is: an object is opened again, from its end.
///
/// # Errors
/// A truncated or damaged file; an input that cannot be spooled.
pub(super) fn file_of(operand: &Operand, input: &mut Input) -> Result<ArrowFile> {
    match operand {
        Operand::Url(url) if !input.is_compressed() => {
            ArrowFile::open_object(open_object(url, None)?)
        }
        _ => {
            let file = ArrowFile::open(map_or_spool(input, None)?)?;
            input.leave_at_end();
            Ok(file)
        }
    }
}
