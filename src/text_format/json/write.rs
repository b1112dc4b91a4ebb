//! Record batches to JSON text: an object per row.

use super::encode::{Encoding, NotFinite, check_fields};
use crate::endpoint::BinaryText;
use crate::error::Result;
use crate::io::Output;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::io::IoSlice;

/// What the text shall look like.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// One array of all objects, instead of an object per line.
    pub array: bool,
    /// How bytes are written.
    pub binary: BinaryText,
    /// What becomes of NaN and the infinities.
    pub not_finite: NotFinite,
}

/// JSON being written. A text has no end marker: whether it is whole is told by the exit status, and
/// of an array by its bracket.
#[derive(Debug)]
pub struct Writer {
    output: Output,
    encoding: Encoding,
    array: bool,
    rows: u64,
    text: Vec<u8>,
}

/// Text is written on when it is this long, in the midst of a batch too: what is held does not
/// depend on the size of batches, and a pipe of 1 MiB takes it in one call.
const WRITTEN_AT_BYTES: usize = 1 << 20;

impl Writer {
    /// Begins a text.
    ///
    /// # Errors
    /// Columns of one name, unions.
    pub fn create(output: Output, schema: &SchemaRef, options: &WriteOptions) -> Result<Self> {
        check_fields(schema.fields().iter().map(AsRef::as_ref))?;
        let encoding = Encoding::new(options.binary, options.not_finite);
        let text = if options.array { b"[".to_vec() } else { Vec::new() };
        Ok(Self { output, encoding, array: options.array, rows: 0, text })
    }

    /// Writes the rows of a batch, at once.
    ///
    /// # Errors
    /// A value that JSON does not have, with its column and row; what the output says.
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
            if WRITTEN_AT_BYTES <= self.text.len() {
                flush(&mut self.output, &mut self.text)?;
            }
        }
        flush(&mut self.output, &mut self.text)
    }

    /// Ends the text and makes the output visible.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(mut self) -> Result<()> {
        if self.array {
            self.text.extend_from_slice(if self.rows == 0 { b"]\n" } else { b"\n]\n" });
        }
        flush(&mut self.output, &mut self.text)?;
        self.output.commit()
    }
}

fn flush(output: &mut Output, text: &mut Vec<u8>) -> Result<()> {
    // Writing nothing would look like an output that takes nothing.
    if !text.is_empty() {
        output.write_gathered(&mut [IoSlice::new(text)])?;
        text.clear();
    }
    Ok(())
}
