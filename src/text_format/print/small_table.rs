//! A small table, whole in memory, as aligned lines for people.

use super::cells::{Reading, alignments};
use crate::error::Result;
use crate::text::table;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// The names of the columns, then a line for each row; numbers stand on the right. Values look as in
/// the tables of a [`super::Printer`].
///
/// # Errors
/// An unknown time zone.
pub fn small_table(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<String>> {
    let mut rows = vec![schema.fields().iter().map(|field| field.name().clone()).collect()];
    for batch in batches {
        let reading = Reading::default();
        let mut columns = reading.columns(batch)?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter_mut().map(|column| Ok(column.cell(row)?.text));
            rows.push(cells.collect::<Result<_>>()?);
        }
    }
    Ok(table(&alignments(schema), &rows))
}
