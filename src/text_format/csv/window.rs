//! A sliding window over an input: it grows at its end and shrinks at its front.

use super::encoding::{Decoder, MOST_GROWTH};
use super::find::find;
use super::line_ends::LineEnd;
use super::splitter::MOST_WINDOW_BYTES;
use crate::error::{Error, Result};
use crate::io::Input;
use crate::options::{Delimiter, TextEncoding};
use std::cell::Cell;
use std::ops::Range;

/// The usual size of a window, from which a batch is made: as large as the batches of other tools.
pub(super) const WINDOW_BYTES: usize = 2 << 20;

/// The limits of what is decoded at once.
const LEAST_DECODED_BYTES: usize = 16;
const MOST_DECODED_BYTES: usize = 256 << 10;

/// A window over the bytes of an input.
#[derive(Debug)]
pub(super) struct Window {
    input: Input,
    /// Set if the input is not UTF-8.
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    filled: usize,
    /// Whether nothing follows the window.
    ended: bool,
    /// The number of lines that ended before the window.
    lines: u64,
    /// The position up to which line ends were counted, and their number.
    counted: Cell<(usize, u64)>,
    is_at_start: bool,
    /// The line end, once known.
    line_end: Option<LineEnd>,
}

impl Window {
    /// Opens a window at the start of an input, after a byte order mark.
    ///
    /// # Errors
    /// I/O errors; UTF-16 without a byte order mark.
    pub(super) fn open(mut input: Input, encoding: TextEncoding) -> Result<Self> {
        let mark = input.peek::<3>()?;
        let decoder = Decoder::new(encoding, &mark).map_err(Error::failed)?;
        let is_wide = decoder.as_ref().is_some_and(Decoder::is_utf16);
        if is_wide && (mark.starts_with(b"\xff\xfe") || mark.starts_with(b"\xfe\xff")) {
            input.skip(2)?;
        } else if decoder.is_none() && mark == b"\xef\xbb\xbf" {
            input.skip(3)?;
        }
        Ok(Self {
            decoder,
            input,
            bytes: vec![0; WINDOW_BYTES],
            filled: 0,
            ended: false,
            lines: 0,
            counted: Cell::new((0, 0)),
            is_at_start: true,
            line_end: None,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Whether nothing has been dropped yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.is_at_start
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn is_full(&self) -> bool {
        // Decoded text grows, so a little room is as good as none.
        let least = if self.decoder.is_some() { MOST_GROWTH * LEAST_DECODED_BYTES } else { 1 };
        self.bytes.len() - self.filled < least
    }

    /// Whether more can be read without waiting.
    pub(super) fn has_more_now(&self) -> bool {
        !self.ended && self.input.is_ready()
    }

    /// Reads the available bytes, or waits for some.
    ///
    /// # Errors
    /// I/O errors; text that cannot be decoded; a record that does not end.
    pub(super) fn fill(&mut self) -> Result<()> {
        if self.is_full() {
            if self.bytes.len() >= MOST_WINDOW_BYTES {
                return Err(Error::failed(format!(
                    "the record at line {} does not end within {} MiB: is a quote never closed? \
                     (--quote none reads quotes as text)",
                    self.lines + 1,
                    MOST_WINDOW_BYTES >> 20
                )));
            }
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        let Some(decoder) = &mut self.decoder else {
            let length = self.input.read(&mut self.bytes[self.filled..])?;
            self.filled += length;
            self.ended = length == 0;
            return Ok(());
        };
        let room = self.bytes.len() - self.filled;
        let mut raw =
            vec![0; (room / MOST_GROWTH - LEAST_DECODED_BYTES / 2).min(MOST_DECODED_BYTES)];
        let length = self.input.read(&mut raw)?;
        self.ended = length == 0;
        let decoded = if self.ended {
            decoder.end()
        } else {
            decoder.decode(&raw[..length], &mut self.bytes, &mut self.filled)
        };
        decoded.map_err(|why| Error::failed(format!("line {}: {why}", self.line(self.filled))))
    }

    /// Skips `lines` lines at the front, whatever they contain.
    ///
    /// # Errors
    /// Those of [`Window::fill`]; an input with fewer lines.
    pub(super) fn skip_lines(&mut self, lines: u64) -> Result<()> {
        while self.lines < lines {
            let bytes = self.bytes();
            let line = find(bytes, 0, [b'\n', b'\r']);
            let behind = bytes.get(line..).unwrap_or_default();
            let returns = behind.iter().take_while(|byte| **byte == b'\r').count();
            let next = match behind.get(returns) {
                Some(b'\n') => line + returns + 1,
                Some(_) => line + 1,
                None if self.ended && returns == 0 => {
                    return Err(Error::failed(format!(
                        "only {} lines, but --skip-lines skips {lines}",
                        self.lines + u64::from(!bytes.is_empty())
                    )));
                }
                None if self.ended => line + 1,
                // The next byte shows whether a CR ends a line alone.
                None => {
                    self.fill()?;
                    continue;
                }
            };
            self.bytes.copy_within(next..self.filled, 0);
            self.filled -= next;
            self.lines += 1;
        }
        Ok(())
    }

    /// Replaces the non-ASCII bytes of a rejected record, which has been reported already.
    pub(super) fn blank(&mut self, place: Range<usize>) {
        for byte in &mut self.bytes[place] {
            if !byte.is_ascii() {
                *byte = b'?';
            }
        }
    }

    /// Drops bytes at the front.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.is_at_start &= bytes == 0;
        self.lines += self.line_ends(0..bytes);
        self.counted.set((0, 0));
        self.bytes.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
        // Memory for a long record is not kept for the short ones after it.
        if self.bytes.len() > WINDOW_BYTES && self.filled <= WINDOW_BYTES {
            self.bytes.truncate(WINDOW_BYTES);
            self.bytes.shrink_to_fit();
        }
    }

    /// The number of the line that contains a byte, from 1.
    pub(super) fn line(&self, place: usize) -> u64 {
        // Callers may ask for many positions in ascending order.
        let (from, lines) = self.counted.get();
        let (from, lines) = if from <= place { (from, lines) } else { (0, 0) };
        let lines = lines + self.line_ends(from..place);
        self.counted.set((place, lines));
        self.lines + lines + 1
    }

    /// The line end, which is detected from the first line; waits for it.
    ///
    /// # Errors
    /// Those of [`Window::fill`].
    pub(super) fn line_end(&mut self, delimiter: Delimiter, quote: Option<u8>) -> Result<LineEnd> {
        loop {
            if let Some(known) = self.line_end {
                return Ok(known);
            }
            let found = LineEnd::of_first_line(self.bytes(), self.ended, delimiter.bytes(), quote);
            // A first line that is longer than a window is assumed to end as most lines do.
            let gives_up = self.ended || self.is_full();
            self.line_end = found.or(gives_up.then_some(LineEnd::Lf));
            if self.line_end.is_none() {
                self.fill()?;
            }
        }
    }

    /// The line end, or LF if it is not known yet.
    fn known_line_end(&self) -> LineEnd {
        self.line_end.unwrap_or(LineEnd::Lf)
    }

    fn line_ends(&self, range: Range<usize>) -> u64 {
        let byte = self.known_line_end().byte();
        memchr::memchr_iter(byte, &self.bytes[range]).count() as u64
    }
}
