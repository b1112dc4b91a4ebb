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
        for (place, column) in self.columns.iter_mut().take(records.columns).enumerate() {
            *column = added(*column, records, place, rows, forms);
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

fn added(
    mut inferred: Inferred,
    records: &Records<'_>,
    column: usize,
    rows: usize,
    forms: &Forms,
) -> Inferred {
    let (mut scratch, mut usual) = (String::new(), String::new());
    let are_usual = forms.are_usual();
    for row in 0..rows {
        if inferred == Inferred::Text {
            break;
        }
        let text = records.field(row, column, &mut scratch);
        let is_quoted = records.spans[row * records.columns + column].is_quoted();
        let is_null = !is_quoted && records.nulls.iter().any(|null| null == text);
        // Whether a quoted empty field is null or a text depends on the other fields.
        if is_null || text.is_empty() && is_quoted {
            continue;
        }
        inferred = inferred.join(match are_usual {
            true => Inferred::of_text(text.trim_ascii()),
            false => forms.infer(text.trim_ascii(), &mut usual),
        });
    }
    inferred
}
