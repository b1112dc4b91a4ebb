//! Scans lines for their fields.

use super::{Fault, Field, Splitter};
use crate::text_format::csv::find::find;

impl Splitter {
    pub(crate) fn scan_quoted(&mut self, window: &[u8], ended: bool) -> bool {
        let quote = self.quote.unwrap_or(b'"');
        let place = find(window, self.scanned, [quote; 3]);
        if place == window.len() {
            self.scanned = place;
            self.fault = ended.then_some(Fault::OpenQuote);
            return false;
        }
        match window.get(place + 1) {
            Some(next) if *next == quote => {
                self.doubled = true;
                self.scanned = place + 2;
            }
            // The next byte decides whether the quote closes.
            None if !ended => {
                self.scanned = place;
                return false;
            }
            _ => {
                self.field = Field::Closed(place);
                self.scanned = place + 1;
            }
        }
        true
    }

    /// Skips the line that begins here if it is a comment.
    pub(crate) fn scan_line_start(&mut self, window: &[u8], ended: bool) -> bool {
        let comment = self.lines.comment.as_deref().unwrap_or_default().as_bytes();
        let line = &window[self.record_start..];
        if line.is_empty() || (!ended && line.len() < comment.len() && comment.starts_with(line)) {
            return false;
        }
        if !line.starts_with(comment) {
            self.field = Field::Plain;
            return true;
        }
        match memchr::memchr(self.line_end.byte(), &window[self.scanned..]) {
            Some(length) => self.begin_record(self.scanned + length + 1),
            None if ended => self.begin_record(window.len()),
            None => {
                self.scanned = window.len();
                return false;
            }
        }
        true
    }

    /// The end of the delimiter whose first byte is at `place`.
    #[inline]
    pub(crate) fn delimiter_ends(&self, window: &[u8], place: usize) -> Option<usize> {
        let end = place + 1 + self.delimiter_rest.len();
        let is_delimiter = self.delimiter_rest.is_empty()
            || window.get(place + 1..end).is_some_and(|rest| rest == self.delimiter_rest);
        is_delimiter.then_some(end)
    }

    pub(crate) fn scan_plain(&mut self, window: &[u8], ended: bool) -> bool {
        let quote = self.quote.unwrap_or(self.delimiter);
        let place = find(window, self.scanned, [self.delimiter, self.line_end.byte(), quote]);
        let Some(byte) = window.get(place) else {
            self.scanned = place;
            if ended && self.record_start < place {
                self.end_line(window, place, place);
            }
            return false;
        };
        if *byte == self.delimiter {
            match self.delimiter_ends(window, place) {
                Some(end) => {
                    self.end_field(place);
                    self.field_start = end;
                    self.scanned = end;
                    return true;
                }
                None if !ended && window.len() < place + 1 + self.delimiter_rest.len() => {
                    self.scanned = place;
                    return false;
                }
                // The first byte of a longer delimiter alone is an ordinary byte.
                None => {}
            }
        } else if *byte == self.line_end.byte() {
            self.end_line(window, place, place + 1);
        } else if place == self.field_start {
            self.field = Field::InQuotes;
        } else if self.field != Field::Plain {
            self.fault = Some(Fault::BehindQuote);
        }
        self.scanned = place + 1;
        true
    }
}
