//! Where one object ends and the next begins: lines, or the elements of one array. Bytes in, texts
//! of objects out; whether they are JSON is for others to say.

use crate::error::{Error, Result};
use crate::io::Input;
use crate::text::{escaped, size};
use std::ops::Range;

/// The objects of one input.
#[derive(Debug)]
pub(super) struct Records {
    input: Input,
    buffer: Vec<u8>,
    /// Where the next object is looked for.
    start: usize,
    /// Up to here there is no end of it.
    scanned: usize,
    /// The number, from 1, of the line at `start`.
    line: u64,
    layout: Layout,
    ended: bool,
}

/// What the next step found.
pub(super) enum Step {
    /// Where the text of what should be an object stands, until the next step, and the number of its
    /// first line.
    Record { text: Range<usize>, line: u64 },
    /// Nothing more has come yet.
    Pause,
    /// The input is at its end.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Nothing but blanks was seen.
    Unknown,
    Lines,
    /// Behind the bracket: an element or the other bracket.
    ArrayStart,
    /// Behind a comma: an element.
    Element,
    /// In an element: open brackets, and whether in a string and behind a backslash.
    Inside {
        depth: u32,
        in_string: bool,
        escaped: bool,
    },
    /// Behind an element: a comma or the bracket.
    Behind,
    Closed,
}

/// An object longer than this is an error: without a bound, an input that never ends its first line
/// would fill the memory.
const MOST_RECORD_BYTES: usize = 256 << 20;

/// What is asked for at once: a quarter of a pipe, so that its writer can go on meanwhile.
const READ_BYTES: usize = 256 << 10;

impl Records {
    /// # Errors
    /// What the system says.
    pub(super) fn new(mut input: Input) -> Result<Self> {
        // A mark that editors of another system leave at the front.
        if input.peek::<3>()? == b"\xef\xbb\xbf" {
            input.skip(3)?;
        }
        Ok(Self {
            input,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            line: 1,
            layout: Layout::Unknown,
            ended: false,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    /// The text that a step found.
    pub(super) fn text(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The next object. Without `wait` it may be that none has come yet.
    ///
    /// # Errors
    /// An array that is not closed, what stands between its elements or behind it, an object that is
    /// too long; what the system says.
    pub(super) fn next(&mut self, wait: bool) -> Result<Step> {
        loop {
            if let Some((from, to, line)) = self.find()? {
                return Ok(Step::Record { text: from..to, line });
            }
            if self.ended {
                return self.last();
            }
            if !wait && !self.input.is_ready() {
                return Ok(Step::Pause);
            }
            self.fill()?;
        }
    }

    /// A next object that is whole in the buffer: from, to, line.
    fn find(&mut self) -> Result<Option<(usize, usize, u64)>> {
        loop {
            if let Layout::Inside { .. } = self.layout {
                return Ok(self.element_end());
            }
            if self.layout == Layout::Lines {
                return Ok(self.line_end());
            }
            let Some(byte) = self.skip_blanks() else { return Ok(None) };
            self.layout = match (self.layout, byte) {
                (Layout::Unknown, b'[') => Layout::ArrayStart,
                (Layout::Unknown, _) => {
                    self.layout = Layout::Lines;
                    continue;
                }
                (Layout::ArrayStart | Layout::Element, b'{') => {
                    self.scanned = self.start;
                    self.layout = Layout::Inside { depth: 0, in_string: false, escaped: false };
                    continue;
                }
                (Layout::ArrayStart | Layout::Behind, b']') => Layout::Closed,
                (Layout::Behind, b',') => Layout::Element,
                (layout, byte) => return Err(self.unexpected(layout, byte)),
            };
            self.start += 1;
        }
    }

    /// The next byte that is no blank; `start` is moved to it.
    fn skip_blanks(&mut self) -> Option<u8> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.buffer.get(self.start) {
            self.line += u64::from(*byte == b'\n');
            self.start += 1;
        }
        self.scanned = self.start;
        self.buffer.get(self.start).copied()
    }

    /// A line that is not blank and has its end.
    fn line_end(&mut self) -> Option<(usize, usize, u64)> {
        loop {
            let Some(length) = memchr::memchr(b'\n', &self.buffer[self.scanned..]) else {
                self.scanned = self.buffer.len();
                return None;
            };
            let (from, to, line) = (self.start, self.scanned + length, self.line);
            self.start = to + 1;
            self.scanned = self.start;
            self.line += 1;
            if !self.buffer[from..to].trim_ascii().is_empty() {
                return Some((from, to, line));
            }
        }
    }

    /// An element of the array that has its last bracket.
    fn element_end(&mut self) -> Option<(usize, usize, u64)> {
        let Layout::Inside { mut depth, mut in_string, mut escaped } = self.layout else {
            return None;
        };
        for (place, byte) in self.buffer.iter().enumerate().skip(self.scanned) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let (from, to, line) = (self.start, place + 1, self.line);
                let text = &self.buffer[from..to];
                self.line += memchr::memchr_iter(b'\n', text).count() as u64;
                (self.start, self.scanned, self.layout) = (to, to, Layout::Behind);
                return Some((from, to, line));
            }
        }
        self.scanned = self.buffer.len();
        self.layout = Layout::Inside { depth, in_string, escaped };
        None
    }

    /// What is left at the end of the input: a line without its end, or nothing.
    fn last(&mut self) -> Result<Step> {
        match self.layout {
            Layout::Unknown | Layout::Closed => Ok(Step::End),
            Layout::Lines => {
                let text = self.start..self.buffer.len();
                self.start = text.end;
                self.scanned = text.end;
                match self.text(text.clone()).trim_ascii().is_empty() {
                    true => Ok(Step::End),
                    false => Ok(Step::Record { text, line: self.line }),
                }
            }
            _ => Err(Error::failed(format!(
                "line {}: the array is not closed: the producer stopped early",
                self.line
            ))),
        }
    }

    fn fill(&mut self) -> Result<()> {
        if MOST_RECORD_BYTES < self.buffer.len() - self.start {
            return Err(Error::failed(format!(
                "line {}: an object longer than {}",
                self.line,
                size(MOST_RECORD_BYTES as u64)
            )));
        }
        // What was handed out is let go of, now that nobody looks at it.
        self.buffer.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + READ_BYTES, 0);
        let length = self.input.read(&mut self.buffer[filled..])?;
        self.buffer.truncate(filled + length);
        self.ended = length == 0;
        Ok(())
    }

    fn unexpected(&self, layout: Layout, byte: u8) -> Error {
        let found = escaped(&char::from(byte).to_string());
        let why = match layout {
            Layout::Closed => format!("\"{found}\" behind the end of the array"),
            Layout::Behind => format!("\"{found}\" where a comma or the end of the array belongs"),
            _ => format!("\"{found}\" where an object of the array belongs"),
        };
        Error::failed(format!("line {}: {why}", self.line))
    }
}
