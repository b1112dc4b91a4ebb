//! Delimited text as record batches.

use super::cells::{Records, Stop, Why};
use super::columns::{Column, Failure};
use super::schema::{by_sample, by_schema, unique_header};
use super::splitter::{Fault, Splitter};
use super::window::Window;
use crate::endpoint::{BinaryText, Dialect, Operand};
use crate::error::{Error, Result};
use crate::io::{Input, is_regular_file};
use crate::text::{count, escaped, known_format};
use crate::text_format::infer::{Inferred, fitting, types_option};
use crate::text_format::misfit::Misfit;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use std::collections::VecDeque;
use std::sync::Arc;

/// How delimited text is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Its signs.
    pub dialect: Dialect,
    /// How bytes are written in it.
    pub binary: BinaryText,
    /// The texts that are null where they stand unquoted; if there are none, the empty text.
    pub nulls: Vec<String>,
    /// All columns and their types; otherwise they are concluded from a sample.
    pub schema: Option<Schema>,
    /// The types of some columns, where the others are concluded.
    pub types: Option<Schema>,
}

/// Reads inputs one after another as record batches of one schema.
pub struct Reader {
    options: ReadOptions,
    left: VecDeque<Operand>,
    window: Window,
    splitter: Splitter,
    header: Option<Vec<String>>,
    columns: Vec<Column>,
    schema: SchemaRef,
    /// How many records the types were concluded from.
    sampled_rows: usize,
    notes: Vec<String>,
}

/// As many rows as the batches of other tools have at most. With what a window holds it also bounds
/// the sample that types are concluded from, which is the first batch.
const MOST_BATCH_ROWS: usize = 1 << 16;

impl Reader {
    /// Opens the first input and finds out the columns: from `--schema` and the header at once,
    /// otherwise from the first 2 MiB or 65,536 records.
    ///
    /// # Errors
    /// Inputs that cannot be read, no header, a schema that does not fit the header.
    pub fn open(operands: &[Operand], mut options: ReadOptions) -> Result<Self> {
        if options.nulls.is_empty() {
            options.nulls.push(String::new());
        }
        options.dialect.check(&options.nulls)?;
        for operand in operands {
            // A wrong name is better told before any work is done.
            is_regular_file(operand)?;
        }
        let mut left: VecDeque<Operand> = operands.iter().cloned().collect();
        let first = left.pop_front().unwrap_or(Operand::Stdin);
        let window = open_window(&first)?;
        let columns = match (&options.schema, options.dialect.header) {
            (Some(schema), false) => Some(schema.fields().len()),
            _ => None,
        };
        let splitter = Splitter::new(options.dialect.delimiter, options.dialect.quote, columns);
        let splitter =
            if options.dialect.header { splitter } else { splitter.keep_leading_empty() };
        let mut reader = Self {
            options,
            left,
            window,
            splitter,
            header: None,
            columns: Vec::new(),
            schema: Arc::new(Schema::empty()),
            sampled_rows: 0,
            notes: Vec::new(),
        };
        reader.begin().map_err(|error| {
            let start = reader.window.bytes();
            // Text holds no zero byte; every format with such a mark does.
            let error = match known_format(start).filter(|_| start.contains(&0)) {
                Some(format) => Error::failed(format!("not delimited text: {format}")),
                None => error,
            };
            error.with(reader.window.name())
        })?;
        Ok(reader)
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What a person should be told that is no failure, each once.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The next records; None behind the last one of the last input. What is whole is passed on
    /// when more would have to be waited for.
    ///
    /// # Errors
    /// Names the input, the line, the column and the value.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let batch = self.next_of_input().map_err(|error| error.with(self.window.name()))?;
            if batch.is_some() {
                return Ok(batch);
            }
            let Some(operand) = self.left.pop_front() else { return Ok(None) };
            self.window = open_window(&operand)?;
            let dialect = &self.options.dialect;
            let columns = Some(self.splitter.columns());
            self.splitter = Splitter::new(dialect.delimiter, dialect.quote, columns);
            self.pass_header().map_err(|error| error.with(self.window.name()))?;
        }
    }

    /// Finds out the columns.
    fn begin(&mut self) -> Result<()> {
        let binary = self.options.binary;
        if self.options.dialect.header {
            self.header = Some(self.read_header()?);
        }
        self.columns = match &self.options.schema {
            Some(schema) => by_schema(schema, self.header.as_deref(), binary)?,
            None => {
                self.gather(true)?;
                self.tell_first_fault()?;
                if self.splitter.columns() == 0 {
                    return Err(Error::failed(
                        "empty: no line to take the columns from (see --schema)",
                    ));
                }
                let numbered = || {
                    (1..=self.splitter.columns()).map(|number| format!("column_{number}")).collect()
                };
                let names: Vec<String> = self.header.clone().unwrap_or_else(numbered);
                self.sampled_rows = self.splitter.rows();
                by_sample(
                    &names,
                    &whole_records(&self.window, &self.splitter, &self.options)?,
                    self.options.types.as_ref(),
                    binary,
                )?
            }
        };
        let fields = self.columns.iter().map(|column| column.field.clone());
        self.schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(())
    }

    /// The names in the first line that is not empty.
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
            return Err(Error::failed(
                "empty: not even a header arrived (--no-header expects none)",
            ));
        }
        let records = whole_records(&self.window, &self.splitter, &self.options)?;
        let mut scratch = String::new();
        let mut names: Vec<String> = (0..records.columns)
            .map(|column| records.field(0, column, &mut scratch).to_owned())
            .collect();
        self.consume();
        let renamed = unique_header(&mut names);
        if self.header.is_none() {
            self.notes.extend(renamed.map(|told| format!("{}: {told}", self.window.name())));
        }
        Ok(names)
    }

    /// The header of a further input has to be that of the first.
    fn pass_header(&mut self) -> Result<()> {
        let Some(first) = self.header.clone() else { return Ok(()) };
        let names = self.read_header()?;
        match names.iter().zip(&first).position(|(name, first)| name != first) {
            None => Ok(()),
            Some(place) => Err(Error::failed(format!(
                "its header differs from the first file's: column {} is \"{}\", there \"{}\"",
                place + 1,
                escaped(&names[place]),
                escaped(&first[place])
            ))),
        }
    }

    fn next_of_input(&mut self) -> Result<Option<RecordBatch>> {
        self.gather(false)?;
        if self.splitter.rows() == 0 {
            self.tell_first_fault()?;
            return Ok(None);
        }
        let batch = self.batch()?;
        self.consume();
        Ok(Some(batch))
    }

    /// Goes on until there are records for a batch; for a sample it waits until there are enough.
    fn gather(&mut self, is_sample: bool) -> Result<()> {
        self.learn_line_end()?;
        loop {
            let ended = self.window.has_ended();
            self.splitter.scan(self.window.bytes(), ended, MOST_BATCH_ROWS);
            let rows = self.splitter.rows();
            if ended || MOST_BATCH_ROWS <= rows || self.splitter.fault().is_some() {
                return Ok(());
            }
            let waits = !is_sample && !self.window.has_more_now();
            if 0 < rows && (self.window.is_full() || waits) {
                return Ok(());
            }
            self.window.fill()?;
        }
    }

    fn learn_line_end(&mut self) -> Result<()> {
        let Dialect { delimiter, quote, .. } = self.options.dialect;
        self.splitter.set_line_end(self.window.line_end(delimiter, quote)?);
        Ok(())
    }

    fn batch(&mut self) -> Result<RecordBatch> {
        let records = whole_records(&self.window, &self.splitter, &self.options)?;
        let mut rows = self.splitter.rows();
        let mut arrays = Vec::with_capacity(self.columns.len());
        let mut wrong = None;
        for (place, column) in self.columns.iter_mut().enumerate() {
            match column.array(records, rows) {
                Ok(array) => arrays.push(array),
                // Of other columns only earlier rows matter now: the first wrong line is told.
                Err(Failure::Value(stop)) => {
                    rows = stop.row;
                    wrong = Some((place, stop));
                }
                Err(Failure::Column(error)) => return Err(error),
            }
        }
        if let Some((place, stop)) = wrong {
            return Err(self.misfit(&records, &self.columns[place], stop));
        }
        RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|cause| Error::failed(cause.to_string()))
    }

    fn consume(&mut self) {
        let bytes = self.splitter.whole_bytes();
        self.splitter.consume();
        self.window.consume(bytes);
    }

    /// A fault stands behind the whole records, which come first.
    fn tell_first_fault(&self) -> Result<()> {
        let Some(fault) = self.splitter.fault().filter(|_| self.splitter.rows() == 0) else {
            return Ok(());
        };
        let line = self.window.line(self.splitter.whole_bytes());
        let what = match fault {
            Fault::BehindQuote => "something stands between a closing quote and the end of its field \
                                   (a quote in a quoted field is doubled; --quote none takes quotes \
                                   for text)"
                .to_owned(),
            Fault::OpenQuote => "a quote is never closed (--quote none takes quotes for text)".to_owned(),
            Fault::Ragged { fields } => {
                let expected = match (&self.header, &self.options.schema) {
                    (Some(_), _) => "the header",
                    (None, Some(_)) => "--schema",
                    (None, None) => "the first line",
                };
                let fields = fields as u64;
                let plural = if fields == 1 { "" } else { "s" };
                let columns = count(self.splitter.columns() as u64);
                format!("{} field{plural}, and {expected} has {columns}", count(fields))
            }
        };
        Err(Error::failed(format!("line {line}: {what}")))
    }

    fn misfit(&self, records: &Records<'_>, column: &Column, stop: Stop) -> Error {
        let mut scratch = String::new();
        let value = records.field(stop.row, column.place, &mut scratch);
        let line = self.window.line(self.splitter.row_start(stop.row));
        let name = escaped(column.field.name());
        let told = match stop.why {
            Why::Inside(told) => told,
            Why::Misfit(misfit) => {
                let words = misfit.words(column.field.data_type());
                format!("{} {words}{}", shown(value), self.way_out(column, misfit, value))
            }
        };
        Error::failed(format!("line {line}, column \"{name}\": {told}"))
    }

    fn way_out(&self, column: &Column, misfit: Misfit, value: &str) -> String {
        let mut ways = Vec::new();
        if column.inferred {
            let rows = count(self.sampled_rows as u64);
            let data_type = column.field.data_type();
            let value = Inferred::of_text(value.trim_ascii());
            let way = match fitting(data_type, value) {
                Some(wider) => format!("{} takes both", types_option(column.field.name(), wider)),
                None => {
                    let text = types_option(column.field.name(), DataType::Utf8);
                    format!("{text} takes the column for text")
                }
            };
            ways.push(format!("as the first {rows} rows are: {way}"));
            if misfit == Misfit::OtherForm {
                let number = types_option(column.field.name(), data_type.clone());
                ways.push(format!("{number} takes it for a number"));
            }
        }
        if misfit == Misfit::Malformed && value.len() <= 12 && !value.contains(['\'', '\n', '\r']) {
            ways.push(format!("--null '{}' takes it for null", escaped(value)));
        }
        if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(", ")) }
    }
}

/// The whole records of a window, checked to be UTF-8.
fn whole_records<'a>(
    window: &'a Window,
    splitter: &'a Splitter,
    options: &'a ReadOptions,
) -> Result<Records<'a>> {
    let bytes = &window.bytes()[..splitter.whole_bytes()];
    let line_end = window.known_line_end();
    if let Some(place) = line_end.first_stray(bytes, splitter, 0) {
        let line = window.line(place);
        return Err(Error::failed(format!("line {line}: {}", line_end.stray_words())));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::failed(format!(
            "line {} is not UTF-8 (iconv -f latin1 -t utf-8 converts what is Latin-1)",
            window.line(error.valid_up_to())
        ))
    })?;
    Ok(Records::new(text, splitter, &options.nulls, options.dialect.quote))
}

fn open_window(operand: &Operand) -> Result<Window> {
    Window::open(Input::open(operand)?).map_err(|error| error.with(operand.name()))
}

/// A value in quotes, shortened where it is long.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let start: String = value.chars().take(MOST).collect();
    let rest = if start.len() < value.len() { "..." } else { "" };
    format!("\"{}{rest}\"", escaped(&start))
}
