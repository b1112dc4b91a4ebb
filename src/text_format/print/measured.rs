//! A table whose columns are as wide as their widest cells. Its batches pass through twice, first
//! to be measured, then to be written, so that at most one is ever held as text.

use super::cells::{Reading, alignments};
use crate::error::Result;
use crate::text::{Align, aligned_line, escaped};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use unicode_width::UnicodeWidthStr;

/// The widths of a table's columns. Values look as in the tables of a
/// [`crate::text_format::print::Printer`].
#[derive(Debug)]
pub struct MeasuredTable {
    names: Vec<String>,
    alignments: Vec<Align>,
    widths: Vec<usize>,
}

impl MeasuredTable {
    /// A table with these columns and, so far, no rows.
    pub fn new(schema: &SchemaRef) -> Self {
        let names: Vec<String> = schema.fields().iter().map(|f| escaped(f.name())).collect();
        let widths = names.iter().map(|name| name.width()).collect();
        Self { names, alignments: alignments(schema), widths }
    }

    /// Widens the columns for the rows of a batch.
    ///
    /// # Errors
    /// An unknown time zone.
    pub fn measure(&mut self, batch: &RecordBatch) -> Result<()> {
        let widths = &mut self.widths;
        each_row(batch, |cells| {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.width().max(*width);
            }
        })
    }

    /// The line of names.
    pub fn head(&self) -> String {
        self.line(&self.names)
    }

    /// Appends the lines of a batch that was measured.
    ///
    /// # Errors
    /// An unknown time zone.
    pub fn append(&self, batch: &RecordBatch, text: &mut String) -> Result<()> {
        each_row(batch, |cells| text.push_str(&self.line(cells)))
    }

    fn line(&self, cells: &[String]) -> String {
        aligned_line(&self.alignments, &self.widths, cells) + "\n"
    }
}

fn each_row(batch: &RecordBatch, mut take: impl FnMut(&[String])) -> Result<()> {
    let reading = Reading::default();
    let mut columns = reading.columns(batch, 0)?;
    for row in 0..batch.num_rows() {
        let cells = columns.iter_mut().map(|column| Ok(column.cell(row)?.text));
        take(&cells.collect::<Result<Vec<_>>>()?);
    }
    Ok(())
}
