//! The records of several inputs, window by window.

mod faults;

use super::cells::Records;
use super::read_options::ReadOptions;
use super::rejects::Rejects;
use super::splitter::Splitter;
use super::window::Window;
use crate::error::{Error, Result};
use crate::io::{Input, Unread};
use crate::text::escaped;
use std::collections::VecDeque;

/// The records of several inputs, window by window.
pub(super) struct Source {
    options: ReadOptions,
    left: VecDeque<Unread>,
    pub(super) window: Window,
    pub(super) splitter: Splitter,
    pub(super) header: Option<Vec<String>>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
    pub(super) rejects: Option<Rejects>,
    /// The number of records that were cut in earlier inputs.
    cut_rows: u64,
}

/// The maximum number of rows in a batch, as in other tools. Together with the size of a window it
/// also limits the sample that types are inferred from, which is the first batch.
pub(super) const MOST_BATCH_ROWS: usize = 1 << 16;

impl Source {
    /// Opens the first input and reads its header.
    ///
    /// # Errors
    /// An input that cannot be read; a missing header.
    pub(super) fn open(mut left: VecDeque<Unread>, options: &ReadOptions) -> Result<Self> {
        let first = left.pop_front().unwrap_or(Unread::Named(crate::options::Operand::Stdin));
        let columns = match (&options.schema, options.dialect.header) {
            (Some(schema), false) => Some(schema.fields().len()),
            _ => None,
        };
        let mut source = Self {
            window: open_window(first.open()?, options)?,
            options: options.clone(),
            left,
            splitter: Splitter::new(options, columns),
            header: None,
            notes: Vec::new(),
            rejects: options.rejects.as_ref().map(Rejects::create).transpose()?,
            cut_rows: 0,
        };
        if options.dialect.header {
            source.header = Some(source.named(Self::first_header)?);
        }
        Ok(source)
    }

    /// Runs `work` and adds the name of the input to its error.
    pub(super) fn named<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = work(self);
        done.map_err(|error| {
            let start = self.window.bytes();
            // Text contains no zero byte; every format with such a magic number does.
            let format = crate::text::known_format(start).filter(|_| start.contains(&0));
            let error = match format.filter(|_| self.window.is_at_start()) {
                Some(format) => Error::failed(format!("not delimited text: {format}")),
                None => error,
            };
            error.with(self.window.name())
        })
    }

    /// Opens the next input; false if there is none.
    ///
    /// # Errors
    /// An input that cannot be read; a header that differs from the first.
    pub(super) fn next_input(&mut self) -> Result<bool> {
        let Some(input) = self.left.pop_front() else { return Ok(false) };
        self.window = open_window(input.open()?, &self.options)?;
        self.cut_rows += self.splitter.cut_rows();
        let columns = Some(self.splitter.columns());
        self.splitter = Splitter::new(&self.options, columns);
        self.named(Self::pass_header)?;
        Ok(true)
    }

    /// The records of the window.
    ///
    /// # Errors
    /// Text that is not UTF-8 or contains line ends of the other kind.
    pub(super) fn records(&self) -> Result<Records<'_>> {
        let bytes = &self.window.bytes()[..self.splitter.whole_bytes()];
        let bad =
            |place, reason| Error::failed(format!("line {}: {reason}", self.window.line(place)));
        if let Some((place, reason)) = self.splitter.first_stray(bytes, 0) {
            return Err(bad(place, reason));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| bad(e.valid_up_to(), NOT_UTF_8))?;
        let quote = self.options.dialect.quote;
        Ok(Records::new(text, &self.splitter, &self.options.nulls, quote))
    }

    /// Reads until there are records for a batch; for a sample, waits until there are enough.
    ///
    /// # Errors
    /// I/O errors; an invalid record, if no valid ones precede it.
    pub(super) fn gather(&mut self, is_sample: bool) -> Result<()> {
        self.learn_line_end()?;
        loop {
            let ended = self.window.has_ended();
            self.splitter.scan(self.window.bytes(), ended, MOST_BATCH_ROWS);
            let rows = self.splitter.rows();
            if self.splitter.fault().is_some() && self.rejects.is_some() {
                if !self.reject_fault() {
                    self.window.fill()?;
                }
                continue;
            }
            if ended || rows >= MOST_BATCH_ROWS || self.splitter.fault().is_some() {
                break;
            }
            let waits = !is_sample && !self.window.has_more_now();
            if rows > 0 && (self.window.is_full() || waits) {
                break;
            }
            // A window full of comments and rejected records is dropped.
            if self.window.is_full() && self.splitter.columns() > 0 {
                self.consume()?;
            }
            self.window.fill()?;
        }
        self.reject_bad_text();
        if self.splitter.rows() == 0 { self.tell_first_fault() } else { Ok(()) }
    }

    /// Whether the input has no records after the current ones.
    pub(super) fn has_ended(&self) -> bool {
        self.window.has_ended() && self.splitter.rows() < MOST_BATCH_ROWS
    }

    /// Drops the records of the window.
    ///
    /// # Errors
    /// Those of [`Rejects::write`].
    pub(super) fn consume(&mut self) -> Result<()> {
        if let Some(rejects) = &mut self.rejects {
            rejects.write(self.window.name())?;
        }
        let bytes = self.splitter.whole_bytes();
        self.splitter.consume();
        self.window.consume(bytes);
        Ok(())
    }

    /// The total number of records that were cut.
    pub(super) fn all_cut_rows(&self) -> u64 {
        self.cut_rows + self.splitter.cut_rows()
    }

    fn first_header(&mut self) -> Result<Vec<String>> {
        let mut names = self.read_header()?;
        let name = self.window.name().to_owned();
        let renamed = crate::text_format::csv::schema::unique_header(&mut names);
        self.notes.extend(renamed.map(|note| format!("{name}: {note}")));
        self.header = Some(names.clone());
        if let Some(hint) = self.delimiter_hint() {
            let header = escaped(&names.concat());
            self.notes.push(format!("{name}: the header is one column, \"{header}\" ({hint})"));
        }
        Ok(names)
    }

    /// Reads the names in the first line that is not empty.
    fn read_header(&mut self) -> Result<Vec<String>> {
        self.learn_line_end()?;
        while self.splitter.rows() == 0 && self.splitter.fault().is_none() {
            let ended = self.window.has_ended();
            self.splitter.scan(self.window.bytes(), ended, 1);
            if ended {
                break;
            }
            if self.splitter.rows() == 0 {
                self.window.fill()?;
            }
        }
        self.tell_first_fault()?;
        if self.splitter.rows() == 0 {
            return Err(Error::failed("empty: missing header (use --no-header if there is none)"));
        }
        let records = self.records()?;
        let mut scratch = String::new();
        let names = (0..records.columns)
            .map(|column| records.field(0, column, &mut scratch).to_owned())
            .collect();
        self.consume()?;
        Ok(names)
    }

    /// Reads the header of a further input, which must equal the first.
    fn pass_header(&mut self) -> Result<()> {
        let Some(first) = self.header.clone() else { return Ok(()) };
        let mut names = self.read_header()?;
        crate::text_format::csv::schema::unique_header(&mut names);
        match names.iter().zip(&first).position(|(name, first)| name != first) {
            None => Ok(()),
            Some(place) => Err(Error::failed(format!(
                "its header differs from the first file's: column {} is \"{}\" instead of \"{}\"",
                place + 1,
                escaped(&names[place]),
                escaped(&first[place])
            ))),
        }
    }

    fn learn_line_end(&mut self) -> Result<()> {
        self.window.skip_lines(self.options.lines.skip)?;
        let dialect = &self.options.dialect;
        self.splitter.set_line_end(self.window.line_end(dialect.delimiter, dialect.quote)?);
        Ok(())
    }
}

const NOT_UTF_8: &str = "not UTF-8 (--encoding latin1 or windows-1252 may read it)";

fn open_window(input: Input, options: &ReadOptions) -> Result<Window> {
    let name = input.name().to_owned();
    Window::open(input, options.encoding).map_err(|error| error.with(name))
}
