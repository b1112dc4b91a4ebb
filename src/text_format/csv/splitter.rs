//! Splits delimited text into records and fields, following RFC 4180.
//!
//! Own code, not the csv-core crate: that does not tell a quoted empty field (a text) from an
//! unquoted one (a null), copies every byte of every field, and knows no line numbers. Here fields stay
//! where they are; what is found are their places. A line ends at LF, with any CRs in front of it, or at
//! CR ([`LineEnd`]). A quote that is not
//! the first character of its field is a character like others.

mod rows;
mod span;

use self::span::{DOUBLED, MISSING, QUOTED};
use super::find::find;
use super::line_ends::LineEnd;
use crate::endpoint::Delimiter;
use std::ops::Range;

pub(super) use self::span::Span;

/// Windows are shorter than this many bytes, so that places have 28 bits.
pub(super) const MOST_WINDOW_BYTES: usize = 1 << 28;

/// Why a record is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Something stands between a closing quote and the end of the field.
    BehindQuote,
    /// The input ended within quotes.
    OpenQuote,
    /// Another number of fields than the first record has.
    Ragged { fields: usize },
}

/// What separates fields and records, and what becomes of records of another length.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) delimiter: Delimiter,
    pub(super) quote: Option<u8>,
    /// Lines that begin so are no records.
    pub(super) comment: Option<Vec<u8>>,
    /// Fields that a record lacks are null.
    pub(super) short_rows_are_filled: bool,
    /// Fields that a record has too many are left out.
    pub(super) long_rows_are_cut: bool,
}

/// Splits a window that grows at its end and is shortened at its front.
#[derive(Debug)]
pub(super) struct Splitter {
    rules: Rules,
    delimiter: u8,
    /// The bytes of the delimiter behind the first one.
    delimiter_rest: Vec<u8>,
    quote: Option<u8>,
    line_end: LineEnd,
    /// How many fields a record has, once that is known.
    columns: Option<usize>,
    /// The fields of whole records, then those found so far of the record that goes on.
    spans: Vec<Span>,
    rows: usize,
    /// How many CRs were parts of line ends.
    carriage_returns: usize,
    record_start: usize,
    field_start: usize,
    /// How many fields of the record that goes on have ended.
    fields: usize,
    field: Field,
    doubled: bool,
    /// Everything before was looked at.
    scanned: usize,
    fault: Option<Fault>,
    /// How many records were cut.
    cut_rows: u64,
    /// How many empty lines came before it was known that there is but one column; they stand in
    /// `spans`. None if they are passed over anyway.
    leading_empty: Option<usize>,
}

/// How far the present field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// No field yet: the line may be a comment.
    LineStart,
    Plain,
    InQuotes,
    /// The closing quote stands here.
    Closed(usize),
}

impl Splitter {
    pub(super) fn new(rules: Rules, columns: Option<usize>) -> Self {
        let field = if rules.comment.is_some() { Field::LineStart } else { Field::Plain };
        Self {
            delimiter: rules.delimiter.first(),
            delimiter_rest: rules.delimiter.bytes()[1..].to_vec(),
            quote: rules.quote,
            rules,
            line_end: LineEnd::Lf,
            columns,
            spans: Vec::new(),
            rows: 0,
            carriage_returns: 0,
            record_start: 0,
            field_start: 0,
            fields: 0,
            field,
            doubled: false,
            scanned: 0,
            fault: None,
            cut_rows: 0,
            leading_empty: None,
        }
    }

    /// Without a header, empty lines in front of the first field of a file of one column are fields.
    pub(super) fn keep_leading_empty(mut self) -> Self {
        self.leading_empty = Some(0);
        self
    }

    /// Lines end in another way than with LF.
    pub(super) fn set_line_end(&mut self, line_end: LineEnd) {
        self.line_end = line_end;
    }

    /// How many whole records were found.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many fields each has.
    pub(super) fn columns(&self) -> usize {
        self.columns.unwrap_or(0)
    }

    /// The fields of all whole records, one record after another.
    pub(super) fn spans(&self) -> &[Span] {
        &self.spans[..self.rows * self.columns()]
    }

    /// The end of the whole records.
    pub(super) fn whole_bytes(&self) -> usize {
        self.record_start
    }

    /// Why splitting cannot go on behind the whole records.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// How many CRs were parts of line ends since the last [`Splitter::consume`].
    pub(super) fn carriage_returns(&self) -> usize {
        self.carriage_returns
    }

    /// Goes on with the window, until `most_rows` records are whole. `ended` says that nothing comes
    /// behind the window.
    pub(super) fn scan(&mut self, window: &[u8], ended: bool, most_rows: usize) {
        while self.rows < most_rows && self.fault.is_none() {
            let goes_on = match self.field {
                Field::InQuotes => self.scan_quoted(window, ended),
                Field::LineStart => self.scan_line_start(window, ended),
                _ => self.scan_plain(window, ended),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Forgets the whole records and their bytes at the front of the window.
    pub(super) fn consume(&mut self) {
        let bytes = self.record_start;
        self.spans.drain(..self.rows * self.columns.unwrap_or(0));
        for span in &mut self.spans {
            span.start -= bytes as u32;
        }
        self.rows = 0;
        self.carriage_returns = 0;
        self.record_start = 0;
        self.field_start -= bytes;
        self.scanned -= bytes;
        if let Field::Closed(place) = &mut self.field {
            *place -= bytes;
        }
    }

    fn scan_quoted(&mut self, window: &[u8], ended: bool) -> bool {
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
            // What follows tells whether the quote closes.
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

    /// Whether the line that begins here is a comment, which is passed over.
    fn scan_line_start(&mut self, window: &[u8], ended: bool) -> bool {
        let comment = self.rules.comment.as_deref().unwrap_or_default();
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

    /// Where the delimiter ends whose first byte stands at a place.
    #[inline]
    fn delimiter_ends(&self, window: &[u8], place: usize) -> Option<usize> {
        let end = place + 1 + self.delimiter_rest.len();
        let is_delimiter = self.delimiter_rest.is_empty()
            || window.get(place + 1..end).is_some_and(|rest| rest == self.delimiter_rest);
        is_delimiter.then_some(end)
    }

    fn scan_plain(&mut self, window: &[u8], ended: bool) -> bool {
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
                // The first byte of a longer delimiter is one like others.
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

    /// The line ends at `end`, the next begins at `next`.
    fn end_line(&mut self, window: &[u8], end: usize, next: usize) {
        let line_end = end;
        let mut end = end;
        // More than one CR comes from programs that write CRLF in text mode on Windows.
        while self.field_start < end && window[end - 1] == b'\r' {
            end -= 1;
        }
        self.carriage_returns += line_end - end;
        let is_blank = self.fields == 0 && end == self.record_start;
        // In a file of one column an empty line is an empty field, elsewhere it says nothing.
        if is_blank && self.columns != Some(1) {
            if let (None, Some(lines)) = (self.columns, &mut self.leading_empty) {
                *lines += 1;
                self.spans.push(Span::new(end, end, 0));
            }
            self.begin_record(next);
            return;
        }
        self.end_field(end);
        if self.columns.is_none() {
            self.columns = Some(self.fields);
            match self.leading_empty.take().unwrap_or(0) {
                lines if self.fields == 1 => self.rows += lines,
                lines => drop(self.spans.drain(..lines)),
            }
        }
        let columns = self.columns();
        if self.fields < columns && self.rules.short_rows_are_filled {
            let missing = Span::new(end, end, QUOTED | MISSING);
            self.spans.extend(std::iter::repeat_n(missing, columns - self.fields));
            self.fields = columns;
        } else if columns < self.fields && self.rules.long_rows_are_cut {
            self.cut_rows += 1;
            self.fields = columns;
        }
        if self.fault.is_none() && self.fields != columns {
            self.fault = Some(Fault::Ragged { fields: self.fields });
        }
        if self.fault.is_none() {
            self.rows += 1;
            self.begin_record(next);
        }
    }

    fn begin_record(&mut self, start: usize) {
        self.record_start = start;
        self.field_start = start;
        self.scanned = start;
        self.fields = 0;
        if self.rules.comment.is_some() {
            self.field = Field::LineStart;
        }
    }

    /// Leaves out the record with the fault; gives its place. None where its line has not ended yet.
    pub(super) fn pass_fault(&mut self, window: &[u8], ended: bool) -> Option<Range<usize>> {
        let start = self.record_start;
        let next = match self.fault? {
            Fault::Ragged { .. } => self.scanned,
            // A quote that is not closed where it should be: what follows may be records again.
            Fault::BehindQuote | Fault::OpenQuote => {
                match memchr::memchr(self.line_end.byte(), &window[start..]) {
                    Some(length) => start + length + 1,
                    None if ended => window.len(),
                    None => return None,
                }
            }
        };
        self.spans.truncate(self.rows * self.columns());
        self.fault = None;
        self.doubled = false;
        self.field = Field::Plain;
        self.begin_record(next);
        Some(start..next)
    }

    /// How many records were cut, all in all.
    pub(super) fn cut_rows(&self) -> u64 {
        self.cut_rows
    }

    fn end_field(&mut self, end: usize) {
        let span = match self.field {
            Field::Closed(place) if place + 1 == end => {
                let doubled = if self.doubled { DOUBLED } else { 0 };
                Span::new(self.field_start + 1, place, QUOTED | doubled)
            }
            Field::Plain => Span::new(self.field_start, end, 0),
            _ => {
                self.fault = Some(Fault::BehindQuote);
                return;
            }
        };
        self.fields += 1;
        // A line of too many fields is only counted.
        if self.columns.is_none_or(|columns| self.fields <= columns) {
            self.spans.push(span);
        }
        self.field = Field::Plain;
        self.doubled = false;
    }
}

#[cfg(test)]
mod tests;
