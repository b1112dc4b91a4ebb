//! Writes record batches as JSON text: an object per row.

use super::encode::{Encoding, check_fields};
use super::encoders::NotFinite;
use crate::error::Result;
use crate::io::Output;
use crate::options::BinaryText;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// Options for writing JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// Write one array of all objects, instead of an object per line.
    pub array: bool,
    /// How binary values are written.
    pub binary: BinaryText,
    /// How NaN and the infinities are written.
    pub not_finite: NotFinite,
}

/// A JSON writer. The text has no end marker: only the exit status, or the closing bracket of an
/// array, shows that it is complete.
#[derive(Debug)]
pub struct Writer {
    output: Output,
    encoding: Encoding,
    array: bool,
    rows: u64,
    text: Vec<u8>,
}

/// Text is flushed when it is this long, even within a batch: the memory held does not depend on
/// the size of batches, and a pipe of 1 MiB takes it in one call.
const WRITTEN_AT_BYTES: usize = 1 << 20;

impl Writer {
    /// Starts the text.
    ///
    /// # Errors
    /// Duplicate column names; unions.
    pub fn create(output: Output, schema: &SchemaRef, options: &WriteOptions) -> Result<Self> {
        check_fields(schema.fields().iter().map(AsRef::as_ref))?;
        let encoding = Encoding::new(options.binary, options.not_finite);
        let text = if options.array { b"[".to_vec() } else { Vec::new() };
        Ok(Self { output, encoding, array: options.array, rows: 0, text })
    }

    /// Writes and flushes the rows of a batch.
    ///
    /// # Errors
    /// A value that JSON does not have, with its column and row; I/O errors.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns.map(|(field, array)| {
            let mut key = serde_json::Value::from(field.name().as_str()).to_string();
            key.push(':');
            Ok((key, self.encoding.column(field, array.as_ref())?))
        });
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            self.text.extend_from_slice(match (self.array, self.rows) {
                (false, _) => b"{",
                (true, 0) => b"\n{",
                (true, _) => b",\n{",
            });
            for (place, (key, column)) in columns.iter_mut().enumerate() {
                if place > 0 {
                    self.text.push(b',');
                }
                self.text.extend_from_slice(key.as_bytes());
                column.encode(row, &mut self.text).map_err(|e| {
                    let name = escaped(schema.field(place).name());
                    e.with(format_args!("column \"{name}\", row {}", self.rows))
                })?;
            }
            self.text.extend_from_slice(if self.array { b"}" } else { b"}\n" });
            self.rows += 1;
            if self.text.len() >= WRITTEN_AT_BYTES {
                self.output.drain(&mut self.text)?;
            }
        }
        self.output.drain(&mut self.text)
    }

    /// Ends the text and makes the output visible.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self) -> Result<()> {
        if self.array {
            self.text.extend_from_slice(if self.rows == 0 { b"]\n" } else { b"\n]\n" });
        }
        self.output.drain(&mut self.text)?;
        self.output.commit()
    }
}
