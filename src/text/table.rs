//! Tables: aligned columns, and the layout that fits them to the width of a terminal.

use super::escape::escaped;
use unicode_width::UnicodeWidthStr;

/// The alignment of a cell in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// For text.
    Left,
    /// For numbers.
    Right,
}

/// The number of blanks between two columns.
pub(crate) const GAP: usize = 2;

/// Lays out rows of cells as lines. Each column is as wide as its widest cell. Cells are escaped;
/// trailing spaces are omitted.
pub(crate) fn table(columns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
    let widths = natural_widths(columns.len(), &rows);
    rows.iter().map(|row| aligned_line(columns, &widths, row)).collect()
}

/// The width of the widest cell of each column.
pub(crate) fn natural_widths(columns: usize, rows: &[Vec<String>]) -> Vec<usize> {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

/// One line of a [`table`]. The cells must be escaped and no wider than their columns.
pub(crate) fn aligned_line(columns: &[Align], widths: &[usize], cells: &[String]) -> String {
    let mut line = String::new();
    for ((align, width), cell) in columns.iter().zip(widths).zip(cells) {
        if !line.is_empty() {
            append_spaces(GAP, &mut line);
        }
        append_aligned(*align, *width, cell, &mut line);
    }
    line.truncate(line.trim_end().len());
    line
}

/// Appends a cell in a column of this width.
pub(crate) fn append_aligned(align: Align, width: usize, cell: &str, line: &mut String) {
    let padding = width.saturating_sub(cell.width());
    if align == Align::Right {
        append_spaces(padding, line);
    }
    line.push_str(cell);
    if align == Align::Left {
        append_spaces(padding, line);
    }
}

pub(crate) fn append_spaces(count: usize, line: &mut String) {
    line.extend(std::iter::repeat_n(' ', count));
}

/// The width that a column should have, and what it may lose in a narrow table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) wanted: usize,
    /// The narrowest width, if less than the wanted one.
    pub(crate) least: usize,
    /// The column may be this many times as wide as the limit on the widths.
    pub(crate) share: usize,
    /// When to omit the column, lowest number first; `None` for never.
    pub(crate) order: Option<usize>,
}

impl Wish {
    fn limited(self, limit: usize) -> usize {
        self.wanted.min(self.least.max(limit.saturating_mul(self.share)))
    }
}

/// A column of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShownColumn {
    /// Its index in the table.
    pub(crate) place: usize,
    pub(crate) width: usize,
}

/// The columns of a table in the width of a terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shown: Vec<ShownColumn>,
    /// The indexes of the omitted columns, in the order in which they were omitted.
    pub(crate) omitted: Vec<usize>,
}

impl Layout {
    /// Fits columns into lines of at most `width`, if possible. The widest are narrowed first. If a
    /// limit of `readable` on all widths is not enough, columns are omitted; a mark for that many
    /// takes `mark_width`.
    pub(crate) fn new(
        wishes: &[Wish],
        width: Option<usize>,
        readable: usize,
        mark_width: impl Fn(usize) -> usize,
    ) -> Self {
        let mut places: Vec<usize> = (0..wishes.len()).collect();
        let mut omitted = Vec::new();
        let limit = width.map_or(usize::MAX, |width| {
            let total = |places: &[usize], limit| {
                let widths = places.iter().map(|place| GAP + wishes[*place].limited(limit));
                widths.sum::<usize>().saturating_sub(GAP)
            };
            let mut order = places.clone();
            order.retain(|place| wishes[*place].order.is_some());
            order.sort_by_key(|place| wishes[*place].order);
            let mut room = width;
            for place in order {
                if total(&places, readable) <= room {
                    break;
                }
                places.retain(|other| *other != place);
                omitted.push(place);
                room = width.saturating_sub(mark_width(omitted.len()));
            }
            // Binary search for the limit: a table may have thousands of columns.
            let (mut fits, mut too_wide) = (0, room + 1);
            while fits + 1 < too_wide {
                let middle = fits.midpoint(too_wide);
                if total(&places, middle) <= room { fits = middle } else { too_wide = middle }
            }
            fits
        });
        let shown = |place: usize| ShownColumn { place, width: wishes[place].limited(limit) };
        Self { shown: places.into_iter().map(shown).collect(), omitted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(wishes: &[(usize, usize)], width: usize) -> Vec<usize> {
        let wish = |(wanted, least): &(usize, usize)| Wish {
            wanted: *wanted,
            least: *least,
            share: 1,
            order: None,
        };
        let wishes: Vec<Wish> = wishes.iter().map(wish).collect();
        Layout::new(&wishes, Some(width), 0, |_| 0).shown.iter().map(|shown| shown.width).collect()
    }

    #[test]
    fn the_widest_are_narrowed_first() {
        assert_eq!(widths(&[(5, 5), (100, 6), (50, 6), (8, 6)], 200), [5, 100, 50, 8]);
        assert_eq!(widths(&[(5, 5), (100, 6), (50, 6), (8, 6)], 80), [5, 30, 30, 8]);
        assert_eq!(widths(&[(20, 20), (100, 6)], 40), [20, 18]);
    }

    #[test]
    fn columns_are_omitted_in_their_order() {
        let wish = |order| Wish { wanted: 10, least: 10, share: 1, order };
        let wishes = [wish(Some(1)), wish(None), wish(Some(0)), wish(None)];
        let layout = Layout::new(&wishes, Some(40), 0, |omitted| omitted);
        assert_eq!(layout.omitted, [2]);
        assert_eq!(Layout::new(&wishes, Some(33), 0, |omitted| omitted).omitted, [2, 0]);
        assert_eq!(Layout::new(&wishes, Some(5), 0, |_| 0).shown.len(), 2);
    }
}
