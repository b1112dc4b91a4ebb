//! Lines below a table that explain its marks: which statistics are ignored, and why.

use super::bounds::{Bounds, Ignored};
use super::page_chunk::Page;
use crate::text::{count, escaped};
use std::collections::BTreeMap;

/// The number of columns to name; the others are counted.
const NAMED_COLUMNS: usize = 3;

/// The notes below a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Notes {
    has_shortened_bounds: bool,
    /// The columns whose min and max are ignored, by reason.
    bounds: BTreeMap<Ignored, Vec<String>>,
    /// The columns whose null counts are ignored, by reason.
    nulls: BTreeMap<Ignored, Vec<String>>,
    /// The columns with bytes after their last page.
    trailing: Vec<String>,
}

impl Notes {
    /// Adds a row of the table, for this column.
    pub(super) fn add(&mut self, column: &str, bounds: &Bounds, nulls: Option<Ignored>) {
        let flags = [bounds.min_is_exact, bounds.max_is_exact];
        self.has_shortened_bounds |= flags.contains(&Some(false));
        // Strings from old writers have no reliable order: `-` is normal for them.
        if let Some(why) = bounds.ignored.filter(|why| *why != Ignored::Order) {
            note(self.bounds.entry(why).or_default(), column);
        }
        if let Some(why) = nulls {
            note(self.nulls.entry(why).or_default(), column);
        }
    }

    /// Adds a page.
    pub(super) fn add_page(&mut self, page: &Page) {
        self.add(&page.column, &page.bounds, page.nulls_ignored);
        if page.trailing_bytes.is_some() {
            note(&mut self.trailing, &page.column);
        }
    }

    /// The notes as lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let ignored = |all: &BTreeMap<Ignored, Vec<String>>, what: &str| {
            let line = |(why, columns): (&Ignored, &Vec<String>)| {
                format!("! {}: {what}: {why}", named(columns))
            };
            all.iter().map(line).collect::<Vec<_>>()
        };
        let mut lines = Vec::new();
        if self.has_shortened_bounds {
            lines.push("(> and < mark bounds that the writer shortened)".to_owned());
        }
        lines.extend(ignored(&self.bounds, "min and max ignored"));
        lines.extend(ignored(&self.nulls, "nulls ignored"));
        if !self.trailing.is_empty() {
            lines.push(format!(
                "! {}: bytes that are not a page follow the last page",
                named(&self.trailing)
            ));
        }
        lines
    }
}

fn note(columns: &mut Vec<String>, column: &str) {
    if columns.last().is_none_or(|last| last != column) {
        columns.push(column.to_owned());
    }
}

/// The first columns by name, followed by the number of the others.
pub(super) fn named(columns: &[String]) -> String {
    let named = columns.iter().take(NAMED_COLUMNS).map(|column| escaped(column));
    let named: Vec<String> = named.collect();
    match columns.len().saturating_sub(NAMED_COLUMNS) {
        0 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), count(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_grouped_by_reason() {
        let mut notes = Notes::default();
        let none = Bounds::default();
        for column in ["a", "b", "b", "c", "d", "e"] {
            notes.add(column, &Bounds::ignored(Ignored::Inverted), None);
        }
        notes.add("f", &none, Some(Ignored::Writer("ARROW-12513")));
        notes.add("g", &Bounds::ignored(Ignored::Order), None);
        assert_eq!(
            notes.lines(),
            [
                "! a, b, c and 2 more: min and max ignored: the minimum is greater than the maximum",
                "! f: nulls ignored: known bug of the writer, ARROW-12513",
            ]
        );
        assert_eq!(Notes::default().lines(), [""; 0]);
    }
}
