//! An object by URL that is read from front to back, with requests ahead.

use super::bytes_read;
use super::objects::{Blocks, FirstRequest, Opened, objects};
use super::ranged_bytes::RangedBytes;
use crate::error::Result;
use arrow::buffer::MutableBuffer;
use bytes::{Buf, Bytes};
use std::io;
use std::sync::Arc;

/// The bytes of an object from the current position on.
#[derive(Debug)]
pub(super) struct ObjectBytes {
    source: Source,
    /// Bytes that have come and were not read yet.
    here: Bytes,
}

#[derive(Debug)]
enum Source {
    Ranges(Ahead),
    Whole(Box<dyn Blocks>),
}

/// Ranges of an object that are requested before they are read: more and more, so that a reader that
/// needs only the start gets little more, and one that needs all does not wait.
#[derive(Debug)]
struct Ahead {
    object: Arc<dyn RangedBytes>,
    /// The position after the bytes that were taken.
    place: u64,
    /// The end of what was requested.
    requested: u64,
    /// How many bytes are requested ahead of the position.
    ahead: u64,
}

/// As many as the first request for an object asks for: 2.5 ms at 100 MB/s.
const FIRST_AHEAD_BYTES: u64 = 256 << 10;

/// At 100 MB/s and 100 ms of latency, 10 MB are on their way.
const MOST_AHEAD_BYTES: u64 = 32 << 20;

/// The number of requests for what is fetched ahead.
const REQUESTS_AHEAD: u64 = 4;

impl ObjectBytes {
    /// Opens an object by its first bytes.
    ///
    /// # Errors
    /// Those of [`Opening::wait`](crate::io::Opening::wait).
    pub(super) fn open(url: &str) -> Result<Self> {
        let objects = objects()?;
        let source = match objects.open(url, FirstRequest::Start)?.wait()? {
            Opened::Ranges(object) => Source::Ranges(Ahead::new(object)),
            Opened::Whole => Source::Whole(objects.blocks(url)?),
        };
        Ok(Self { source, here: Bytes::new() })
    }

    /// Whether a read would return at once.
    pub(super) fn is_ready(&self) -> bool {
        !self.here.is_empty()
            || match &self.source {
                Source::Ranges(ahead) => ahead.is_ready(),
                Source::Whole(blocks) => blocks.is_ready(),
            }
    }

    /// The bytes that have come, after waiting for some; none at the end.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn fill(&mut self) -> Result<&[u8]> {
        if self.here.is_empty() {
            self.here = match &mut self.source {
                Source::Ranges(ahead) => ahead.next()?,
                Source::Whole(blocks) => blocks.next()?,
            };
        }
        Ok(&self.here)
    }

    /// Marks bytes as read.
    pub(super) fn consume(&mut self, length: usize) {
        bytes_read::add(length);
        self.here.advance(length);
    }

    /// Reads the bytes that have come, at most as many as fit; 0 bytes mean the end.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let here = self.fill()?;
        let length = here.len().min(bytes.len());
        bytes[..length].copy_from_slice(&here[..length]);
        self.consume(length);
        Ok(length)
    }

    /// Adds bytes to a buffer with enough capacity, up to a total of `most` bytes; returns their number.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn read_more(&mut self, buffer: &mut MutableBuffer, most: usize) -> Result<usize> {
        let room = most.min(buffer.capacity()) - buffer.len();
        let here = self.fill()?;
        let length = here.len().min(room);
        buffer.extend_from_slice(&here[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// For decompression. An error of a request is inside the error.
impl io::Read for ObjectBytes {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        ObjectBytes::read(self, bytes).map_err(io::Error::other)
    }
}

impl Ahead {
    fn new(object: Arc<dyn RangedBytes>) -> Self {
        // The first request.
        let requested = FIRST_AHEAD_BYTES.min(object.size());
        Self { object, place: 0, requested, ahead: FIRST_AHEAD_BYTES }
    }

    fn is_ready(&self) -> bool {
        let next = self.place..self.place.saturating_add(1);
        self.object.size() <= self.place || self.object.at_hand(next).is_some()
    }

    /// The next bytes, after waiting for some; none at the end.
    fn next(&mut self) -> Result<Bytes> {
        let size = self.object.size();
        if size <= self.place {
            return Ok(Bytes::new());
        }
        if 0 < self.place {
            // What was taken is not read again.
            let taken = 0..self.place;
            self.object.forget(std::slice::from_ref(&taken));
            self.request_ahead(size);
        }
        let bytes = self.object.rest(self.place, 1)?;
        self.place += bytes.len() as u64;
        Ok(bytes)
    }

    /// Requests what follows, twice as much as the last time.
    fn request_ahead(&mut self, size: u64) {
        let block = (self.ahead / REQUESTS_AHEAD).max(FIRST_AHEAD_BYTES);
        let end = self.place.saturating_add(self.ahead).min(size);
        while self.requested + block <= end || (self.requested < end && end == size) {
            let next = self.requested..(self.requested + block).min(end);
            self.requested = next.end;
            self.object.fetch(&[next]);
        }
        self.ahead = self.ahead.saturating_mul(2).min(MOST_AHEAD_BYTES);
    }
}
