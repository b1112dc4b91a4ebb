//! JSON text to record batches.

use super::column::Manner;
use super::row::Row;
use super::source::{Found, Inference, Sampled, Source, infer_by_reading_twice};
use super::wrong::Wrong;
use crate::endpoint::{BinaryText, InferRows, InputOptions};
use crate::error::{Error, Result};
use crate::io::Unread;
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
    /// How many rows the columns are inferred from; if it is said, the inputs are read twice.
    pub infer_rows: Option<InferRows>,
    /// How bytes are written in the text.
    pub binary: BinaryText,
    /// Leave out members that have no column, instead of failing.
    pub ignore_unknown: bool,
    /// Read `NaN`, `Infinity` and `-Infinity` as numbers.
    pub allow_nan: bool,
}

/// The rows of one or more inputs of JSON.
pub struct Reader {
    source: Source,
    /// What the schema was inferred from, still to be read.
    sample: VecDeque<Sampled>,
    /// How many rows it was inferred from.
    sampled_rows: u64,
    schema: SchemaRef,
    row: Row,
    /// How much text the rows at hand had.
    bytes: usize,
    /// How many rows a batch has at most.
    most_rows: usize,
}

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
        let (source, Inference { schema, rows, sample }) = opened(input, options)?;
        let row = row(&schema, options)?;
        let most_rows = (BATCH_CELLS / leaves(schema.fields()).max(1)).clamp(1, BATCH_ROWS);
        let schema = Arc::new(schema);
        Ok(Self { source, sample, sampled_rows: rows, schema, row, bytes: 0, most_rows })
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
                    .map_err(|wrong| wrong.placed(&name, line))?;
                continue;
            }
            let is_empty = self.row.rows() == 0;
            match self.source.next(is_empty)? {
                Found::Record(record) => {
                    let appended = record.object().and_then(|(object, front)| {
                        Ok(front + append(&mut self.row, &object, self.sampled_rows)?)
                    });
                    let used = appended.map_err(|wrong| wrong.placed(record.name, record.line))?;
                    self.bytes += used;
                    self.source.used(used)?;
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

/// The inputs, of which those that the schema was inferred from are to be read again.
fn opened(input: &InputOptions, options: &ReadOptions) -> Result<(Source, Inference)> {
    let types = options.types.as_ref();
    let unread = || input.operands.iter().cloned().map(Unread::from).collect();
    match (&options.schema, options.infer_rows) {
        (Some(schema), _) => {
            let inference = Inference { schema: schema.clone(), rows: 0, sample: VecDeque::new() };
            Ok((Source::open(unread(), options)?, inference))
        }
        (None, None) => {
            let mut source = Source::open(unread(), options)?;
            let inference = source.infer(types)?;
            Ok((source, inference))
        }
        (None, Some(most)) => {
            let (inference, inputs) = infer_by_reading_twice(&input.operands, most, options)?;
            Ok((Source::open(inputs, options)?, inference))
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
    let ReadOptions { binary, ignore_unknown, allow_nan, .. } = *options;
    Row::of_columns(schema.fields(), ignore_unknown, |field| {
        let is_given = match &options.types {
            Some(types) => types.fields().iter().any(|given| given.name() == field.name()),
            None => options.schema.is_some(),
        };
        Manner { binary, ignore_unknown, inferred: !is_given, allow_nan }
    })
}

/// Appends the object that a text begins with; how many bytes it has.
fn append(row: &mut Row, object: &str, sampled_rows: u64) -> Result<usize, Wrong> {
    row.append(object).map_err(|fault| Wrong::of_row(fault, object, sampled_rows))
}
