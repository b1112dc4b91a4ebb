//! Differences as text for people: a line for each row, with a sign before it.

use super::changes::{Changes, Counts, Kind};
use super::plan::DiffPlan;
use super::row_text::ShownColumns;
use super::schema_change::SchemaChange;
use crate::error::Result;
use crate::io::Output;
use crate::text::{Cut, count, escaped, shortened};
use crate::text_format::print::Reading;
use std::io::IoSlice;
use unicode_width::UnicodeWidthStr;

/// How text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether there are colours.
    pub colour: bool,
    /// The width of the terminal, if it is one.
    pub width: Option<usize>,
    /// Whether it is written to a terminal.
    pub is_terminal: bool,
}

/// Writes differences as text.
#[derive(Debug)]
pub struct TextReport {
    output: Output,
    look: Look,
    key_count: usize,
    text: String,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";

/// Text is written when it is this long.
const WRITTEN_AT_BYTES: usize = 1 << 16;

impl TextReport {
    /// A report of differences to an output.
    pub fn new(output: Output, plan: &DiffPlan, look: Look) -> Self {
        Self { output, look, key_count: plan.key_count(), text: String::new() }
    }

    /// Writes how the schemas differ.
    ///
    /// # Errors
    /// I/O errors.
    pub fn schema(&mut self, changes: &[SchemaChange]) -> Result<()> {
        for change in changes {
            let colour = match (&change.old, &change.new) {
                (Some(_), None) => RED,
                (None, _) => GREEN,
                _ => YELLOW,
            };
            let line = self.painted(colour, &change.line());
            self.line(&line)?;
        }
        self.flush()
    }

    /// Writes a line for each row.
    ///
    /// # Errors
    /// A value that cannot be shown; I/O errors.
    pub fn write(&mut self, changes: &Changes) -> Result<()> {
        let reading = Reading::default();
        let shown = |batch| ShownColumns::new(&reading, batch);
        match (&changes.old, &changes.new) {
            (Some(old), Some(new)) => {
                let (mut old, mut new) = (shown(old)?, shown(new)?);
                for row in 0..changes.len() {
                    self.changed(changes, &mut old, &mut new, row)?;
                }
            }
            (Some(batch), None) | (None, Some(batch)) => {
                let mut columns = shown(batch)?;
                for row in 0..batch.num_rows() {
                    self.alone(changes.kind, &mut columns, row)?;
                }
            }
            (None, None) => {}
        }
        self.flush()
    }

    /// Whether it is written to a terminal.
    pub fn is_on_terminal(&self) -> bool {
        self.look.is_terminal
    }

    /// Writes the number of rows of each kind, and ends the text. `shown` is the number of rows that
    /// were written; in a summary, which has none, the number of changed cells of each column is.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(mut self, counts: &Counts, plan: &DiffPlan, shown: Option<u64>) -> Result<()> {
        if shown.is_none() && counts.changed > 0 {
            let cells = plan.value_names().zip(&counts.cells).filter(|(_, cells)| **cells > 0);
            let cells = cells.map(|(name, cells)| format!("{} {}", escaped(name), count(*cells)));
            let cells = cells.collect::<Vec<_>>().join(", ");
            self.line(&format!("changed cells: {cells}"))?;
        }
        let mut line = total(counts);
        if let Some(shown) = shown.filter(|shown| *shown < counts.differing()) {
            let all = count(counts.differing());
            line.push_str(&format!(" ({} of {all} shown)", count(shown)));
        }
        let line = self.painted(BOLD, &line);
        self.line(&line)?;
        self.flush()?;
        self.output.commit()
    }

    /// A row that only one table has: `- id=7  price 10.5, note "a b"`.
    fn alone(&mut self, kind: Kind, columns: &mut ShownColumns<'_>, row: usize) -> Result<()> {
        let mut parts = Vec::new();
        for column in self.key_count..columns.len() {
            let value = columns.value(column, row)?;
            parts.push(format!("{} {value}", columns.name(column)));
        }
        let keys = columns.keys(row, self.key_count)?;
        let gap = if keys.is_empty() || parts.is_empty() { "" } else { "  " };
        let mut line = format!("{} {keys}{gap}{}", kind.sign(), parts.join(", "));
        if let Some(width) = self.look.width {
            line = shortened(&line, Cut::End, width);
        }
        let colour = if kind == Kind::Removed { RED } else { GREEN };
        let line = self.painted(colour, &line);
        self.line(&line)
    }

    /// A row that changed: `~ id=7  price 10.5 -> 11.0, note a -> NULL`; on a terminal that is too
    /// narrow, a line for each value.
    fn changed(
        &mut self,
        changes: &Changes,
        old: &mut ShownColumns<'_>,
        new: &mut ShownColumns<'_>,
        row: usize,
    ) -> Result<()> {
        let keys = old.keys(row, self.key_count)?;
        let (mut parts, mut width) = (Vec::new(), 2 + keys.width());
        for (place, differing) in changes.differing.iter().enumerate() {
            if differing.value(row) {
                let column = self.key_count + place;
                let (from, to) = (old.value(column, row)?, new.value(column, row)?);
                let name = old.name(column).to_owned();
                width += name.width() + from.width() + to.width() + 7;
                parts.push((name, from, to));
            }
        }
        let is_wide = self.look.width.is_some_and(|room| room < width);
        let aligned = parts.iter().map(|(name, ..)| name.width()).max().unwrap_or(0);
        let mut line = self.painted(YELLOW, &format!("~ {keys}"));
        for (place, (name, from, to)) in parts.iter().enumerate() {
            let (from, to) = (self.painted(RED, from), self.painted(GREEN, to));
            let (gap, pad) = match (is_wide, place) {
                (true, _) => ("\n    ", aligned - name.width()),
                (false, 0) => ("  ", 0),
                (false, _) => (", ", 0),
            };
            line.push_str(&format!("{gap}{name}{} {from} -> {to}", " ".repeat(pad)));
        }
        self.line(&line)
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.look.colour { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.len() >= WRITTEN_AT_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.output.write_gathered(&mut [IoSlice::new(self.text.as_bytes())])?;
        self.text.clear();
        Ok(())
    }
}

/// `3 changed, 1 removed, 2 added; 19,999,994 the same`.
fn total(counts: &Counts) -> String {
    let parts = [
        (counts.changed, Kind::Changed),
        (counts.removed, Kind::Removed),
        (counts.added, Kind::Added),
    ];
    let parts = parts.into_iter().filter(|(rows, _)| *rows > 0);
    let parts = parts.map(|(rows, kind)| format!("{} {}", count(rows), kind.word()));
    let parts: Vec<String> = parts.collect();
    let differing = if parts.is_empty() { "no row differs".to_owned() } else { parts.join(", ") };
    format!("{differing}; {} the same", count(counts.same))
}
