//! Splits delimited text into records and fields, following RFC 4180.
//!
//! Own code, not the csv-core crate: that does not tell a quoted empty field (a text) from an
//! unquoted one (a null), copies every byte of every field, and knows no line numbers. Here fields stay
//! where they are; what is found are their places. A line ends at LF, with any CRs in front of it, or at
//! CR ([`LineEnd`]). A quote that is not
//! the first character of its field is a character like others.

use super::find::find;
use super::line_ends::LineEnd;

/// Where a field lies in the window, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    length_and_flags: u32,
}

const QUOTED: u32 = 1 << 31;
const DOUBLED: u32 = 1 << 30;

/// Windows are shorter than this many bytes, so that places have 30 bits.
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

/// Splits a window that grows at its end and is shortened at its front.
#[derive(Debug)]
pub(super) struct Splitter {
    delimiter: u8,
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
    /// How many empty lines came before it was known that there is but one column; they stand in
    /// `spans`. None if they are passed over anyway.
    leading_empty: Option<usize>,
}

/// How far the present field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Plain,
    InQuotes,
    /// The closing quote stands here.
    Closed(usize),
}

impl Span {
    fn new(start: usize, end: usize, flags: u32) -> Self {
        // A window has fewer bytes than 2^30.
        Self { start: start as u32, length_and_flags: (end - start) as u32 | flags }
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + (self.length_and_flags & !(QUOTED | DOUBLED)) as usize
    }

    pub(super) fn is_quoted(self) -> bool {
        self.length_and_flags & QUOTED != 0
    }

    /// Whether it holds doubled quotes, each of which stands for one.
    pub(super) fn is_doubled(self) -> bool {
        self.length_and_flags & DOUBLED != 0
    }
}

impl Splitter {
    pub(super) fn new(delimiter: u8, quote: Option<u8>, columns: Option<usize>) -> Self {
        Self {
            delimiter,
            quote,
            line_end: LineEnd::Lf,
            columns,
            spans: Vec::new(),
            rows: 0,
            carriage_returns: 0,
            record_start: 0,
            field_start: 0,
            fields: 0,
            field: Field::Plain,
            doubled: false,
            scanned: 0,
            fault: None,
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

    /// Whether a place is within a field of a whole record that stands without quotes.
    pub(super) fn is_in_unquoted_field(&self, place: usize) -> bool {
        let spans = self.spans();
        let behind = spans.partition_point(|span| span.start as usize <= place);
        let span = behind.checked_sub(1).and_then(|last| spans.get(last));
        span.is_some_and(|span| span.range().contains(&place) && !span.is_quoted())
    }

    /// Where a record begins.
    pub(super) fn row_start(&self, row: usize) -> usize {
        self.spans
            .get(row * self.columns())
            .map_or(self.record_start, |span| span.start as usize - usize::from(span.is_quoted()))
    }

    /// Goes on with the window, until `most_rows` records are whole. `ended` says that nothing comes
    /// behind the window.
    pub(super) fn scan(&mut self, window: &[u8], ended: bool, most_rows: usize) {
        while self.rows < most_rows && self.fault.is_none() {
            let goes_on = match self.field {
                Field::InQuotes => self.scan_quoted(window, ended),
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
            self.end_field(place);
            self.field_start = place + 1;
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
mod tests {
    use super::*;

    /// Records as the window grows by `step` bytes and is consumed whenever it can be; quoted fields
    /// are shown in angle brackets.
    fn split(text: &str, step: usize) -> (Vec<Vec<String>>, Option<Fault>) {
        let mut splitter = Splitter::new(b',', Some(b'"'), None);
        let (mut window, mut left) = (Vec::new(), text.as_bytes());
        let mut records = Vec::new();
        loop {
            let (now, later) = left.split_at(step.min(left.len()));
            window.extend_from_slice(now);
            left = later;
            splitter.scan(&window, left.is_empty(), 2);
            let field = |span: &Span| {
                let text = String::from_utf8(window[span.range()].to_vec()).unwrap();
                let text = if span.is_doubled() { text.replace("\"\"", "\"") } else { text };
                if span.is_quoted() { format!("<{text}>") } else { text }
            };
            for record in splitter.spans().chunks(splitter.columns().max(1)) {
                records.push(record.iter().map(field).collect());
            }
            let rows = splitter.rows();
            window.drain(..splitter.whole_bytes());
            splitter.consume();
            if left.is_empty() && rows < 2 {
                return (records, splitter.fault());
            }
        }
    }

    #[test]
    fn records_are_those_of_rfc_4180_however_they_arrive() {
        let text = "a,b\r\n1,\n\"x,\"\"y\"\"\r\nz\",\"\"\n\n,it's \"so\"\n\r\n\"last\",2";
        let expected = [
            vec!["a", "b"],
            vec!["1", ""],
            vec!["<x,\"y\"\r\nz>", "<>"],
            vec!["", "it's \"so\""],
            vec!["<last>", "2"],
        ];
        for step in 1..=text.len() {
            let (records, fault) = split(text, step);
            assert_eq!(
                (records, fault),
                (
                    expected.iter().map(|r| r.iter().map(|f| f.to_string()).collect()).collect(),
                    None
                ),
                "{step}"
            );
        }
    }

    #[test]
    fn an_empty_line_of_one_column_is_a_field() {
        let (records, fault) = split("a\n\n1\n\n", 3);
        assert_eq!((records.concat().join("|"), fault), ("a||1|".to_owned(), None));
    }

    #[test]
    fn leading_empty_lines_are_fields_where_there_is_no_header() {
        for (text, rows, columns) in [("\n\r\n1\n\n", 4, 1), ("\n\n1,2\n\n", 1, 2), ("\n", 0, 0)] {
            for step in 1..=text.len() {
                let mut splitter = Splitter::new(b',', Some(b'"'), None).keep_leading_empty();
                for end in (0..text.len()).step_by(step) {
                    splitter.scan(&text.as_bytes()[..end], false, 9);
                }
                splitter.scan(text.as_bytes(), true, 9);
                assert_eq!(
                    (splitter.rows(), splitter.columns()),
                    (rows, columns),
                    "{text:?} {step}"
                );
                let texts: Vec<&str> = splitter.spans().iter().map(|s| &text[s.range()]).collect();
                assert_eq!(texts.concat(), if columns == 2 { "12" } else { &"1"[..columns] });
            }
        }
    }

    #[test]
    fn what_is_no_record_is_told() {
        for (text, fault) in [
            ("a,b\n1\n", Fault::Ragged { fields: 1 }),
            ("a,b\n1,2,3,4\n", Fault::Ragged { fields: 4 }),
            ("a,b\n\"1\" ,2\n", Fault::BehindQuote),
            ("a,b\n\"1\"x\n", Fault::BehindQuote),
            ("a,b\n\"1\"\"", Fault::OpenQuote),
            ("a,b\n1,\"2\n", Fault::OpenQuote),
        ] {
            for step in 1..=text.len() {
                assert_eq!(split(text, step).1, Some(fault), "{text} {step}");
            }
        }
    }
}
