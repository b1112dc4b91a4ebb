//! The part of an input that is being looked at: it grows at its end and is shortened at its front.

use super::line_ends::LineEnd;
use super::splitter::MOST_WINDOW_BYTES;
use crate::error::{Error, Result};
use crate::io::Input;

/// What is read at once, and what a batch is made of: as much as the batches of other tools have.
pub(super) const WINDOW_BYTES: usize = 2 << 20;

/// Bytes of an input, in their order.
#[derive(Debug)]
pub(super) struct Window {
    input: Input,
    bytes: Vec<u8>,
    filled: usize,
    /// Nothing comes behind what is there.
    ended: bool,
    /// How many lines ended in front of it.
    lines: u64,
    /// How they end, once that is known.
    line_end: Option<LineEnd>,
}

impl Window {
    /// Begins with the first bytes of an input; a byte order mark is left out.
    ///
    /// # Errors
    /// What the input says; the mark of UTF-16.
    pub(super) fn open(mut input: Input) -> Result<Self> {
        let mark = input.peek::<3>()?;
        if mark.starts_with(b"\xff\xfe") || mark.starts_with(b"\xfe\xff") {
            return Err(Error::failed("is UTF-16 (iconv -f utf-16 -t utf-8 makes it UTF-8)"));
        }
        if mark == b"\xef\xbb\xbf" {
            input.skip(3)?;
        }
        Ok(Self {
            input,
            bytes: vec![0; WINDOW_BYTES],
            filled: 0,
            ended: false,
            lines: 0,
            line_end: None,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == self.bytes.len()
    }

    /// Whether more can be had without waiting.
    pub(super) fn has_more_now(&self) -> bool {
        !self.ended && self.input.is_ready()
    }

    /// Reads what is there, or waits for something.
    ///
    /// # Errors
    /// What the input says; a record that does not end.
    pub(super) fn fill(&mut self) -> Result<()> {
        if self.is_full() {
            if MOST_WINDOW_BYTES <= self.bytes.len() {
                return Err(Error::failed(format!(
                    "the record at line {} does not end within {} MiB: is a quote never closed? \
                     (--quote none takes quotes for text)",
                    self.lines + 1,
                    MOST_WINDOW_BYTES >> 20
                )));
            }
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        let length = self.input.read(&mut self.bytes[self.filled..])?;
        self.filled += length;
        self.ended = length == 0;
        Ok(())
    }

    /// Gives up bytes at the front.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.lines += self.line_ends(bytes);
        self.bytes.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
        // Memory for a long record is not kept for the short ones behind it.
        if WINDOW_BYTES < self.bytes.len() && self.filled <= WINDOW_BYTES {
            self.bytes.truncate(WINDOW_BYTES);
            self.bytes.shrink_to_fit();
        }
    }

    /// The number of the line, from 1, in which a byte stands.
    pub(super) fn line(&self, place: usize) -> u64 {
        self.lines + self.line_ends(place) + 1
    }
    /// How lines end; the first one is waited for.
    ///
    /// # Errors
    /// Those of [`Window::fill`].
    pub(super) fn line_end(&mut self, delimiter: u8, quote: Option<u8>) -> Result<LineEnd> {
        loop {
            if let Some(known) = self.line_end {
                return Ok(known);
            }
            let found = LineEnd::of_first_line(self.bytes(), self.ended, delimiter, quote);
            // A first line that is longer than a window may end in the way that most lines end.
            let gives_up = self.ended || self.is_full();
            self.line_end = found.or(gives_up.then_some(LineEnd::Lf));
            if self.line_end.is_none() {
                self.fill()?;
            }
        }
    }

    /// How lines end, as far as that is known.
    pub(super) fn known_line_end(&self) -> LineEnd {
        self.line_end.unwrap_or(LineEnd::Lf)
    }

    fn line_ends(&self, before: usize) -> u64 {
        let byte = self.known_line_end().byte();
        memchr::memchr_iter(byte, &self.bytes[..before]).count() as u64
    }
}
