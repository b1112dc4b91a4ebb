//! An aligned table: names, types, a line, then rows as they arrive.

use super::cells::{Cell, Column, alignments, may_be_cut};
use super::layout::{GAP, Shown, Wish, hidden_mark, lay_out};
use super::style::dim;
use crate::error::Result;
use crate::schema::type_name;
use crate::text::{Align, Cut, escaped, shortened};
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
    shown: Option<Vec<Shown>>,
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
        columns: &mut [Column<'_>],
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
        let shown = lay_out(&wishes, self.width);
        self.head(&shown, colour, text);
        self.shown = Some(shown);
        Ok(())
    }

    fn wish(&self, place: usize, cells: usize) -> Wish {
        let name = self.names[place].width();
        let wanted = cells.max(name).max(self.types[place].width()).min(MOST_WIDTH);
        let least = match self.may_be_cut[place] {
            true => LEAST_TEXT_WIDTH,
            false => cells.max(name.min(LEAST_NAME_WIDTH)),
        };
        Wish { wanted, least: least.min(wanted) }
    }

    fn head(&self, shown: &[Shown], colour: bool, text: &mut String) {
        if shown.is_empty() {
            return;
        }
        // Names with the same start differ at their ends.
        let names = |column: &Shown| match column {
            Shown::Column { place, width } => shortened(&self.names[*place], Cut::Middle, *width),
            Shown::Hidden { .. } => "…".to_owned(),
        };
        let types = |column: &Shown| match column {
            Shown::Column { place, width } => shortened(&self.types[*place], Cut::End, *width),
            Shown::Hidden { columns } => hidden_mark(*columns),
        };
        text.push_str(&self.line(shown, names));
        text.push('\n');
        dim(&self.line(shown, types), colour, text);
        text.push('\n');
        let rules: Vec<String> = shown.iter().map(|column| "─".repeat(column.width())).collect();
        dim(&rules.join(&" ".repeat(GAP)), colour, text);
        text.push('\n');
    }

    fn line(&self, shown: &[Shown], cell: impl Fn(&Shown) -> String) -> String {
        let mut filling = Filling::new(shown, None);
        let mut line = String::new();
        for column in shown {
            filling.add(&cell(column), self.align(column), false, &mut line);
        }
        line
    }

    /// Appends a row.
    pub(super) fn row(
        &self,
        columns: &mut [Column<'_>],
        row: usize,
        colour: bool,
        text: &mut String,
    ) -> Result<()> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let mut filling = Filling::new(shown, self.width);
        for column in shown {
            let cell = match column {
                Shown::Column { place, .. } => columns[*place].cell(row)?,
                Shown::Hidden { .. } => Cell { text: "…".to_owned(), is_null: true },
            };
            let cut = match column {
                Shown::Column { place, .. } if self.may_be_cut[*place] => {
                    shortened(&cell.text, Cut::End, filling.room())
                }
                _ => cell.text,
            };
            filling.add(&cut, self.align(column), colour && cell.is_null, text);
        }
        text.push('\n');
        Ok(())
    }

    fn align(&self, column: &Shown) -> Align {
        match column {
            Shown::Column { place, .. } => self.alignments[*place],
            Shown::Hidden { .. } => Align::Left,
        }
    }
}

/// A line being filled. A cell that is wider than its column pushes the next ones to the right;
/// they return to their own positions as soon as there is room.
struct Filling<'a> {
    left: &'a [Shown],
    width: Option<usize>,
    /// The width written so far.
    at: usize,
    /// Where the next column starts.
    start: usize,
}

impl<'a> Filling<'a> {
    fn new(shown: &'a [Shown], width: Option<usize>) -> Self {
        Self { left: shown, width, at: 0, start: 0 }
    }

    /// The maximum width of the next cell that leaves room for all others in the line.
    fn room(&self) -> usize {
        let (Some(width), Some((next, others))) = (self.width, self.left.split_first()) else {
            return usize::MAX;
        };
        let others: usize = others.iter().map(|column| GAP + column.width()).sum();
        let room = width.saturating_sub(self.begins() + others);
        room.max(next.width().min(LEAST_TEXT_WIDTH))
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
            Align::Right => self.begins().max((self.start + column.width()).saturating_sub(width)),
        };
        // Nothing is written after the last cell.
        line.push_str(&" ".repeat(begins - self.at));
        dim(cell, is_dim, line);
        self.at = begins + width;
        self.start += column.width() + GAP;
        self.left = others;
    }
}
