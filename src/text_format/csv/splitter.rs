//! Splits delimited text into records and fields, following RFC 4180.
//!
//! Own code, because the csv-core crate does not distinguish a quoted empty field (a text) from an
//! unquoted one (a null), copies every byte of every field, and has no line numbers. Here fields
//! stay where they are; only their positions are recorded. A line ends at LF, with any CRs before
//! it, or at CR ([`LineEnd`]). A quote that is not the first character of its field is an ordinary
//! character.

mod rows;
mod span;

mod scan;

use self::span::{DOUBLED, MISSING, QUOTED};
use super::line_ends::LineEnd;
use super::read_options::{LineOptions, LongRows, ReadOptions, ShortRows};
use std::ops::Range;

pub(super) use self::span::Span;

/// The limit for the size of a window in bytes, so that positions have 28 bits.
pub(super) const MOST_WINDOW_BYTES: usize = 1 << 28;

/// Why a record is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Text between a closing quote and the end of the field.
    BehindQuote,
    /// The input ended within quotes.
    OpenQuote,
    /// A number of fields that differs from the first record's.
    Ragged { fields: usize },
}

/// An incremental splitter of a window that grows at its end and shrinks at its front.
#[derive(Debug)]
pub(super) struct Splitter {
    lines: LineOptions,
    delimiter: u8,
    /// The bytes of the delimiter after the first one.
    delimiter_rest: Vec<u8>,
    quote: Option<u8>,
    line_end: LineEnd,
    /// The number of fields of a record, once known.
    columns: Option<usize>,
    /// The fields of whole records, then those found so far of the current record.
    spans: Vec<Span>,
    rows: usize,
    /// The number of CRs that were part of line ends.
    carriage_returns: usize,
    record_start: usize,
    field_start: usize,
    /// The number of complete fields of the current record.
    fields: usize,
    field: Field,
    doubled: bool,
    /// Everything before this position has been scanned.
    scanned: usize,
    fault: Option<Fault>,
    /// The number of records that were cut.
    cut_rows: u64,
    /// The number of empty lines before the first field, kept in `spans`: in a file of one column
    /// without a header, they are fields. `None` if they are skipped anyway.
    leading_empty: Option<usize>,
}

/// The state of the current field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// No field yet: the line may be a comment.
    LineStart,
    Plain,
    InQuotes,
    /// The position of the closing quote.
    Closed(usize),
}

impl Splitter {
    pub(super) fn new(options: &ReadOptions, columns: Option<usize>) -> Self {
        let ReadOptions { dialect, lines, .. } = options;
        let field = if lines.comment.is_some() { Field::LineStart } else { Field::Plain };
        Self {
            lines: lines.clone(),
            delimiter: dialect.delimiter.first(),
            delimiter_rest: dialect.delimiter.bytes()[1..].to_vec(),
            quote: dialect.quote,
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
            leading_empty: (!dialect.header).then_some(0),
        }
    }

    /// Sets the line end, if it is not LF.
    pub(super) fn set_line_end(&mut self, line_end: LineEnd) {
        self.line_end = line_end;
    }

    /// The number of whole records found.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of fields of each whole record.
    pub(super) fn columns(&self) -> usize {
        self.columns.unwrap_or(0)
    }

    /// The fields of all whole records, record by record.
    pub(super) fn spans(&self) -> &[Span] {
        &self.spans[..self.rows * self.columns()]
    }

    /// The end of the whole records.
    pub(super) fn whole_bytes(&self) -> usize {
        self.record_start
    }

    /// Why splitting cannot continue after the whole records.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Scans the window further, until `most_rows` records are whole. `ended` says that nothing
    /// follows the window.
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

    /// Drops the whole records and their bytes at the front of the window.
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

    /// Ends the line at `end`; the next one begins at `next`.
    fn end_line(&mut self, window: &[u8], end: usize, next: usize) {
        let line_end = end;
        let mut end = end;
        // Programs that write CRLF in text mode on Windows produce more than one CR.
        while self.field_start < end && window[end - 1] == b'\r' {
            end -= 1;
        }
        self.carriage_returns += line_end - end;
        let is_blank = self.fields == 0 && end == self.record_start;
        // In a file of one column an empty line is an empty field; otherwise it is ignored.
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
        if self.fields < columns && self.lines.short_rows == ShortRows::Null {
            let missing = Span::new(end, end, QUOTED | MISSING);
            self.spans.extend(std::iter::repeat_n(missing, columns - self.fields));
            self.fields = columns;
        } else if columns < self.fields && self.lines.long_rows == LongRows::Drop {
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
        if self.lines.comment.is_some() {
            self.field = Field::LineStart;
        }
    }

    /// Skips the record with the fault; returns its range. `None` if its line has not ended yet.
    pub(super) fn pass_fault(&mut self, window: &[u8], ended: bool) -> Option<Range<usize>> {
        let start = self.record_start;
        let next = match self.fault? {
            Fault::Ragged { .. } => self.scanned,
            // A quote that is not closed where it should be: valid records may follow the line.
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

    /// The total number of records that were cut.
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
        // Extra fields of a line are only counted.
        if self.columns.is_none_or(|columns| self.fields <= columns) {
            self.spans.push(span);
        }
        self.field = Field::Plain;
        self.doubled = false;
    }
}

#[cfg(test)]
mod tests;
