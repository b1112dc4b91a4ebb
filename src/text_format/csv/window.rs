//! The part of an input that is being looked at: it grows at its end and is shortened at its front.

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
        Ok(Self { input, bytes: vec![0; WINDOW_BYTES], filled: 0, ended: false, lines: 0 })
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
        self.lines += line_ends(&self.bytes[..bytes]);
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
        self.lines + line_ends(&self.bytes[..place]) + 1
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
