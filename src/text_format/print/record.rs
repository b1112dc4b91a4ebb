//! Records printed one at a time: a line per value, uncut.

use super::cells::{CellColumn, dim};
use crate::error::Result;
use crate::text::escaped;
use arrow::datatypes::SchemaRef;
use unicode_width::UnicodeWidthStr;

/// The column names, which precede the values.
#[derive(Debug)]
pub(super) struct Records {
    /// Escaped, and padded with blanks to one width.
    names: Vec<String>,
}

/// The maximum width of the name column: a longer name does not move the other values away from
/// theirs.
const MOST_NAME_WIDTH: usize = 40;

impl Records {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let names: Vec<String> =
            schema.fields().iter().map(|field| escaped(field.name())).collect();
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0).min(MOST_NAME_WIDTH);
        let filled =
            |name: &String| format!("{name}{}", " ".repeat(width.saturating_sub(name.width())));
        Self { names: names.iter().map(filled).collect() }
    }

    /// Appends a record; `number` counts from 1.
    pub(super) fn row(
        &self,
        columns: &mut [CellColumn<'_>],
        row: usize,
        number: u64,
        colour: bool,
        text: &mut String,
    ) -> Result<()> {
        dim(&format!("-- record {number} --"), colour, text);
        text.push('\n');
        for (name, column) in self.names.iter().zip(columns) {
            let cell = column.cell(row)?;
            text.extend([name, "  "]);
            dim(&cell.text, colour && cell.is_null, text);
            text.push('\n');
        }
        Ok(())
    }
}
