//! Finds the next record.

use super::{CLOSELY_SEEN_LINES, Layout, Records, is_blank};
use crate::error::Result;
use crate::text_format::json::object_end::{ObjectEnd, RECORD_SEPARATOR, is_whole};
use std::ops::Range;

impl Records {
    /// The next object that is complete in the buffer, and its line.
    pub(super) fn find(&mut self) -> Result<Option<(Range<usize>, u64)>> {
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

    /// The next non-blank byte; moves `start` to it.
    pub(super) fn skip_blanks(&mut self) -> Option<u8> {
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

    /// The next complete line that is not blank.
    pub(super) fn line_end(&mut self) -> Option<(Range<usize>, u64)> {
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

    /// A text without leading blanks and record separators.
    pub(super) fn behind_separator(&self, text: Range<usize>) -> Range<usize> {
        let is_front = |byte: &&u8| is_blank(**byte) || **byte == RECORD_SEPARATOR;
        let front = self.buffer[text.clone()].iter().take_while(is_front).count();
        text.start + front..text.end
    }

    pub(super) fn is_whole(&mut self, line: Range<usize>) -> bool {
        let closely = self.whole_lines < CLOSELY_SEEN_LINES;
        self.whole_lines += u32::from(closely);
        is_whole(&self.buffer[line], closely)
    }

    /// An object whose last bracket has arrived; `within` is the layout until then, `behind` the
    /// next.
    pub(super) fn object_end(
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
}
