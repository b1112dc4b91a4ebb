//! Verifies an Arrow stream message by message, up to the first place where the next message cannot
//! be found.

use super::Depth;
use super::arrow_batch::Messages;
use super::arrow_cause::refusal;
use super::fault::{Faults, Kind, Place};
use crate::error::{Error, Result, guard};
use crate::io::Input;
use crate::stream::Limits;
use crate::stream::framing::{Frame, Frames, Header};
use crate::threads::Threads;
use arrow::buffer::Buffer;
use arrow_ipc::MessageHeader;

/// The state of the walk.
struct Walk<'a> {
    frames: Frames,
    limits: Limits,
    threads: &'a Threads,
    depth: Depth,
    /// The open stream.
    messages: Option<Messages>,
    /// The number of streams so far.
    streams: u64,
    rows: u64,
}

/// Verifies all streams of an input; returns the number of rows as well.
///
/// # Errors
/// An input that is not a stream.
pub(super) fn verify(
    input: Input,
    depth: Depth,
    limits: Limits,
    threads: &Threads,
) -> Result<(Faults, u64)> {
    let mut faults = Faults::default();
    let frames = Frames::limited(input, limits);
    let mut walk = Walk { frames, limits, threads, depth, messages: None, streams: 0, rows: 0 };
    loop {
        match walk.step(&mut faults) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if walk.streams == 0 && faults.is_empty() => return Err(error),
            Err(error) => {
                let (kind, what) = refusal(&error, Kind::Structure);
                faults.add(kind, walk.place(), what);
                break;
            }
        }
    }
    walk.close();
    Ok((faults, walk.rows))
}

impl Walk<'_> {
    /// The message after the last one that was read.
    fn place(&self) -> Place {
        let messages = self.messages.as_ref();
        let record_batch = messages.map(|messages| messages.record_batches);
        let stream = (self.streams > 1).then(|| self.streams - 1);
        Place { stream, record_batch, ..Place::default() }
    }

    /// Verifies the next message; returns false at the end.
    fn step(&mut self, faults: &mut Faults) -> Result<bool> {
        match self.frames.next(self.messages.is_none())? {
            Frame::Message(header) => self.message(&header, faults)?,
            Frame::EndMarker => self.close(),
            Frame::EndOfInput => {
                if self.messages.is_some() {
                    let place = Place { part: Some("end"), record_batch: None, ..self.place() };
                    faults.add(Kind::Structure, place, "the end marker is missing");
                } else if self.streams == 0 {
                    faults.add(Kind::Unreadable, Place::default(), "it is empty");
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn message(&mut self, header: &Header, faults: &mut Faults) -> Result<()> {
        let message = header.message()?;
        let kind = message.header_type();
        let Some(messages) = &mut self.messages else {
            let Some(schema) = message.header_as_schema() else {
                let error = "its first message is not a schema";
                return Err(Error::failed(error));
            };
            let form = (self.depth, false);
            let messages =
                Messages::begin(schema, message.version(), (self.limits, self.threads), form)?;
            self.messages = Some(messages);
            self.streams += 1;
            return self.frames.skip_body(header);
        };
        let stream = (self.streams > 1).then(|| self.streams - 1);
        let mut own = Faults::default();
        let body = match (self.depth, kind) {
            (Depth::Full, MessageHeader::RecordBatch | MessageHeader::DictionaryBatch) => {
                match self.frames.body(header) {
                    Err(limit) if limit.is_limit() => {
                        self.frames.skip_body(header)?;
                        messages.pass(header, &limit, &mut own);
                        faults.append(own.in_stream(stream));
                        return Ok(());
                    }
                    body => body?,
                }
            }
            _ => {
                self.frames.skip_body(header)?;
                Buffer::from(Vec::<u8>::new())
            }
        };
        let checked = guard("damaged message", || {
            match kind {
                MessageHeader::RecordBatch => messages.record_batch(header, &body, &mut own),
                MessageHeader::DictionaryBatch => messages.dictionary(header, &body, &mut own),
                MessageHeader::Schema => {
                    let what = "a second schema before the end marker";
                    own.add(Kind::Structure, Place::default(), what);
                }
                other => {
                    let what = format!("messages of type {other:?} are not supported");
                    own.add(Kind::Structure, Place::default(), what);
                }
            }
            Ok(())
        });
        if let Err(error) = checked {
            own.add(Kind::Values, Place::default(), error.to_string());
        }
        faults.append(own.in_stream(stream));
        Ok(())
    }

    fn close(&mut self) {
        let rows = self.messages.take().map_or(0, |messages| messages.rows);
        self.rows = self.rows.saturating_add(rows);
    }
}
