//! Which types columns have, as records of them show.

use super::cells::Records;
use super::forms::Forms;
use crate::text_format::infer::Inferred;
use arrow::datatypes::DataType;

/// What the columns of records could be.
#[derive(Debug, Default)]
pub(super) struct Inference {
    columns: Vec<Inferred>,
    /// How many records were looked at.
    pub(super) rows: usize,
}

impl Inference {
    /// Looks at the first `rows` records.
    pub(super) fn add(&mut self, records: &Records<'_>, rows: usize, forms: &Forms) {
        self.columns.resize(self.columns.len().max(records.columns), Inferred::Null);
        for (place, column) in self.columns.iter_mut().take(records.columns).enumerate() {
            *column = added(*column, records, place, rows, forms);
        }
        self.rows += rows;
    }

    /// How many columns the records have.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The type of a column.
    pub(super) fn data_type(&self, column: usize) -> DataType {
        match self.columns.get(column) {
            // Nothing is known of what comes later, and text holds anything.
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
        // A quoted empty field is null, or a text, as the other fields will have it.
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
