//! Verifies an Arrow IPC file: its footer against its messages, and the messages.

use super::Depth;
use super::arrow_batch::Messages;
use super::arrow_cause::cause;
use super::fault::{Faults, Kind, Place};
use crate::arrow_file::{Block, FooterBytes, block_metadata};
use crate::error::{Error, Result, guard};
use crate::inspect::arrow_schema::Described;
use crate::io::{MappedFile, bytes_read};
use crate::stream::framing::Header;
use crate::stream::{Limits, verified_messages};
use crate::text::count;
use crate::threads::Threads;
use arrow::buffer::Buffer;
use arrow_ipc::{Footer, MessageHeader, Schema};
use bytes::Bytes;
use std::ops::Range;

/// The magic is padded to 8 bytes or more, so that the first message is aligned.
const PADDED_MAGIC_BYTES: usize = 8;

/// Writers pad bodies and messages to multiples of up to 64 bytes.
const MOST_PADDING_BYTES: usize = 64;

/// A file whose footer was read.
struct Verified<'a> {
    mapping: &'a MappedFile,
    bytes: Bytes,
    footer_start: usize,
    depth: Depth,
    /// The parts that were found.
    ranges: Vec<(Range<usize>, Place)>,
}

/// Verifies a file; returns the number of rows as well.
///
/// # Errors
/// A file whose footer cannot be read.
pub(super) fn verify(
    mapping: &MappedFile,
    depth: Depth,
    limits: Limits,
    threads: &Threads,
) -> Result<(Faults, u64)> {
    let bytes = mapping.bytes();
    guard("damaged Arrow file", || {
        let found = FooterBytes::read(&bytes)?;
        let (footer, footer_start) = (found.footer()?, found.start);
        let ranges = Vec::new();
        let bytes = bytes.clone();
        let mut verified = Verified { mapping, bytes, footer_start, depth, ranges };
        verified.run(&footer, limits, threads)
    })
}

impl Verified<'_> {
    fn run(
        &mut self,
        footer: &Footer<'_>,
        limits: Limits,
        threads: &Threads,
    ) -> Result<(Faults, u64)> {
        let mut faults = Faults::default();
        let schema = footer.schema();
        let schema = schema.ok_or_else(|| Error::failed("its footer has no schema"))?;
        let dictionaries = footer.dictionaries().into_iter().flatten();
        let blocks = dictionaries.chain(footer.recordBatches().into_iter().flatten());
        let first = blocks.filter_map(|block| usize::try_from(block.offset()).ok()).min();
        let first = first.map_or(self.footer_start, |first| first.min(self.footer_start));
        let version = self.schema_message(schema, first, &mut faults);
        let mut messages = Messages::begin(
            schema,
            version.unwrap_or(footer.version()),
            (limits, threads),
            (self.depth, true),
        )?;
        // Without one of its messages, a file has a gap.
        let mut is_whole = version.is_some();
        for block in footer.dictionaries().into_iter().flatten() {
            let place = Place { dictionary: Some(messages.dictionaries), ..Place::default() };
            match self.message(block, MessageHeader::DictionaryBatch, &place, &mut faults) {
                Some((header, body)) => messages.dictionary(&header, &body, &mut faults),
                None => {
                    messages.lose_dictionary();
                    is_whole = false;
                }
            }
        }
        for block in footer.recordBatches().into_iter().flatten() {
            let place = Place { record_batch: Some(messages.record_batches), ..Place::default() };
            match self.message(block, MessageHeader::RecordBatch, &place, &mut faults) {
                Some((header, body)) => messages.record_batch(&header, &body, &mut faults),
                None => {
                    messages.record_batches += 1;
                    is_whole = false;
                }
            }
        }
        self.layout(is_whole, &mut faults);
        Ok((faults, messages.rows))
    }

    /// Checks the schema message, which comes first, against the schema of the footer; returns its
    /// version.
    fn schema_message(
        &mut self,
        of_footer: Schema<'_>,
        first_block: usize,
        faults: &mut Faults,
    ) -> Option<arrow_ipc::MetadataVersion> {
        let place = Place::part("schema message");
        let mut add = |what: String| faults.add(Kind::Structure, place.clone(), what);
        let (header, range) = match self.first_header(first_block) {
            Ok(found) => found,
            Err(error) => {
                add(cause(&error));
                return None;
            }
        };
        self.ranges.push((range, place.clone()));
        let message = header.message().ok()?;
        let version = message.version();
        let Some(schema) = message.header_as_schema() else {
            add("it is another kind of message".to_owned());
            return None;
        };
        let described = |schema| guard("damaged schema", || Described::new(schema, version));
        match (described(schema), described(of_footer)) {
            (Ok(one), Ok(other)) if one.is_like(&other) && one.metadata == other.metadata => {}
            (Ok(_), Ok(_)) => add("it differs from the schema in the footer".to_owned()),
            (Err(error), _) => add(error.to_string()),
            (_, Err(_)) => {}
        }
        Some(version)
    }

    /// The header of the first message, which ends before the first block.
    fn first_header(&self, first_block: usize) -> Result<(Header, Range<usize>)> {
        let missing = || Error::failed("it is missing");
        let read = |range: Range<usize>| {
            let block = Block { header: range.clone(), body: range.end..range.end };
            let header = block_metadata(&self.bytes, &block)?;
            Ok((verified_messages::header(header)?, range))
        };
        let range = self.prefixed(self.first_message()).ok_or_else(missing);
        let refused = match range.and_then(read) {
            Ok(found) => return Ok(found),
            Err(refused) => refused,
        };
        // Polars up to 2.1 writes this message without its length.
        let bare = self.bytes.get(PADDED_MAGIC_BYTES..first_block).ok_or_else(missing)?;
        match verified_messages::header(bare.to_vec()) {
            Ok(header) => Ok((header, PADDED_MAGIC_BYTES..first_block)),
            Err(_) => Err(refused),
        }
    }

    /// The start of the first message: arrow-rs pads the magic to its alignment.
    fn first_message(&self) -> usize {
        let mut starts = (PADDED_MAGIC_BYTES..=MOST_PADDING_BYTES).step_by(8);
        let is_message = |start: &usize| self.bytes.get(*start..start + 8) != Some(&[0; 8]);
        starts.find(is_message).unwrap_or(PADDED_MAGIC_BYTES)
    }

    /// The range of a message's header, from its length.
    fn prefixed(&self, start: usize) -> Option<Range<usize>> {
        let prefix = if self.bytes.get(start..)?.starts_with(&[0xff; 4]) { 8 } else { 4 };
        let length = self.bytes.get(start + prefix - 4..)?.first_chunk::<4>()?;
        let length =
            usize::try_from(i32::from_le_bytes(*length)).ok().filter(|bytes| *bytes > 0)?;
        let end = (start + prefix).checked_add(length)?;
        (end <= self.footer_start).then_some(start..end)
    }

    /// Checks a block of the footer against its message; returns the message.
    fn message(
        &mut self,
        block: &arrow_ipc::Block,
        kind: MessageHeader,
        place: &Place,
        faults: &mut Faults,
    ) -> Option<(Header, Buffer)> {
        let mut add = |what: String| faults.add(Kind::Structure, place.clone(), what);
        let Some(stated) = inside(block, self.footer_start) else {
            add("the footer points outside the file".to_owned());
            return None;
        };
        let Some(range) = self.prefixed(stated.header.start) else {
            add("the footer does not point to a message".to_owned());
            return None;
        };
        let (found, claimed) = (range.len(), stated.header.len());
        // Padding of the header belongs to it or to the length in the footer.
        if found.abs_diff(claimed) >= 8 {
            add(format!("its header has {found} bytes, but the footer says {claimed}"));
        }
        let own = Block { header: range, body: stated.body.clone() };
        let header = match block_metadata(&self.bytes, &own).and_then(verified_messages::header) {
            Ok(header) => header,
            Err(error) => {
                add(cause(&error));
                return None;
            }
        };
        if header.message().ok()?.header_type() != kind {
            add("the footer points to another kind of message".to_owned());
            return None;
        }
        let (found, claimed) = (header.body_bytes(), stated.body.len());
        // Some writers pad the length in the footer.
        if !(found..found.saturating_add(MOST_PADDING_BYTES)).contains(&claimed) {
            add(format!("its body has {found} bytes, but the footer says {claimed}"));
        }
        let start = stated.header.end;
        let body = start..start.checked_add(found).filter(|end| *end <= self.footer_start)?;
        self.ranges.push((stated.header.start..body.end, place.clone()));
        if !self.mapping.is_counted() {
            bytes_read::add(body.end - stated.header.start);
        }
        let body = match self.depth {
            Depth::Full => Buffer::from(self.mapping.lend(body)),
            Depth::Quick => Buffer::from(Vec::<u8>::new()),
        };
        Some((header, body))
    }

    /// Checks that the messages follow each other, and that an end marker follows them.
    fn layout(&mut self, is_whole: bool, faults: &mut Faults) {
        self.ranges.sort_by_key(|(range, _)| (range.start, range.end));
        let mut end = PADDED_MAGIC_BYTES;
        let mut last: Option<&Place> = None;
        for (range, place) in &self.ranges {
            if range.start < end
                && let Some(last) = last
            {
                let bytes = count((end.min(range.end) - range.start) as u64);
                let what = format!("{bytes} of its bytes are also in {last}");
                faults.add(Kind::Structure, place.clone(), what);
            } else if is_whole && end.saturating_add(MOST_PADDING_BYTES) <= range.start {
                let bytes = count((range.start - end) as u64);
                let what = format!("{bytes} bytes before it belong to no message");
                faults.add(Kind::Structure, place.clone(), what);
            }
            if end < range.end {
                end = range.end;
                last = Some(place);
            }
        }
        if is_whole {
            self.end(end, faults);
        }
    }

    /// Checks the bytes between the last message and the footer.
    fn end(&self, end: usize, faults: &mut Faults) {
        let rest = self.bytes.get(end..self.footer_start).unwrap_or_default();
        let place = Place::part("end");
        if rest.len() >= 2 * MOST_PADDING_BYTES {
            let what = format!("{} bytes before the footer belong to no message", rest.len());
            return faults.add(Kind::Structure, place, what);
        }
        // Writers before version 0.15 write no continuation marker, or nothing at all.
        let marker = rest.iter().position(|byte| *byte != 0).map(|start| &rest[start..]);
        if let Some(marker) = marker
            && !(marker.starts_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]))
        {
            faults.add(Kind::Structure, place, "the end marker is damaged");
        }
    }
}

/// The range of a block; none if it is outside the messages.
fn inside(block: &arrow_ipc::Block, end: usize) -> Option<Block> {
    let start = usize::try_from(block.offset()).ok()?;
    let header_end = start.checked_add(usize::try_from(block.metaDataLength()).ok()?)?;
    let body_end = header_end.checked_add(usize::try_from(block.bodyLength()).ok()?)?;
    (PADDED_MAGIC_BYTES <= start && body_end <= end)
        .then_some(Block { header: start..header_end, body: header_end..body_end })
}
