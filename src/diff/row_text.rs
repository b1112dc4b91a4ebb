//! The values of rows as text for people.

use crate::error::Result;
use crate::schema::plain_type;
use crate::text::escaped;
use crate::text_format::print::{CellColumn, Reading};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// The columns of a batch, whose values are shown.
pub(super) struct ShownColumns<'a> {
    cells: Vec<CellColumn<'a>>,
    /// The name of each column, and whether its values are text.
    names: Vec<(String, bool)>,
}

impl<'a> ShownColumns<'a> {
    /// # Errors
    /// An unknown time zone.
    pub(super) fn new(reading: &'a Reading, batch: &'a RecordBatch) -> Result<Self> {
        let name = |field: &Arc<Field>| {
            let text = plain_type(field.data_type());
            let is_text = matches!(text, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
            (shown_name(field.name()), is_text)
        };
        let names = batch.schema_ref().fields().iter().map(name).collect();
        Ok(Self { cells: reading.columns(batch, 0)?, names })
    }

    /// The number of columns.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, column: usize) -> &str {
        &self.names[column].0
    }

    /// A value, quoted if it could be taken for more than one.
    ///
    /// # Errors
    /// A value that cannot be shown.
    pub(super) fn value(&mut self, column: usize, row: usize) -> Result<String> {
        let cell = self.cells[column].cell(row)?;
        let is_ambiguous =
            |text: &str| !text.starts_with('"') && text.contains([' ', ',', '=', '"', '>']);
        if !cell.is_null && self.names[column].1 && is_ambiguous(&cell.text) {
            return Ok(format!("\"{}\"", cell.text.replace('"', "\\\"")));
        }
        Ok(cell.text)
    }

    /// The keys of a row, which are the first columns: `id=7 day=2024-01-05`.
    ///
    /// # Errors
    /// A value that cannot be shown.
    pub(super) fn keys(&mut self, row: usize, count: usize) -> Result<String> {
        let mut text = String::new();
        for column in 0..count {
            let value = self.value(column, row)?;
            let gap = if column == 0 { "" } else { " " };
            text.push_str(&format!("{gap}{}={value}", self.name(column)));
        }
        Ok(text)
    }
}

/// The keys of a row for a message.
pub(super) fn key_text(batch: &RecordBatch, row: usize, key_count: usize) -> String {
    let (reading, row) = (Reading::default(), batch.slice(row, 1));
    let shown = ShownColumns::new(&reading, &row);
    let text = shown.and_then(|mut columns| columns.keys(0, key_count));
    text.map_or_else(|_| "?".to_owned(), |text| crate::batch::shortened(&text))
}

/// The only value of an array for a message.
pub(super) fn value_text(array: &ArrayRef) -> String {
    let schema = Schema::new(vec![Field::new("", array.data_type().clone(), true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![array.clone()]);
    let Ok(batch) = batch else { return "?".to_owned() };
    let reading = Reading::default();
    let shown = ShownColumns::new(&reading, &batch);
    shown.and_then(|mut columns| columns.value(0, 0)).unwrap_or_else(|_| "?".to_owned())
}

fn shown_name(name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains([' ', ',', '=', '"']);
    if is_plain { escaped(name) } else { format!("\"{}\"", escaped(name).replace('"', "\\\"")) }
}
