//! JSON text to record batches.

use super::column::Manner;
use super::infer::{MOST_DEPTH, MOST_KEYS, Members, Refusal};
use super::parts::Fault;
use super::problem::Problem;
use super::records::{Records, Step};
use super::row::Row;
use crate::endpoint::BinaryText;
use crate::endpoint::{InputOptions, Operand};
use crate::error::{Error, Result};
use crate::io::Input;
use crate::text::{count, escaped, known_format};
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use std::collections::VecDeque;
use std::sync::Arc;

/// How text is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The columns; inferred from the first rows if none are given.
    pub schema: Option<Schema>,
    /// Types of some columns at the top, whether the first rows show them or not.
    pub types: Option<Schema>,
    /// How bytes are written in the text.
    pub binary: BinaryText,
    /// Leave out members that have no column, instead of failing.
    pub ignore_unknown: bool,
}

/// The rows of one or more inputs of JSON.
pub struct Reader {
    source: Source,
    /// What the schema was inferred from, still to be read.
    sample: VecDeque<Sampled>,
    /// How many rows that were.
    sampled_rows: usize,
    schema: SchemaRef,
    row: Row,
    /// How much text the rows at hand had.
    bytes: usize,
    /// How many rows a batch has at most.
    most_rows: usize,
}

/// The records of several inputs, opened one after another.
struct Source {
    left: VecDeque<Operand>,
    records: Records,
}

/// What comes next.
enum Found<'a> {
    Record { name: &'a str, line: u64, text: &'a [u8] },
    Pause,
    End,
}

struct Sampled {
    name: String,
    line: u64,
    text: Vec<u8>,
}

/// The first rows show what the others are like, in a fraction of a second.
const SAMPLE_ROWS: usize = 1 << 16;

/// Rows may be long: the sample is kept in memory until it is read again.
const SAMPLE_BYTES: usize = 8 << 20;

/// A batch ends with the row that brings it to so much text, or to [`BATCH_ROWS`]: as large as those of
/// parquet-to-stream, which fit the second-level cache, since the values take less than their text.
const BATCH_BYTES: usize = 4 << 20;

/// As many rows as a batch of parquet-to-stream has at most.
const BATCH_ROWS: usize = 1 << 16;

/// Columns times rows of a batch, at most: an object may leave out most of a thousand keys, and its
/// nulls take memory nevertheless.
const BATCH_CELLS: usize = 1 << 22;

impl Reader {
    /// Opens the first input, and infers a schema if none is given.
    ///
    /// # Errors
    /// An input that cannot be opened or is no JSON, no rows to infer a schema from, a schema that JSON
    /// cannot fill.
    pub fn open(input: &InputOptions, options: &ReadOptions) -> Result<Self> {
        let mut left: VecDeque<Operand> = input.operands.iter().cloned().collect();
        let first = left.pop_front().unwrap_or(Operand::Stdin);
        let mut source = Source { left, records: Records::new(Input::open(&first)?)? };
        let (schema, sample) = match &options.schema {
            Some(schema) => (schema.clone(), VecDeque::new()),
            None => source.infer(options.types.as_ref())?,
        };
        let row = row(&schema, options)?;
        let sampled_rows = sample.len();
        let most_rows = (BATCH_CELLS / leaves(schema.fields()).max(1)).clamp(1, BATCH_ROWS);
        let schema = Arc::new(schema);
        Ok(Self { source, sample, sampled_rows, schema, row, bytes: 0, most_rows })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next batch. A batch ends early where the next row has not come yet, so that rows of a slow
    /// producer are passed on at once.
    ///
    /// # Errors
    /// Text that is no JSON, a value that does not fit its column: with the line.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while self.row.rows() < self.most_rows && self.bytes < BATCH_BYTES {
            if let Some(Sampled { name, line, text }) = self.sample.pop_front() {
                self.bytes += text.len();
                append(&mut self.row, &text, self.sampled_rows)
                    .map_err(|e| placed(e, &name, line))?;
                continue;
            }
            let is_empty = self.row.rows() == 0;
            match self.source.next(is_empty)? {
                Found::Record { name, line, text } => {
                    self.bytes += text.len();
                    append(&mut self.row, text, self.sampled_rows)
                        .map_err(|e| placed(e, name, line))?;
                }
                Found::Pause => break,
                Found::End if is_empty => return Ok(None),
                Found::End => break,
            }
        }
        self.bytes = 0;
        let (columns, rows) = self.row.finish()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options);
        batch.map(Some).map_err(|e| Error::failed(format!("cannot make a batch: {e}")))
    }
}

impl Source {
    /// The next object of any input.
    fn next(&mut self, wait: bool) -> Result<Found<'_>> {
        loop {
            let step = self.records.next(wait);
            match step.map_err(|e| e.with(self.records.name()))? {
                Step::Record { text, line } => {
                    let (name, text) = (self.records.name(), self.records.text(text));
                    return Ok(Found::Record { name, line, text });
                }
                Step::Pause => return Ok(Found::Pause),
                Step::End => match self.left.pop_front() {
                    Some(operand) => self.records = Records::new(Input::open(&operand)?)?,
                    None => return Ok(Found::End),
                },
            }
        }
    }

    /// The schema that the first rows and `types` say, and those rows.
    fn infer(&mut self, types: Option<&Schema>) -> Result<(Schema, VecDeque<Sampled>)> {
        let (mut members, mut sample) = (Members::of_rows(types), VecDeque::new());
        let mut bytes = 0;
        while sample.len() < SAMPLE_ROWS && bytes < SAMPLE_BYTES {
            let Found::Record { name, line, text } = self.next(true)? else { break };
            let looked = object_of(text).and_then(|object| {
                members.add_row(object).map_err(|fault| match fault {
                    Fault::Refused(refusal) => Wrong::Object(told(&refusal)),
                    Fault::Syntax(error) => Wrong::Syntax(error),
                })
            });
            looked.map_err(|e| placed(e, name, line))?;
            bytes += text.len();
            sample.push_back(Sampled { name: name.to_owned(), line, text: text.to_vec() });
        }
        match sample.is_empty() {
            true => Err(Error::failed(format!(
                "{}: no rows to infer a schema from; give it by --schema",
                self.records.name()
            ))),
            false => Ok((overridden(members.schema(), types), sample)),
        }
    }
}

/// How many columns without parts there are.
fn leaves(fields: &Fields) -> usize {
    let of_field = |field: &FieldRef| match field.data_type() {
        DataType::Struct(fields) => leaves(fields),
        _ => 1,
    };
    fields.iter().map(of_field).sum()
}

/// Columns of given types take every text that holds such a value; those of inferred types only what
/// inference takes.
fn row(schema: &Schema, options: &ReadOptions) -> Result<Row> {
    let ignore_unknown = options.ignore_unknown;
    Row::of_columns(schema.fields(), ignore_unknown, |field| {
        let is_given = match &options.types {
            Some(types) => types.fields().iter().any(|given| given.name() == field.name()),
            None => options.schema.is_some(),
        };
        Manner { binary: options.binary, ignore_unknown, inferred: !is_given }
    })
}

/// The schema with the columns of `types` in the place of those of their names; others are added.
fn overridden(schema: Schema, types: Option<&Schema>) -> Schema {
    let mut fields: Vec<FieldRef> = schema.fields().to_vec();
    for field in types.iter().flat_map(|types| types.fields()) {
        match fields.iter_mut().find(|inferred| inferred.name() == field.name()) {
            Some(inferred) => *inferred = field.clone(),
            None => fields.push(field.clone()),
        }
    }
    Schema::new(fields)
}

/// What is wrong with a record.
enum Wrong {
    Syntax(serde_json::Error),
    Object(String),
}

fn append(row: &mut Row, text: &[u8], sampled_rows: usize) -> Result<(), Wrong> {
    row.append(object_of(text)?).map_err(|fault| match fault {
        Fault::Syntax(error) => Wrong::Syntax(error),
        Fault::Refused(problem) => Wrong::Object(told_with_way_out(&problem, sampled_rows)),
    })
}

fn told_with_way_out(problem: &Problem, sampled_rows: usize) -> String {
    let told = problem.told();
    match problem.way_out() {
        Some(way) => {
            format!("{told} (as the first {} rows are: {way})", count(sampled_rows as u64))
        }
        None => told,
    }
}

fn object_of(text: &[u8]) -> Result<&str, Wrong> {
    // No JSON holds a zero byte; every format with such a mark does.
    if let Some(format) = known_format(text).filter(|_| text.contains(&0)) {
        return Err(Wrong::Object(format!("no JSON, but {format}")));
    }
    let text = match std::str::from_utf8(text.trim_ascii()) {
        Ok(text) => text,
        Err(_) => return Err(Wrong::Object("it is not UTF-8".to_owned())),
    };
    match text.starts_with('{') {
        true => Ok(text),
        false => {
            let start: String = text.chars().take(20).collect();
            Err(Wrong::Object(format!("no JSON object: it starts with \"{}\"", escaped(&start))))
        }
    }
}

/// Says in which line of which input.
fn placed(wrong: Wrong, name: &str, line: u64) -> Error {
    let (line, why) = match wrong {
        Wrong::Object(why) => (line, why),
        Wrong::Syntax(error) if error.is_eof() => (
            line,
            "the object does not end with its line (an object per line, as jq -c writes them, or one \
             array of objects)"
                .to_owned(),
        ),
        Wrong::Syntax(error) => {
            let line = line + (error.line() as u64).saturating_sub(1);
            let told = error.to_string();
            let why = told.split(" at line ").next().unwrap_or_default();
            (line, format!("not JSON at byte {}: {why}", error.column()))
        }
    };
    Error::failed(format!("line {line}: {why}")).with(name)
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooDeep => format!("values in values, deeper than {MOST_DEPTH}"),
        Refusal::TooManyKeys => format!(
            "more than {} keys; if they are values, give the column a type: --types 'name map<utf8, ...>'",
            count(MOST_KEYS as u64)
        ),
        Refusal::KeysAreValues { objects, keys } => format!(
            "the first {} objects have {} different keys, which seem to be values: --schema 'key type, \
             ...' and --ignore-unknown read the keys that you name",
            count(*objects as u64),
            count(*keys as u64)
        ),
    }
}
