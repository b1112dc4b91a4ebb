//! A table whose columns are as wide as their widest cells. Its batches pass through twice, first
//! to be measured, then to be written, so that at most one is ever held as text.

use super::cells::{NULL, Reading, alignments};
use crate::error::Result;
use crate::text::{Align, GAP, aligned_line, append_aligned, append_spaces, escaped};
use arrow::array::{Array, Int64Array, RecordBatch};
use arrow::compute::{max, min};
use arrow::datatypes::SchemaRef;
use std::fmt::Write;
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
        let reading = Reading::default();
        for (column, width) in reading.columns(batch, 0)?.iter_mut().zip(&mut self.widths) {
            *width = match column.integers() {
                Some(integers) => widest(integers).max(*width),
                None => {
                    let cells = (0..batch.num_rows()).map(|row| Ok(column.cell(row)?.text.width()));
                    cells.collect::<Result<Vec<_>>>()?.into_iter().fold(*width, usize::max)
                }
            }
        }
        Ok(())
    }

    /// The line of names.
    pub fn head(&self) -> String {
        aligned_line(&self.alignments, &self.widths, &self.names) + "\n"
    }

    /// Appends the lines of a batch that was measured.
    ///
    /// # Errors
    /// An unknown time zone.
    pub fn append(&self, batch: &RecordBatch, text: &mut String) -> Result<()> {
        let reading = Reading::default();
        let mut columns = reading.columns(batch, 0)?;
        for row in 0..batch.num_rows() {
            let start = text.len();
            for ((column, align), width) in
                columns.iter_mut().zip(&self.alignments).zip(&self.widths)
            {
                if text.len() > start {
                    append_spaces(GAP, text);
                }
                match column.integers().filter(|integers| integers.is_valid(row)) {
                    // Several times as fast as a text for each cell.
                    Some(integers) => _ = write!(text, "{:>width$}", integers.value(row)),
                    None => append_aligned(*align, *width, &column.cell(row)?.text, text),
                }
            }
            text.truncate(start + text[start..].trim_end().len());
            text.push('\n');
        }
        Ok(())
    }
}

/// The width of the widest cell.
fn widest(integers: &Int64Array) -> usize {
    let ends = [min(integers), max(integers)].into_iter().flatten();
    let widths = ends.map(|integer| integer.to_string().len());
    widths.chain((integers.null_count() > 0).then_some(NULL.len())).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, DictionaryArray, Int8Array, StringArray, UInt64Array};
    use arrow::datatypes::Int32Type;
    use std::sync::Arc;

    #[test]
    fn integers_are_as_wide_as_their_cells() {
        let few: DictionaryArray<Int32Type> = vec!["a", "b", "a"].into_iter().collect();
        let columns: [(&str, ArrayRef); 5] = [
            ("n", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(7)]))),
            ("x", Arc::new(Int8Array::from(vec![None, None, Some(1)]))),
            ("big", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1]))),
            ("few", Arc::new(few)),
            ("text", Arc::new(StringArray::from(vec!["", "é", "long text"]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut table = MeasuredTable::new(&batch.schema());
        table.measure(&batch.slice(0, 0)).unwrap();
        table.measure(&batch).unwrap();
        let mut text = table.head();
        table.append(&batch, &mut text).unwrap();
        let expected = concat!(
            "                   n     x                   big  few  text\n",
            "-9223372036854775808  NULL  18446744073709551615  a    \"\"\n",
            "                NULL  NULL                     0  b    é\n",
            "                   7     1                     1  a    long text\n",
        );
        assert_eq!(text, expected);
    }
}
