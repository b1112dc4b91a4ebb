//! Splits input into objects: one per line, spread over several lines, or elements of an array.
//! Takes bytes and returns the texts of objects, without checking that they are JSON.

mod find;

use super::object_end::ObjectEnd;
use crate::error::{Error, Result};
use crate::io::Input;
use crate::text::{escaped, size};
use std::ops::Range;

/// The objects of one input.
#[derive(Debug)]
pub(super) struct Records {
    input: Input,
    buffer: Vec<u8>,
    /// Where the search for the next object starts.
    start: usize,
    /// Its end is not before this position.
    scanned: usize,
    /// The number of the line at `start`, from 1.
    line: u64,
    layout: Layout,
    /// Whether to search for the end of each object, even if it is at the end of its line.
    one_by_one: bool,
    /// The number of lines that were whole objects.
    whole_lines: u32,
    /// The last object returned: its text, its line, and whether other objects may follow in the
    /// text.
    handed: (Range<usize>, u64, bool),
    ended: bool,
}

/// The next thing in an input.
pub(super) enum Step<T> {
    /// A text that should be an object.
    Record(T),
    /// Nothing more has arrived yet.
    Pause,
    /// The end of the input.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Only blanks so far.
    Unknown,
    /// One or more objects per line.
    Lines,
    /// Objects, each scanned byte by byte.
    Objects,
    /// In such an object, or in one that continues after its line.
    Object(ObjectEnd),
    /// After the opening bracket: an element or the closing bracket.
    ArrayStart,
    /// After a comma: an element.
    Element,
    /// In an element.
    Inside(ObjectEnd),
    /// After an element: a comma or the closing bracket.
    Behind,
    /// After an array.
    Closed,
}

/// An object longer than this is an error: without a limit, an input whose first line never ends
/// would fill the memory.
const MOST_RECORD_BYTES: usize = 256 << 20;

/// The size of one read: a quarter of a pipe, so that its writer can continue meanwhile.
const READ_BYTES: usize = 256 << 10;

/// After this many lines that were objects, a line that starts and ends like an object is taken for
/// one.
const CLOSELY_SEEN_LINES: u32 = 256;

impl Records {
    /// # Errors
    /// I/O errors.
    pub(super) fn new(mut input: Input, one_by_one: bool) -> Result<Self> {
        // A UTF-8 byte order mark, which Windows editors put at the front.
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
            one_by_one,
            whole_lines: 0,
            handed: (0..0, 1, false),
            ended: false,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.input.name()
    }

    /// The text of a record.
    pub(super) fn text(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The position of the next object, valid until the next step, and the number of its first line.
    /// Without `wait`, returns [`Step::Pause`] if none has arrived yet.
    ///
    /// # Errors
    /// An unclosed array; unexpected text between or after its elements; an object that is too
    /// long; I/O errors.
    pub(super) fn next(&mut self, wait: bool) -> Result<Step<(Range<usize>, u64)>> {
        loop {
            if let Some((text, line)) = self.find()? {
                let may_hold_more = self.layout == Layout::Lines;
                self.handed = (text.clone(), line, may_hold_more);
                return Ok(Step::Record((text, line)));
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

    /// Reports that the last object returned has only `bytes` bytes: the next one follows them.
    ///
    /// # Errors
    /// Text after the object that cannot be another object.
    pub(super) fn used(&mut self, bytes: usize) -> Result<()> {
        let (text, line, may_hold_more) = self.handed.clone();
        let rest = text.start + bytes..text.end;
        if self.text(rest.clone()).trim_ascii().is_empty() {
            return Ok(());
        }
        if !may_hold_more {
            return Err(Error::failed(format!(
                "line {line}: not JSON at byte {}: trailing characters",
                bytes + 1
            )));
        }
        self.line = line + self.lines_in(text.start..rest.start);
        self.start = rest.start;
        self.scanned = rest.start;
        Ok(())
    }

    /// The rest at the end of the input: a line without a line break, or nothing.
    fn last(&mut self) -> Result<Step<(Range<usize>, u64)>> {
        match self.layout {
            Layout::Unknown | Layout::Closed | Layout::Objects => Ok(Step::End),
            Layout::Lines | Layout::Object(_) => {
                let text = self.behind_separator(self.start..self.buffer.len());
                let line = self.line;
                self.start = text.end;
                self.scanned = text.end;
                self.handed = (text.clone(), line, true);
                if text.is_empty() { Ok(Step::End) } else { Ok(Step::Record((text, line))) }
            }
            _ => Err(Error::failed(format!(
                "line {}: the array is not closed: the producer stopped early",
                self.line
            ))),
        }
    }

    fn lines_in(&self, text: Range<usize>) -> u64 {
        memchr::memchr_iter(b'\n', &self.buffer[text]).count() as u64
    }

    fn fill(&mut self) -> Result<()> {
        if MOST_RECORD_BYTES < self.buffer.len() - self.start {
            return Err(Error::failed(format!(
                "line {}: object longer than {}",
                self.line,
                size(MOST_RECORD_BYTES as u64)
            )));
        }
        // Objects returned earlier are no longer used.
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
            Layout::Closed => format!("unexpected \"{found}\" after the end of the array"),
            Layout::Behind => {
                format!("expected a comma or the end of the array, found \"{found}\"")
            }
            Layout::Objects => format!("expected an object, found \"{found}\""),
            _ => format!("expected an object in the array, found \"{found}\""),
        };
        Error::failed(format!("line {}: {why}", self.line))
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
