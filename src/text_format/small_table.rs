//! A small table, whole in memory, as aligned lines for people.

use crate::error::{Error, Result};
use crate::text::{Align, table};
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// The names of the columns, then a line for each row; numbers stand on the right. A null is `NULL`.
///
/// # Errors
/// A type that has no text.
pub fn small_table(schema: &Schema, batches: &[RecordBatch]) -> Result<Vec<String>> {
    let align = |number: bool| if number { Align::Right } else { Align::Left };
    let aligns: Vec<Align> =
        schema.fields().iter().map(|field| align(field.data_type().is_numeric())).collect();
    let mut rows = vec![schema.fields().iter().map(|field| field.name().clone()).collect()];
    for batch in batches {
        rows.extend(cells(batch).map_err(|e| Error::failed(format!("cannot show values: {e}")))?);
    }
    Ok(table(&aligns, &rows))
}

fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, ArrowError> {
    let options = FormatOptions::default().with_null("NULL");
    let formatters = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
    let formatters = formatters.collect::<Result<Vec<_>, _>>()?;
    let row = |row: usize| formatters.iter().map(|column| column.value(row).to_string()).collect();
    Ok((0..batch.num_rows()).map(row).collect())
}
