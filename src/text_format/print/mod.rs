//! Record batches for people: an aligned table, or a record at a time.
//!
//! Only the first rows are measured, so that a table of any length starts at once. A null, an empty
//! text and the text NULL look different, with or without colours.

mod cells;
mod measured;
mod record;
mod table;

use crate::error::{Error, Result};
use crate::io::Output;
use crate::schema::batch_of;
use crate::text::counted;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use cells::dim;
use record::Records;
use std::io::IoSlice;
use std::sync::Arc;
use table::Table;

pub(crate) use cells::{CellColumn, Reading};
pub use measured::MeasuredTable;

/// The layout of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowLayout {
    /// A line per row, as wide as the screen, if there is one.
    Table {
        /// The maximum width of a line; `None` for no limit.
        width: Option<usize>,
    },
    /// A line per value.
    Records,
}

/// Display options.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Whether types, lines and nulls may be dimmed.
    pub colour: bool,
    /// Whether to print the number of rows at the end.
    pub footer: bool,
}

/// A printer of record batches.
#[derive(Debug)]
pub struct Printer {
    output: Output,
    screen: Screen,
    sheet: Sheet,
    rows: u64,
    text: String,
}

#[derive(Debug)]
enum Sheet {
    Table(Table),
    Records(Records),
}

/// Text is flushed when it is this long, even within a batch.
const WRITTEN_AT_BYTES: usize = 1 << 16;

impl Printer {
    /// A printer for these columns. Prints nothing yet: the widths depend on the first rows.
    pub fn new(output: Output, schema: &SchemaRef, shape: RowLayout, screen: Screen) -> Self {
        let sheet = match shape {
            RowLayout::Table { width } => Sheet::Table(Table::new(schema, width)),
            RowLayout::Records => Sheet::Records(Records::new(schema)),
        };
        Self { output, screen, sheet, rows: 0, text: String::new() }
    }

    /// Prints and flushes the rows of a batch.
    ///
    /// # Errors
    /// An unknown time zone; I/O errors.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            // It has no rows to measure.
            return Ok(());
        }
        let cells = Reading::default();
        let mut columns = cells.columns(batch, self.rows)?;
        if let Sheet::Table(table) = &mut self.sheet {
            table.begin(&mut columns, batch.num_rows(), self.screen.colour, &mut self.text)?;
        }
        for row in 0..batch.num_rows() {
            match &mut self.sheet {
                Sheet::Table(table) => {
                    table.row(&mut columns, row, self.screen.colour, &mut self.text)?;
                }
                Sheet::Records(records) => {
                    let number = self.rows + 1;
                    let colour = self.screen.colour;
                    records.row(&mut columns, row, number, colour, &mut self.text)?;
                }
            }
            self.rows += 1;
            if self.text.len() >= WRITTEN_AT_BYTES {
                flush(&mut self.output, &mut self.text)?;
            }
        }
        flush(&mut self.output, &mut self.text)
    }

    /// Prints the head of a table without rows, and the number of rows.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self) -> Result<()> {
        if let Sheet::Table(table) = &mut self.sheet {
            table.begin(&mut [], 0, self.screen.colour, &mut self.text)?;
        }
        if self.screen.footer {
            let text = format!("({})", counted(self.rows, "row"));
            dim(&text, self.screen.colour, &mut self.text);
            self.text.push('\n');
        }
        flush(&mut self.output, &mut self.text)?;
        self.output.commit()
    }
}

fn flush(output: &mut Output, text: &mut String) -> Result<()> {
    output.write_gathered(&mut [IoSlice::new(text.as_bytes())])?;
    text.clear();
    Ok(())
}

/// The values of an array as cells of a table. `field` is theirs; it may be of an extension type.
///
/// # Errors
/// An unknown time zone.
pub(crate) fn cell_texts(field: &FieldRef, array: &ArrayRef) -> Result<Vec<String>> {
    let schema = Arc::new(Schema::new(vec![field.as_ref().clone().with_nullable(true)]));
    let batch = batch_of(&schema, vec![array.clone()], array.len());
    let batch = batch.map_err(|e| Error::failed(e.to_string()))?;
    let reading = Reading::default();
    let mut columns = reading.columns(&batch, 0)?;
    let cells = columns.iter_mut().flat_map(|column| (0..array.len()).map(|row| column.cell(row)));
    cells.map(|cell| cell.map(|cell| cell.text)).collect()
}
