//! Inference of column types from records.

use super::cells::Records;
use super::forms::Forms;
use crate::text_format::infer::Inferred;
use arrow::datatypes::DataType;

/// The narrowest types of the columns of the records seen so far.
#[derive(Debug, Default)]
pub(super) struct Inference {
    columns: Vec<Inferred>,
    /// The number of records seen.
    pub(super) rows: usize,
}

impl Inference {
    /// Adds the first `rows` records.
    pub(super) fn add(&mut self, records: &Records<'_>, rows: usize, forms: &Forms) {
        self.columns.resize(self.columns.len().max(records.columns), Inferred::Null);
        let (mut scratch, mut usual) = (String::new(), String::new());
        for (place, column) in self.columns.iter_mut().take(records.columns).enumerate() {
            for row in 0..rows {
                if *column == Inferred::Text {
                    break;
                }
                let text = records.field(row, place, &mut scratch);
                // Whether a quoted empty field is null or a text depends on the other fields.
                let is_skipped = match records.span(row, place).is_quoted() {
                    true => text.is_empty(),
                    false => records.is_null(text),
                };
                if !is_skipped {
                    *column = column.join(forms.infer(text.trim_ascii(), &mut usual));
                }
            }
        }
        self.rows += rows;
    }

    /// The number of columns of the records.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The type of a column.
    pub(super) fn data_type(&self, column: usize) -> DataType {
        match self.columns.get(column) {
            // Later values are unknown, and text holds anything.
            None | Some(Inferred::Null) => DataType::Utf8,
            Some(known) => known.data_type(),
        }
    }
}
