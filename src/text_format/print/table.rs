//! An aligned table: names, types, a line, then rows as they arrive.

use super::cells::{Cell, CellColumn, alignments, dim, may_be_cut};
use crate::error::Result;
use crate::schema::type_name;
use crate::text::{Align, Cut, GAP, Layout, ShownColumn, Wish, escaped, shortened};
use arrow::datatypes::SchemaRef;
use unicode_width::UnicodeWidthStr;

/// The names and types of a table, and its layout once the first rows were measured.
#[derive(Debug)]
pub(super) struct Table {
    names: Vec<String>,
    types: Vec<String>,
    alignments: Vec<Align>,
    /// Whether cells may be cut: a number or a time that is cut would be a different one.
    may_be_cut: Vec<bool>,
    width: Option<usize>,
    /// The layout; `None` before the first rows were measured.
    shown: Option<Vec<ShownColumn>>,
}

/// How many rows of the first batch to measure: a screen has fewer, and more would be read twice.
const MEASURED_ROWS: usize = 1000;

/// The maximum width that a column is padded to for the sake of one long cell.
const MOST_WIDTH: usize = 200;

/// The minimum width of a column of text: less is useless.
const LEAST_TEXT_WIDTH: usize = 10;

/// The minimum width of a name over values that may not be cut.
const LEAST_NAME_WIDTH: usize = 10;

impl Table {
    pub(super) fn new(schema: &SchemaRef, width: Option<usize>) -> Self {
        let fields = schema.fields().iter();
        Self {
            names: fields.clone().map(|field| escaped(field.name())).collect(),
            types: fields.map(|field| escaped(&type_name(field.data_type()))).collect(),
            alignments: alignments(schema),
            may_be_cut: schema.fields().iter().map(|f| may_be_cut(f.data_type())).collect(),
            width,
            shown: None,
        }
    }

    /// Measures rows and appends the head, on the first call only.
    pub(super) fn begin(
        &mut self,
        columns: &mut [CellColumn<'_>],
        rows: usize,
        colour: bool,
        text: &mut String,
    ) -> Result<()> {
        if self.shown.is_some() {
            return Ok(());
        }
        let mut widths = vec![0; self.names.len()];
        for row in 0..rows.min(MEASURED_ROWS) {
            for (width, column) in widths.iter_mut().zip(columns.iter_mut()) {
                *width = column.cell(row)?.text.width().max(*width);
            }
        }
        let wish = |place: usize| self.wish(place, widths[place]);
        let wishes: Vec<Wish> = (0..self.names.len()).map(wish).collect();
        let shown = self.lay_out(&wishes);
        self.head(&shown, colour, text);
        self.shown = Some(shown);
        Ok(())
    }

    /// The columns to show; in place of the omitted ones, a further column with their number.
    fn lay_out(&mut self, wishes: &[Wish]) -> Vec<ShownColumn> {
        let mark = |columns: usize| format!("+{columns}");
        let layout = Layout::new(wishes, self.width, 0, |columns| mark(columns).len() + GAP);
        let (mut shown, mark) = (layout.shown, mark(layout.omitted.len()));
        let width = shown.iter().map(|column| column.width + GAP).sum::<usize>() + mark.len();
        // If not even one column fits, it is shown alone, cut as far as it may be.
        if !layout.omitted.is_empty() && self.width.is_some_and(|most| width <= most) {
            let column = ShownColumn { place: self.names.len(), width: mark.len() };
            shown.insert(shown.len().div_ceil(2), column);
            self.names.push("…".to_owned());
            self.types.push(mark);
            self.alignments.push(Align::Left);
            self.may_be_cut.push(false);
        }
        shown
    }

    fn wish(&self, place: usize, cells: usize) -> Wish {
        let name = self.names[place].width();
        let wanted = cells.max(name).max(self.types[place].width()).min(MOST_WIDTH);
        let least = if self.may_be_cut[place] {
            LEAST_TEXT_WIDTH
        } else {
            cells.max(name.min(LEAST_NAME_WIDTH))
        };
        // The columns in the middle are omitted, because the first ones identify a row and the last
        // ones were added to be seen: the front keeps half of the rest, rounded up.
        let columns = self.names.len();
        let order = columns.saturating_sub(2 * place).max((2 * place + 1).saturating_sub(columns));
        Wish { wanted, least, share: 1, order: (place > 0).then_some(order) }
    }

    fn head(&self, shown: &[ShownColumn], colour: bool, text: &mut String) {
        if shown.is_empty() {
            return;
        }
        // Names with the same start differ at their ends.
        let names =
            |column: &ShownColumn| shortened(&self.names[column.place], Cut::Middle, column.width);
        let types =
            |column: &ShownColumn| shortened(&self.types[column.place], Cut::End, column.width);
        text.push_str(&self.line(shown, names));
        text.push('\n');
        dim(&self.line(shown, types), colour, text);
        text.push('\n');
        let rules: Vec<String> = shown.iter().map(|column| "─".repeat(column.width)).collect();
        dim(&rules.join(&" ".repeat(GAP)), colour, text);
        text.push('\n');
    }

    fn line(&self, shown: &[ShownColumn], cell: impl Fn(&ShownColumn) -> String) -> String {
        let mut filling = Filling::new(shown, None);
        let mut line = String::new();
        for column in shown {
            filling.add(&cell(column), self.alignments[column.place], false, &mut line);
        }
        line
    }

    /// Appends a row.
    pub(super) fn row(
        &self,
        columns: &mut [CellColumn<'_>],
        row: usize,
        colour: bool,
        text: &mut String,
    ) -> Result<()> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let mut filling = Filling::new(shown, self.width);
        for ShownColumn { place, .. } in shown {
            let cell = match columns.get_mut(*place) {
                Some(column) => column.cell(row)?,
                None => Cell { text: "…".to_owned(), is_null: true },
            };
            let cut = if self.may_be_cut[*place] {
                shortened(&cell.text, Cut::End, filling.room())
            } else {
                cell.text
            };
            filling.add(&cut, self.alignments[*place], colour && cell.is_null, text);
        }
        text.push('\n');
        Ok(())
    }
}

/// A line being filled. A cell that is wider than its column pushes the next ones to the right;
/// they return to their own positions as soon as there is room.
struct Filling<'a> {
    left: &'a [ShownColumn],
    width: Option<usize>,
    /// The width written so far.
    at: usize,
    /// Where the next column starts.
    start: usize,
}

impl<'a> Filling<'a> {
    fn new(shown: &'a [ShownColumn], width: Option<usize>) -> Self {
        Self { left: shown, width, at: 0, start: 0 }
    }

    /// The maximum width of the next cell that leaves room for all others in the line.
    fn room(&self) -> usize {
        let (Some(width), Some((next, others))) = (self.width, self.left.split_first()) else {
            return usize::MAX;
        };
        let others: usize = others.iter().map(|column| GAP + column.width).sum();
        let room = width.saturating_sub(self.begins() + others);
        room.max(next.width.min(LEAST_TEXT_WIDTH))
    }

    /// Where the next cell begins: in its column, or after a cell that was wider than its own.
    fn begins(&self) -> usize {
        if self.at == 0 { self.start } else { self.start.max(self.at + GAP) }
    }

    fn add(&mut self, cell: &str, align: Align, is_dim: bool, line: &mut String) {
        let Some((column, others)) = self.left.split_first() else { return };
        let width = cell.width();
        let begins = match align {
            Align::Left => self.begins(),
            Align::Right => self.begins().max((self.start + column.width).saturating_sub(width)),
        };
        // Nothing is written after the last cell.
        line.push_str(&" ".repeat(begins - self.at));
        dim(cell, is_dim, line);
        self.at = begins + width;
        self.start += column.width + GAP;
        self.left = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};
    use std::sync::Arc;

    #[test]
    fn those_in_the_middle_are_left_out() {
        let shown = |columns: usize, width| {
            let fields = vec![Field::new("a", DataType::Int64, true); columns];
            let mut table = Table::new(&Arc::new(Schema::new(fields)), Some(width));
            let wishes: Vec<Wish> = (0..columns).map(|place| table.wish(place, 10)).collect();
            let shown = table.lay_out(&wishes);
            shown.iter().map(|column| (column.place, column.width)).collect::<Vec<_>>()
        };
        assert_eq!(shown(9, 40), [(0, 10), (1, 10), (9, 2), (8, 10)]);
        assert_eq!(shown(9, 14), [(0, 10), (9, 2)]);
        assert_eq!(shown(9, 13), [(0, 10)]);
        assert_eq!(shown(9, 5), [(0, 10)]);
        assert_eq!(shown(0, 5), []);
    }
}
