//! Invalid records: reported as errors, or rejected.

use super::{NOT_UTF_8, Source};
use crate::error::{Error, Result};
use crate::options::Delimiter;
use crate::text::count;
use crate::text_format::csv::splitter::Fault;

impl Source {
    /// Rejects rows, given in order with their reasons.
    pub(in super::super) fn reject_rows(&mut self, rows: Vec<(usize, String)>) {
        let Some(rejects) = &mut self.rejects else { return };
        for (row, reason) in &rows {
            let (start, end) = (self.splitter.row_start(*row), self.splitter.row_end(*row));
            let record = &self.window.bytes()[start..end];
            rejects.add(self.window.line(start), reason.clone(), record);
        }
        let rows: Vec<usize> = rows.into_iter().map(|(row, _)| row).collect();
        self.splitter.remove_rows(&rows);
    }

    /// Rejects the record with the fault; false if its end has not arrived yet.
    pub(super) fn reject_fault(&mut self) -> bool {
        let Some(fault) = self.splitter.fault() else { return true };
        let reason = self.fault_words(fault);
        let ended = self.window.has_ended();
        let Some(place) = self.splitter.pass_fault(self.window.bytes(), ended) else {
            return false;
        };
        let line = self.window.line(place.start);
        if let Some(rejects) = &mut self.rejects {
            rejects.add(line, reason, &self.window.bytes()[place.clone()]);
        }
        // It must not fail the UTF-8 check of the window.
        self.window.blank(place);
        true
    }

    /// Rejects records with stray line ends or invalid UTF-8.
    pub(super) fn reject_bad_text(&mut self) {
        if self.rejects.is_none() {
            return;
        }
        let (mut rows, mut from) = (Vec::new(), 0);
        while let Some((place, reason)) = self.first_bad(from) {
            match self.splitter.row_at(place) {
                Some(row) => {
                    from = self.splitter.row_end(row).max(place + 1);
                    rows.push((row, reason.to_owned()));
                }
                None => from = place + 1,
            }
        }
        let places =
            rows.iter().map(|(row, _)| self.splitter.row_start(*row)..self.splitter.row_end(*row));
        let places: Vec<_> = places.collect();
        self.reject_rows(rows);
        places.into_iter().for_each(|place| self.window.blank(place));
    }

    /// The first stray line end or invalid UTF-8 at or after `from`, with the reason.
    pub(super) fn first_bad(&self, from: usize) -> Option<(usize, &'static str)> {
        let bytes = &self.window.bytes()[..self.splitter.whole_bytes()];
        let stray = self.splitter.first_stray(bytes, from);
        let invalid = std::str::from_utf8(&bytes[from..]).err();
        let invalid = invalid.map(|e| (from + e.valid_up_to(), NOT_UTF_8));
        stray.into_iter().chain(invalid).min_by_key(|(place, _)| *place)
    }

    /// Reports a fault, unless whole records precede it: they are returned first.
    pub(super) fn tell_first_fault(&self) -> Result<()> {
        let Some(fault) = self.splitter.fault().filter(|_| self.splitter.rows() == 0) else {
            return Ok(());
        };
        let line = self.window.line(self.splitter.whole_bytes());
        Err(Error::failed(format!("line {line}: {}", self.fault_words(fault))))
    }

    pub(super) fn fault_words(&self, fault: Fault) -> String {
        match fault {
            Fault::BehindQuote => {
                "text after the closing quote of a field (double a quote inside a quoted field; \
                 --quote none reads quotes as text)"
                    .to_owned()
            }
            Fault::OpenQuote => {
                "a quote is never closed (--quote none reads quotes as text)".to_owned()
            }
            Fault::Ragged { fields } => {
                let expected = match (&self.header, &self.options.schema) {
                    (Some(_), _) => "the header",
                    (None, Some(_)) => "--schema",
                    (None, None) => "the first line",
                };
                let fields = fields as u64;
                let plural = if fields == 1 { "" } else { "s" };
                let columns = count(self.splitter.columns() as u64);
                let way_out = self.delimiter_hint().map(|hint| format!(" ({hint})"));
                let way_out = way_out.unwrap_or_default();
                format!("{} field{plural}, but {expected} has {columns}{way_out}", count(fields))
            }
        }
    }

    /// A hint at another delimiter that the header seems to use.
    pub(super) fn delimiter_hint(&self) -> Option<String> {
        let names = self.header.as_ref().filter(|names| names.len() == 1)?;
        let [name] = &names[..] else { return None };
        if self.options.dialect.delimiter != Delimiter::of_byte(b',') {
            return None;
        }
        let others = [(';', ";"), ('\t', "\\t"), ('|', "|")];
        let (sign, shown) = others.iter().find(|(sign, _)| name.contains(*sign))?;
        let columns = name.split(*sign).count();
        Some(format!("-d '{shown}' reads the header as {columns} columns"))
    }
}
