//! Reads JSON text as record batches.

use super::options::{ColumnOptions, ReadOptions};
use super::records::Step;
use super::row::Row;
use super::source::{Inference, Sampled, Source, infer_by_reading_twice};
use super::wrong::InvalidObject;
use crate::error::{Error, Result};
use crate::io::Unread;
use crate::options::Operand;
use crate::schema::batch_of;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use std::collections::VecDeque;
use std::sync::Arc;

/// A reader of one or more JSON inputs.
pub struct Reader {
    source: Source,
    /// The rows that the schema was inferred from, still to be read.
    sample: VecDeque<Sampled>,
    /// The number of rows that the schema was inferred from.
    sampled_rows: u64,
    schema: SchemaRef,
    row: Row,
    /// The length of the text of the rows of the current batch.
    bytes: usize,
    /// The maximum number of rows in a batch.
    most_rows: usize,
}

/// A batch ends with the row that brings it to this much text, or to [`BATCH_ROWS`]. Values take
/// less space than their text, so such batches are as large as those of parquet-to-stream, which
/// fit the second-level cache.
const BATCH_BYTES: usize = 4 << 20;

/// The maximum number of rows in a batch, as in parquet-to-stream.
const BATCH_ROWS: usize = 1 << 16;

/// The maximum number of columns times rows in a batch: an object may omit most of a thousand keys,
/// but its nulls still take memory.
const BATCH_CELLS: usize = 1 << 22;

impl Reader {
    /// Opens the first input, and infers the schema unless one is given.
    ///
    /// # Errors
    /// An input that cannot be opened or is not JSON; no rows to infer a schema from; a schema that
    /// cannot be read from JSON.
    pub fn open(operands: &[Operand], options: &ReadOptions) -> Result<Self> {
        let (source, Inference { schema, rows, sample }) = opened(operands, options)?;
        let row = row(&schema, options)?;
        let most_rows = (BATCH_CELLS / leaves(schema.fields()).max(1)).clamp(1, BATCH_ROWS);
        let schema = Arc::new(schema);
        Ok(Self { source, sample, sampled_rows: rows, schema, row, bytes: 0, most_rows })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next batch. A batch ends early if the next row has not arrived yet, so that rows of a
    /// slow producer are passed on at once.
    ///
    /// # Errors
    /// Text that is not JSON or a value that does not fit its column, with the line.
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
                Step::Record(record) => {
                    let appended = record.object().and_then(|(object, front)| {
                        Ok(front + append(&mut self.row, &object, self.sampled_rows)?)
                    });
                    let used = appended.map_err(|wrong| wrong.placed(record.name, record.line))?;
                    self.bytes += used;
                    self.source.used(used)?;
                }
                Step::Pause => break,
                Step::End if is_empty => return Ok(None),
                Step::End => break,
            }
        }
        self.bytes = 0;
        let (columns, rows) = self.row.finish()?;
        let batch = batch_of(&self.schema, columns, rows);
        batch.map(Some).map_err(|e| Error::failed(format!("cannot make a batch: {e}")))
    }
}

/// Opens the inputs, and infers the schema unless one is given; the rows used for that are read
/// again.
fn opened(operands: &[Operand], options: &ReadOptions) -> Result<(Source, Inference)> {
    let types = options.types.as_ref();
    let unread = || operands.iter().cloned().map(Unread::Named).collect();
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
            let (inference, inputs) = infer_by_reading_twice(operands, most, options)?;
            Ok((Source::open(inputs, options)?, inference))
        }
    }
}

/// The number of leaf columns.
fn leaves(fields: &Fields) -> usize {
    let of_field = |field: &FieldRef| match field.data_type() {
        DataType::Struct(fields) => leaves(fields),
        _ => 1,
    };
    fields.iter().map(of_field).sum()
}

/// A row builder. Columns of given types accept every text that represents such a value; columns of
/// inferred types accept only the forms that inference accepts.
fn row(schema: &Schema, options: &ReadOptions) -> Result<Row> {
    let ReadOptions { binary, ignore_unknown, allow_nan, .. } = *options;
    Row::of_columns(schema.fields(), ignore_unknown, |field| {
        let is_given = match &options.types {
            Some(types) => types.fields().iter().any(|given| given.name() == field.name()),
            None => options.schema.is_some(),
        };
        ColumnOptions { binary, ignore_unknown, inferred: !is_given, allow_nan }
    })
}

/// Appends the object at the start of a text; returns its length in bytes.
fn append(row: &mut Row, object: &str, sampled_rows: u64) -> Result<usize, InvalidObject> {
    row.append(object).map_err(|fault| {
        InvalidObject::of(fault, object, |problem| problem.text_with_way_out(sampled_rows))
    })
}
