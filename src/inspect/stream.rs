//! What the message headers of an Arrow IPC stream say. Bodies are passed over: of a mapped file
//! they are not touched, from a pipe they are read and dropped.

use super::arrow_schema::{Described, codec_name};
use super::{FileReport, Format, Part};
use crate::error::{Error, Result, guard};
use crate::io::Input;
use crate::stream::framing::{Frame, Frames, Header};
use arrow_ipc::MessageHeader;

/// Reads all message headers of all streams in an input.
///
/// A missing end marker is a warning here, not the error that it is elsewhere: people inspect
/// what a producer left behind when it died.
///
/// # Errors
/// Bytes that are no stream, a stream that stops in the middle of a message, damaged headers.
pub fn report(path: &str, input: Input) -> Result<FileReport> {
    let size = input.remaining_bytes();
    let mut frames = Frames::new(input);
    let mut seen = Seen::default();
    loop {
        match frames.next(!seen.is_open)? {
            Frame::Message(header) => {
                guard("damaged message", || seen.message(&header))?;
                frames.skip_body(&header)?;
            }
            Frame::EndMarker => {
                seen.is_open = false;
                seen.bytes += seen.prefix_bytes;
            }
            Frame::EndOfInput => break,
        }
    }
    seen.report(path, size)
}

/// What the headers said so far.
#[derive(Debug, Default)]
struct Seen {
    described: Option<Described>,
    streams: u64,
    is_open: bool,
    /// Whether a stream ended without its marker, and whether two had different schemas.
    is_unfinished: bool,
    is_mixed: bool,
    bytes: u64,
    /// What stands before each message, and alone makes the end marker.
    prefix_bytes: u64,
    parts: Vec<Part>,
    codecs: Vec<&'static str>,
}

impl Seen {
    fn message(&mut self, header: &Header) -> Result<()> {
        let message = header.message()?;
        let metadata_bytes = message._tab.buf().len() as u64;
        // Metadata is padded so that the body starts at a multiple of 8 bytes. Before version 0.15
        // only the length stood in front; since then the continuation marker stands before it.
        self.prefix_bytes = if metadata_bytes % 8 == 4 { 4 } else { 8 };
        let header_bytes = self.prefix_bytes + metadata_bytes;
        let stored_bytes = header_bytes.saturating_add(header.body_bytes() as u64);
        self.bytes = self.bytes.saturating_add(stored_bytes);
        if message.header_type() == MessageHeader::Schema {
            let schema = message.header_as_schema().ok_or_else(|| damaged("an empty schema"))?;
            return self.schema(Described::new(schema, message.version())?);
        }
        let Some(described) = self.described.as_mut().filter(|_| self.is_open) else {
            return Err(damaged("its first message is no schema"));
        };
        if let Some(batch) = message.header_as_record_batch() {
            let rows = u64::try_from(batch.length()).map_err(|_| {
                damaged(format!("record batch {} has {} rows", self.parts.len(), batch.length()))
            })?;
            let codec = codec_name(batch);
            if !self.codecs.contains(&codec) {
                self.codecs.push(codec);
            }
            described.add(batch);
            let part = Part { rows, stored_bytes, uncompressed_bytes: None, chunks: Vec::new() };
            self.parts.push(part);
        } else if message.header_as_dictionary_batch().is_some() {
            described.ipc.dictionaries += 1;
            described.ipc.dictionary_bytes =
                described.ipc.dictionary_bytes.saturating_add(stored_bytes);
        } else {
            return Err(damaged("a message that is no record batch and no dictionary"));
        }
        Ok(())
    }

    fn schema(&mut self, schema: Described) -> Result<()> {
        // A stream may end by just stopping; then the next one's schema follows.
        self.is_unfinished |= self.is_open;
        self.is_open = true;
        self.streams += 1;
        match &self.described {
            Some(first) => self.is_mixed |= !first.is_like(&schema),
            None => self.described = Some(schema),
        }
        Ok(())
    }

    fn report(self, path: &str, size: Option<u64>) -> Result<FileReport> {
        let Some(described) = self.described else {
            return Err(Error::failed("empty: there is nothing to inspect"));
        };
        let end_marker = !self.is_open && !self.is_unfinished;
        let mut warnings = Vec::new();
        if !end_marker {
            warnings.push("no end marker: the producer may have stopped early".to_owned());
        }
        if self.is_mixed {
            warnings.push("its streams have different schemas; the first is shown".to_owned());
        }
        let columns = described.columns();
        Ok(FileReport {
            path: path.to_owned(),
            format: Format::ArrowStream { ipc: described.ipc, streams: self.streams, end_marker },
            bytes: size.unwrap_or(self.bytes),
            rows: self.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.rows)),
            parts: self.parts,
            fields: described.fields,
            columns,
            codecs: super::contents::union(self.codecs.iter()),
            metadata: described.metadata,
            warnings,
        })
    }
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged stream: {why}"))
}
