//! A received record batch whose columns are decoded on demand.

use super::decoder::Decoder;
use super::framing::Header;
use crate::batch::bytes_text::{Text, with_bytes_for_text};
use crate::error::{Error, Result};
use crate::schema::{cast_strict, convert_columns};
use arrow::array::{Array, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{Metadata, SchemaRef};
use std::sync::Arc;

/// The content of a received record batch: a message, or rows that are already decoded.
#[derive(Debug)]
pub(super) enum Content {
    /// Its header and body.
    Message(Header, Buffer),
    /// A slice that was decoded, with the positions of its columns in the schema; `None` for all.
    Rows(RecordBatch, Option<Vec<usize>>),
}

/// The parts of a received record batch.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) content: Content,
    /// The number of rows to skip at its start.
    pub(super) skipped_rows: usize,
    /// The number of rows after those.
    pub(super) rows: usize,
}

/// A record batch whose columns have not been decoded yet.
#[derive(Debug)]
pub struct UndecodedBatch<'a> {
    pub(super) parts: Parts,
    pub(super) decoder: &'a Decoder,
    /// The columns that its message has, as positions in the schema; `None` for all.
    pub(super) sent: Option<&'a [usize]>,
    /// The name of the input in messages.
    pub(super) name: &'a str,
    /// The schema of the result, with all columns.
    pub(super) schema: &'a SchemaRef,
    pub(super) bytes_schema: &'a SchemaRef,
}

impl UndecodedBatch<'_> {
    /// The number of rows.
    pub fn num_rows(&self) -> usize {
        self.parts.rows
    }

    /// The metadata of its message; empty if some of its rows are left out.
    ///
    /// # Errors
    /// None in practice: the message was verified when it was read.
    pub fn metadata(&self) -> Result<Metadata> {
        match &self.parts.content {
            Content::Message(header, _) if self.parts.skipped_rows == 0 => header.metadata(),
            _ => Ok(Metadata::new()),
        }
    }

    /// Decodes some of its columns, given as ascending positions in the schema of the stream. They
    /// must be among those passed to [`Reader::project`](super::Reader::project).
    ///
    /// # Errors
    /// Damaged columns; nulls in a non-nullable column. Errors name the input.
    pub fn columns(&self, places: &[usize], text: Text) -> Result<RecordBatch> {
        self.decoded(places, text).map_err(|error| error.with(self.name))
    }

    fn decoded(&self, places: &[usize], text: Text) -> Result<RecordBatch> {
        let schema = match text {
            Text::Checked | Text::Passed => self.schema,
            Text::AsBytes => self.bytes_schema,
        };
        let schema = schema.project(places).map_err(|e| Error::failed(e.to_string()))?;
        let Parts { content, skipped_rows, rows } = &self.parts;
        let batch = match content {
            Content::Message(header, body) => {
                let batch = match self.sent {
                    None => self.decoder.columns(header, body, places, text)?,
                    Some(sent) => {
                        let places = places_among(sent, places)?;
                        self.decoder.columns(header, body, &places, text)?
                    }
                };
                if batch.num_rows() == *rows { batch } else { batch.slice(*skipped_rows, *rows) }
            }
            Content::Rows(batch, columns) => {
                let batch = chosen(batch, columns.as_deref(), places)?;
                match text {
                    Text::Checked => self.decoder.limited(batch)?,
                    Text::Passed => batch,
                    Text::AsBytes => bytes_for_text(&batch)?,
                }
            }
        };
        conformed(&batch, &Arc::new(schema))
    }
}

/// The positions of columns among those that were sent.
///
/// # Errors
/// A column that was not sent.
pub(super) fn places_among(sent: &[usize], columns: &[usize]) -> Result<Vec<usize>> {
    let place = |column: &usize| sent.binary_search(column).ok();
    let places: Option<Vec<usize>> = columns.iter().map(place).collect();
    places.ok_or_else(|| Error::failed("the producer left out a column that is needed"))
}

/// The columns at these positions in the schema, of a batch that has those at `columns`.
fn chosen(batch: &RecordBatch, columns: Option<&[usize]>, places: &[usize]) -> Result<RecordBatch> {
    let place = |place: &usize| match columns {
        Some(columns) => columns.iter().position(|column| column == place),
        None => Some(*place),
    };
    let places: Option<Vec<usize>> = places.iter().map(place).collect();
    let places = places.ok_or_else(|| Error::failed("a column was not read"))?;
    batch.project(&places).map_err(|e| Error::failed(e.to_string()))
}

/// Text that was checked already as bytes, which share its buffers.
fn bytes_for_text(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = Arc::new(with_bytes_for_text(batch.schema_ref()));
    convert_columns(batch, &schema, |column, to| cast(column, to))
        .map_err(|e| Error::failed(e.to_string()))
}

/// Checks a batch against the schema of the output. A later stream may allow nulls where the first
/// did not; only actual nulls are an error, because the schema has already been written.
pub(super) fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().zip(batch.columns());
    for (field, column) in columns {
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(Error::failed(format!(
                "column \"{}\" contains nulls, but is not nullable in the first stream",
                field.name()
            )));
        }
    }
    cast_strict(batch, schema)
}
