//! Writes record batches as delimited text.

use super::dialect::put_quoted;
use super::encode::{Encode, encode, is_plain};
use crate::error::{Error, Result};
use crate::io::Output;
use crate::options::{BinaryText, Dialect};
use crate::text::escaped;
use crate::text_format::json::NotFinite;
use crate::text_format::json::encode::Encoding;
use arrow::array::{Array, RecordBatch, new_empty_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{FieldRef, SchemaRef};

/// Options for writing delimited text.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// The delimiter, the quote and the header.
    pub dialect: Dialect,
    /// The text of a null, unquoted.
    pub null: String,
    /// How binary values are written.
    pub binary: BinaryText,
}

/// A writer of delimited text.
pub struct Writer {
    output: Output,
    dialect: Dialect,
    binary: BinaryText,
    null: Vec<u8>,
    /// How nested values are written.
    json: Encoding,
    /// Text that is not flushed yet.
    text: Vec<u8>,
    rows: u64,
}

/// One column of a batch.
struct BatchColumn<'a> {
    encode: Encode<'a>,
    nulls: Option<NullBuffer>,
    /// Whether no value ever needs quotes.
    is_plain: bool,
}

/// The size of one write: small compared to the memory a tool needs anyway, large compared to the
/// cost of a call.
const WRITTEN_AT_BYTES: usize = 1 << 20;

impl Writer {
    /// Writes the header.
    ///
    /// # Errors
    /// Conflicting options; a type that text cannot hold; a name that needs quotes if there are
    /// none; I/O errors.
    pub fn create(output: Output, schema: &SchemaRef, options: &WriteOptions) -> Result<Self> {
        let (dialect, binary) = (options.dialect.clone(), options.binary);
        dialect.check(std::slice::from_ref(&options.null))?;
        let json = Encoding::new(binary, NotFinite::Text);
        for field in schema.fields() {
            // A type that cannot be written is reported before anything is written.
            let empty = new_empty_array(field.data_type());
            let encoder = encode(field, empty.as_ref(), binary, &json);
            drop(encoder.map_err(|e| of(field, e))?);
        }
        let null = options.null.clone().into_bytes();
        let mut writer = Self { output, dialect, binary, null, json, text: Vec::new(), rows: 0 };
        if writer.dialect.header && !schema.fields().is_empty() {
            writer.header(schema)?;
        }
        Ok(writer)
    }

    /// Writes and flushes the rows of a batch.
    ///
    /// # Errors
    /// A value that cannot be written, with its column and row; I/O errors.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let (json, dialect, binary) = (&self.json, &self.dialect, self.binary);
        let plain_signs = self.has_plain_signs();
        let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
            let encode = encode(field, array.as_ref(), binary, json);
            Ok(BatchColumn {
                encode: encode.map_err(|e| of(field, e))?,
                nulls: array.logical_nulls(),
                is_plain: plain_signs && is_plain(field.data_type()),
            })
        });
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        let mut scratch = Vec::new();
        let is_alone = columns.len() == 1;
        for row in 0..batch.num_rows() {
            for (place, column) in columns.iter_mut().enumerate() {
                if place > 0 {
                    self.text.extend_from_slice(dialect.delimiter.bytes());
                }
                if column.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    self.text.extend_from_slice(&self.null);
                    continue;
                }
                let written = if column.is_plain {
                    (column.encode)(row, &mut self.text)
                } else {
                    scratch.clear();
                    (column.encode)(row, &mut scratch).and_then(|()| {
                        // An empty line would be skipped, or read as null.
                        let must = scratch == self.null || is_alone && scratch.is_empty();
                        put(&mut self.text, dialect, &scratch, must)
                    })
                };
                written.map_err(|error| {
                    let name = escaped(schema.field(place).name());
                    error.with(format_args!("column \"{name}\", row {}", self.rows))
                })?;
            }
            self.text.push(b'\n');
            self.rows += 1;
            if self.text.len() >= WRITTEN_AT_BYTES {
                self.output.drain(&mut self.text)?;
            }
        }
        self.output.drain(&mut self.text)
    }

    /// Makes the output visible.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self) -> Result<()> {
        self.output.drain(&mut self.text)?;
        self.output.commit()
    }

    fn header(&mut self, schema: &SchemaRef) -> Result<()> {
        let is_alone = schema.fields().len() == 1;
        for (place, field) in schema.fields().iter().enumerate() {
            if place > 0 {
                self.text.extend_from_slice(self.dialect.delimiter.bytes());
            }
            let must = is_alone && field.name().is_empty();
            put(&mut self.text, &self.dialect, field.name().as_bytes(), must)
                .map_err(|e| of(field, e))?;
        }
        self.text.push(b'\n');
        self.output.drain(&mut self.text)
    }

    /// Whether numbers and times never contain a delimiter or quote, and never equal the null text.
    fn has_plain_signs(&self) -> bool {
        let in_numbers = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.:".contains(byte);
        let null_is_other = self.null.first().is_none_or(|first| !in_numbers(first));
        let delimiter = self.dialect.delimiter.first();
        let quote = self.dialect.quote.unwrap_or(delimiter);
        null_is_other && !in_numbers(&delimiter) && !in_numbers(&quote)
    }
}

/// Appends a field, quoted if it needs quotes or if `must` is set.
fn put(text: &mut Vec<u8>, dialect: &Dialect, field: &[u8], must: bool) -> Result<()> {
    if !must && !dialect.needs_quotes(field) {
        text.extend_from_slice(field);
        return Ok(());
    }
    let Some(quote) = dialect.quote else {
        return Err(Error::failed(format!(
            "\"{}\" would be misread without quotes (choose another --delimiter or --null, or omit \
             --quote none)",
            escaped(&String::from_utf8_lossy(field).chars().take(60).collect::<String>())
        )));
    };
    put_quoted(text, quote, field);
    Ok(())
}

fn of(field: &FieldRef, error: Error) -> Error {
    error.with(format_args!("column \"{}\"", escaped(field.name())))
}
