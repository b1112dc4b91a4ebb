//! Framing: where an encapsulated message begins and ends, and how a stream may end.
//!
//! Follows "Encapsulated message format" of the Arrow columnar format: a continuation marker
//! (0xFFFFFFFF), the length of the metadata as little-endian int32, the metadata (a flatbuffer,
//! padded), the body. Streams from before version 0.15 have no continuation marker. A length of 0
//! is the end marker. The meaning of the messages is out of scope here.

use super::limits::Limits;
use crate::arrow_file::verified;
use crate::error::{Error, Result};
use crate::io::Input;
use crate::text::{escaped, known_format, size};
use arrow::buffer::Buffer;
use arrow::datatypes::Metadata;
use arrow_ipc::{Message, root_as_message};

/// The next element of an input.
#[derive(Debug)]
pub enum Frame {
    /// A message; its body follows in the input, to be read or skipped before the next frame.
    Message(Header),
    /// The end marker of a stream.
    EndMarker,
    /// The input ended at a boundary between messages.
    EndOfInput,
}

/// The metadata of one message, verified to be a well-formed flatbuffer.
#[derive(Debug, Clone)]
pub struct Header {
    metadata: Vec<u8>,
    body_bytes: usize,
}

impl Header {
    /// Verifies the metadata of a message.
    ///
    /// # Errors
    /// Bytes that are not a message; a body of negative length.
    pub(super) fn verified(metadata: Vec<u8>) -> Result<Self> {
        let mut header = Self { metadata: verified(metadata, "damaged message")?, body_bytes: 0 };
        let body_bytes = header.message()?.bodyLength();
        header.body_bytes = usize::try_from(body_bytes).map_err(|_| {
            Error::failed(format!("damaged message: its body has {body_bytes} bytes"))
        })?;
        Ok(header)
    }

    /// The message as an arrow-ipc type.
    ///
    /// # Errors
    /// None in practice: the bytes were verified when they were read.
    pub fn message(&self) -> Result<Message<'_>> {
        root_as_message(&self.metadata).map_err(|e| Error::failed(format!("invalid message: {e}")))
    }

    /// The message's own key-value pairs, which are separate from those of the schema.
    ///
    /// # Errors
    /// None in practice: the bytes were verified when they were read.
    pub(super) fn metadata(&self) -> Result<Metadata> {
        let pairs = self.message()?.custom_metadata().into_iter().flatten();
        let pairs = pairs.filter_map(|pair| Some((pair.key()?, pair.value().unwrap_or_default())));
        Ok(pairs.collect())
    }

    /// The number of rows that a record batch claims to have.
    ///
    /// # Errors
    /// A message of another kind; a negative number.
    pub(super) fn rows(&self) -> Result<u64> {
        let rows = self.message()?.header_as_record_batch().map_or(-1, |batch| batch.length());
        let damaged = |_| Error::failed("damaged record batch: its header has no rows");
        u64::try_from(rows).map_err(damaged)
    }

    /// The metadata as it was read, with its padding.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.metadata
    }

    /// The length of the body that follows.
    pub fn body_bytes(&self) -> usize {
        self.body_bytes
    }
}

/// A length above this, without a continuation marker, is not that of a message: most text read as
/// int32 is far larger.
const MOST_OLD_METADATA_BYTES: usize = 256 << 20;

/// The maximum number of bytes shown of an input that is not a stream.
const SHOWN_BYTES: usize = 64;

const CONTINUATION: [u8; 4] = [0xff; 4];

/// Splits an input into messages.
#[derive(Debug)]
pub struct Frames {
    input: Input,
    /// Whether a frame was read: bytes that are not a message are reported differently at the very
    /// start.
    started: bool,
    limits: Limits,
}

impl Frames {
    /// Starts at the front of an input.
    pub(crate) fn limited(input: Input, limits: Limits) -> Self {
        Self { input, started: false, limits }
    }

    /// The name of the input, for messages.
    pub fn name(&self) -> &str {
        self.input.name()
    }

    /// Whether the first byte of the next frame can be read without waiting.
    pub fn is_ready(&self) -> bool {
        self.input.is_ready()
    }

    /// The number of bytes left, if it is known.
    pub fn remaining_bytes(&self) -> Option<u64> {
        self.input.remaining_bytes()
    }

    /// Reads ahead and returns to the earlier position; only for an input whose remaining bytes are
    /// known.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) fn look_ahead<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (place, started) = (self.input.place(), self.started);
        let outcome = read(self);
        self.input.return_to(place);
        self.started = started;
        outcome
    }

    /// Reads up to the next frame. `between_streams` says that no stream is open: at the start, and
    /// after an end marker.
    ///
    /// # Errors
    /// Bytes that are not a message; an input that ends within one. Errors do not name the input:
    /// the caller does.
    pub fn next(&mut self, between_streams: bool) -> Result<Frame> {
        let mut prefix = [0; 4];
        let filled = self.input.read_full(&mut prefix)?;
        if filled < prefix.len() {
            return self.ended(&prefix[..filled], between_streams);
        }
        let mut length = prefix;
        if prefix == CONTINUATION && self.input.read_full(&mut length)? < length.len() {
            return Err(stopped_early("in the middle of a message"));
        }
        let length = i32::from_le_bytes(length);
        if length == 0 && !between_streams {
            return Ok(Frame::EndMarker);
        }
        let most = if prefix == CONTINUATION { usize::MAX } else { MOST_OLD_METADATA_BYTES };
        match usize::try_from(length) {
            Ok(length) if (1..=most).contains(&length) => {
                self.message(&prefix, length, between_streams)
            }
            _ => Err(self.not_a_message(&prefix, &[], between_streams)),
        }
    }

    /// Reads the body that belongs to a header.
    ///
    /// # Errors
    /// The input ends before the body does; a body that is too large for memory. That of a mapped
    /// file takes none.
    pub fn body(&mut self, header: &Header) -> Result<Buffer> {
        let is_mapped = self.input.remaining_bytes().is_some();
        if !is_mapped && self.limits.message_bytes() < header.body_bytes as u64 {
            let what = format!("a message has a body of {}", size(header.body_bytes as u64));
            return Err(self.limits.exceeded(what));
        }
        let body = self.input.read_buffer(header.body_bytes)?;
        if body.len() < header.body_bytes {
            return Err(stopped_early("in the middle of a message"));
        }
        Ok(body)
    }

    /// Skips the body that belongs to a header.
    ///
    /// # Errors
    /// The input ends before the body does.
    pub fn skip_body(&mut self, header: &Header) -> Result<()> {
        if self.input.skip(header.body_bytes as u64)? < header.body_bytes as u64 {
            return Err(stopped_early("in the middle of a message"));
        }
        Ok(())
    }

    fn message(&mut self, prefix: &[u8; 4], length: usize, between_streams: bool) -> Result<Frame> {
        if self.limits.metadata_bytes() < length as u64 {
            let what = format!("a message has {} of metadata", size(length as u64));
            return Err(self.limits.exceeded(what));
        }
        let metadata = self.input.read_buffer(length)?.to_vec();
        let fresh = between_streams && *prefix != CONTINUATION;
        let is_cut = metadata.len() < length;
        if fresh && (is_cut || root_as_message(&metadata).is_err()) {
            return Err(self.not_a_message(prefix, &metadata, between_streams));
        }
        if is_cut {
            return Err(stopped_early("in the middle of a message"));
        }
        let header = Header::verified(metadata)?;
        self.started = true;
        Ok(Frame::Message(header))
    }

    fn ended(&mut self, stray: &[u8], between_streams: bool) -> Result<Frame> {
        match (stray.len(), between_streams, self.started) {
            (0, _, _) => Ok(Frame::EndOfInput),
            (count, true, true) => {
                let bytes = if count == 1 { "byte" } else { "bytes" };
                Err(Error::failed(format!("{count} stray {bytes} after the end of the stream")))
            }
            (_, true, false) => Err(self.not_a_message(&[], stray, true)),
            (_, false, _) => Err(stopped_early("in the middle of a message")),
        }
    }

    fn not_a_message(&mut self, prefix: &[u8], more: &[u8], between_streams: bool) -> Error {
        let mut start = [prefix, more].concat();
        if start.len() == prefix.len() {
            // A few more bytes help a person to see what it is.
            let mut rest = [0; SHOWN_BYTES];
            let read = self.input.read_full(&mut rest).unwrap_or(0);
            start.extend_from_slice(&rest[..read]);
        }
        Error::failed(match (between_streams, self.started) {
            // Only the length of its first message is wrong.
            (true, false) if start.starts_with(&CONTINUATION) => {
                "damaged stream: it does not begin with a schema".to_owned()
            }
            (true, false) => format!("not an Arrow stream: {}", what_it_is(&start)),
            (true, true) => {
                "the bytes after the end of the stream are not an Arrow stream".to_owned()
            }
            (false, _) => "damaged stream: expected a message and found other bytes".to_owned(),
        })
    }
}

/// The one failure that every tool must detect: the upstream process did not finish.
pub fn stopped_early(place: &str) -> Error {
    Error::failed(format!("the stream stops {place}: the producer stopped early"))
}

fn what_it_is(start: &[u8]) -> String {
    if let Some(format) = known_format(start) {
        return format.to_owned();
    }
    let line = first_characters(start);
    let reader = match line.chars().find(|c| !c.is_whitespace()) {
        Some('{' | '[') => " (json-to-stream reads JSON)",
        _ if line.contains([',', ';', '\t']) => " (csv-to-stream reads delimited text)",
        _ => "",
    };
    format!("it starts with \"{}\"{reader}", escaped(&line))
}

/// The first characters, up to the end of the first line, to show what the bytes are.
fn first_characters(start: &[u8]) -> String {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(&line[..line.len().min(SHOWN_BYTES)]).into_owned();
    let short: String = text.chars().take(24).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
