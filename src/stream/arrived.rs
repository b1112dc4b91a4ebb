//! A record batch that has arrived and is decoded column by column, as its columns are asked for.

use super::decoder::Decoder;
use super::framing::Header;
use crate::batch::bytes_text::Text;
use crate::error::{Error, Result};
use crate::schema::conform;
use arrow::array::{Array, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{Metadata, SchemaRef};
use std::sync::Arc;

/// What has come of a record batch.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) header: Header,
    pub(super) body: Buffer,
    /// Rows to pass over at its start.
    pub(super) skipped_rows: usize,
    /// The rows behind those.
    pub(super) rows: usize,
}

/// A record batch none of whose columns was looked at yet.
#[derive(Debug)]
pub struct Arrived<'a> {
    pub(super) parts: Parts,
    pub(super) decoder: &'a Decoder,
    /// What to call the input in messages.
    pub(super) name: &'a str,
    /// The schema under which its columns are wanted, all of them.
    pub(super) schema: &'a SchemaRef,
    pub(super) bytes_schema: &'a SchemaRef,
}

impl Arrived<'_> {
    /// How many rows it has.
    pub fn num_rows(&self) -> usize {
        self.parts.rows
    }

    /// The metadata of its message; none if rows of it are left out.
    ///
    /// # Errors
    /// None in practice: the message was verified when it was read.
    pub fn metadata(&self) -> Result<Metadata> {
        match self.parts.skipped_rows {
            0 => self.parts.header.metadata(),
            _ => Ok(Metadata::new()),
        }
    }

    /// Some of its columns, as places in the schema of the stream, in ascending order and among those
    /// that the reader was told of by [`Reader::project`].
    ///
    /// # Errors
    /// Damaged columns, nulls where there may be none. Errors name the input.
    pub fn columns(&self, places: &[usize], text: Text) -> Result<RecordBatch> {
        self.decoded(places, text).map_err(|error| error.with(self.name))
    }

    fn decoded(&self, places: &[usize], text: Text) -> Result<RecordBatch> {
        let Parts { header, body, skipped_rows, rows } = &self.parts;
        let batch = self.decoder.columns(header, body, places, text)?;
        let batch =
            if batch.num_rows() == *rows { batch } else { batch.slice(*skipped_rows, *rows) };
        let schema = match text {
            Text::Checked => self.schema,
            Text::AsBytes => self.bytes_schema,
        };
        let schema = schema.project(places).map_err(|e| Error::failed(e.to_string()))?;
        conformed(&batch, &Arc::new(schema))
    }
}

/// A stream that joins later may allow nulls where the first did not; only nulls that really come
/// are an error, because the schema has been passed on already.
pub(super) fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().zip(batch.columns());
    for (field, column) in columns {
        if !field.is_nullable() && 0 < column.null_count() {
            return Err(Error::failed(format!(
                "column \"{}\" has nulls here, and may have none in the first stream",
                field.name()
            )));
        }
    }
    conform(batch, schema)
}
