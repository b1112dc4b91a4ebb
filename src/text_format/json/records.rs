//! Where one object ends and the next begins: lines, objects laid out over lines, or the elements of an
//! array. Bytes in, texts of objects out; whether they are JSON is for others to say.

use super::object_end::{ObjectEnd, RECORD_SEPARATOR, is_whole};
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
    /// Whether the end of each object is looked for, also where it is that of its line.
    one_by_one: bool,
    /// How many lines were whole objects.
    whole_lines: u32,
    /// The object that was handed out last: its text, its line, and whether others may follow in the
    /// text.
    handed: (Range<usize>, u64, bool),
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
    /// Objects on lines of their own, or several on one.
    Lines,
    /// Objects of which each is looked at byte by byte.
    Objects,
    /// In such an object, or in one that goes on behind its line.
    Object(ObjectEnd),
    /// Behind the bracket: an element or the other bracket.
    ArrayStart,
    /// Behind a comma: an element.
    Element,
    /// In an element.
    Inside(ObjectEnd),
    /// Behind an element: a comma or the bracket.
    Behind,
    /// Behind an array.
    Closed,
}

/// An object longer than this is an error: without a bound, an input that never ends its first line
/// would fill the memory.
const MOST_RECORD_BYTES: usize = 256 << 20;

/// What is asked for at once: a quarter of a pipe, so that its writer can go on meanwhile.
const READ_BYTES: usize = 256 << 10;

/// After so many lines that were objects, a line that looks like one at both ends is taken for one.
const CLOSELY_SEEN_LINES: u32 = 256;

impl Records {
    /// # Errors
    /// What the system says.
    pub(super) fn new(mut input: Input, one_by_one: bool) -> Result<Self> {
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
            one_by_one,
            whole_lines: 0,
            handed: (0..0, 1, false),
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
            if let Some((text, line)) = self.find()? {
                let may_hold_more = self.layout == Layout::Lines;
                self.handed = (text.clone(), line, may_hold_more);
                return Ok(Step::Record { text, line });
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

    /// The object that was handed out has only so many bytes: what follows them is the next one.
    /// Gives false where nothing may follow.
    pub(super) fn used(&mut self, bytes: usize) -> bool {
        let (text, line, may_hold_more) = self.handed.clone();
        let rest = text.start + bytes..text.end;
        if self.text(rest.clone()).trim_ascii().is_empty() {
            return true;
        }
        if may_hold_more {
            self.line = line + self.lines_in(text.start..rest.start);
            self.start = rest.start;
            self.scanned = rest.start;
        }
        may_hold_more
    }

    /// The line of the object that was handed out.
    pub(super) fn handed_line(&self) -> u64 {
        self.handed.1
    }

    /// A next object that is whole in the buffer, and its line.
    fn find(&mut self) -> Result<Option<(Range<usize>, u64)>> {
        loop {
            match self.layout {
                Layout::Inside(look) => {
                    return Ok(self.object_end(look, Layout::Inside, Layout::Behind));
                }
                Layout::Object(look) => {
                    let next = if self.one_by_one { Layout::Objects } else { Layout::Lines };
                    return Ok(self.object_end(look, Layout::Object, next));
                }
                Layout::Lines => match self.line_end() {
                    Some((text, line)) if !self.is_whole(text.clone()) => {
                        (self.start, self.scanned, self.line) = (text.start, text.start, line);
                        self.layout = Layout::Object(ObjectEnd::new());
                        continue;
                    }
                    found => return Ok(found),
                },
                _ => {}
            }
            let Some(byte) = self.skip_blanks() else { return Ok(None) };
            self.layout = match (self.layout, byte) {
                (Layout::Unknown | Layout::Closed, b'[') => Layout::ArrayStart,
                (Layout::Objects | Layout::ArrayStart | Layout::Element, b'{') => {
                    self.layout = match self.layout {
                        Layout::Objects => Layout::Object(ObjectEnd::new()),
                        _ => Layout::Inside(ObjectEnd::new()),
                    };
                    continue;
                }
                (Layout::Unknown, _) | (Layout::Closed, b'{') => {
                    self.layout = if self.one_by_one { Layout::Objects } else { Layout::Lines };
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
        let is_outside = matches!(self.layout, Layout::Unknown | Layout::Objects | Layout::Closed);
        while let Some(byte) = self.buffer.get(self.start) {
            let is_skipped = is_blank(*byte) || (is_outside && *byte == RECORD_SEPARATOR);
            if !is_skipped {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.start += 1;
        }
        self.scanned = self.start;
        self.buffer.get(self.start).copied()
    }

    /// A line that is not blank and has its end.
    fn line_end(&mut self) -> Option<(Range<usize>, u64)> {
        loop {
            let Some(length) = memchr::memchr(b'\n', &self.buffer[self.scanned..]) else {
                self.scanned = self.buffer.len();
                return None;
            };
            let (from, to, line) = (self.start, self.scanned + length, self.line);
            self.start = to + 1;
            self.scanned = self.start;
            self.line += 1;
            let text = self.behind_separator(from..to);
            if !text.is_empty() {
                return Some((text, line));
            }
        }
    }

    /// A text without the blanks and record separators in front of it.
    fn behind_separator(&self, text: Range<usize>) -> Range<usize> {
        let is_front = |byte: &&u8| is_blank(**byte) || **byte == RECORD_SEPARATOR;
        let front = self.buffer[text.clone()].iter().take_while(is_front).count();
        text.start + front..text.end
    }

    fn is_whole(&mut self, line: Range<usize>) -> bool {
        let closely = self.whole_lines < CLOSELY_SEEN_LINES;
        self.whole_lines += u32::from(closely);
        is_whole(&self.buffer[line], closely)
    }

    /// An object that has its last bracket; `within` is the layout until then, `behind` the next one.
    fn object_end(
        &mut self,
        mut look: ObjectEnd,
        within: fn(ObjectEnd) -> Layout,
        behind: Layout,
    ) -> Option<(Range<usize>, u64)> {
        let Some(to) = look.find(&self.buffer, self.scanned) else {
            self.scanned = self.buffer.len();
            self.layout = within(look);
            return None;
        };
        let (text, line) = (self.start..to, self.line);
        self.line += self.lines_in(text.clone());
        (self.start, self.scanned, self.layout) = (to, to, behind);
        Some((text, line))
    }

    /// What is left at the end of the input: a line without its end, or nothing.
    fn last(&mut self) -> Result<Step> {
        match self.layout {
            Layout::Unknown | Layout::Closed | Layout::Objects => Ok(Step::End),
            Layout::Lines | Layout::Object(_) => {
                let text = self.behind_separator(self.start..self.buffer.len());
                let line = self.line;
                self.start = text.end;
                self.scanned = text.end;
                self.handed = (text.clone(), line, true);
                match text.is_empty() {
                    true => Ok(Step::End),
                    false => Ok(Step::Record { text, line }),
                }
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
            Layout::Objects => format!("\"{found}\" where an object belongs"),
            _ => format!("\"{found}\" where an object of the array belongs"),
        };
        Error::failed(format!("line {}: {why}", self.line))
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
