//! Makes the cells of a table fit the width of a terminal.

use crate::text::{Cut, escaped, shortened};
use unicode_width::UnicodeWidthStr;

/// No cell is made narrower than this, however narrow the terminal: less says nothing.
const LEAST_WIDTH: usize = 6;

/// Escapes all cells, and shortens those of the elastic columns so that a line of
/// [`crate::text::table`] takes at most `width` columns, as far as that can be. The widest columns
/// lose first.
pub(super) fn fit(rows: &mut [Vec<String>], elastic: &[(usize, Cut)], width: Option<usize>) {
    // Escaping makes cells longer, so it comes first; doing it twice changes nothing.
    rows.iter_mut().flatten().for_each(|cell| *cell = escaped(cell));
    let Some(width) = width else { return };
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column_width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.width()).max();
    let widths: Vec<usize> = (0..most).map(|column| column_width(column).unwrap_or(0)).collect();
    let cut_of =
        |column: usize| elastic.iter().find(|(place, _)| *place == column).map(|(_, cut)| *cut);
    let total = |limit: usize| {
        let width = |column: usize| match cut_of(column) {
            Some(cut) => widths[column].min(limit_of(cut, limit)),
            None => widths[column],
        };
        (0..most).map(width).sum::<usize>() + 2 * most.saturating_sub(1)
    };
    let widest = widths.iter().copied().max().unwrap_or(0);
    let fits = (LEAST_WIDTH..=widest).rev().find(|limit| total(*limit) <= width);
    let limit = fits.unwrap_or(LEAST_WIDTH);
    for (column, cut) in elastic {
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(*column)) {
            *cell = shortened(cell, *cut, limit_of(*cut, limit));
        }
    }
}

/// Names are needed to know what a line is about, so they may be twice as wide as values.
fn limit_of(cut: Cut, limit: usize) -> usize {
    match cut {
        Cut::Middle => 2 * limit,
        Cut::End => limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Align, table};

    #[test]
    fn lines_fit_and_the_widest_column_loses_first() {
        let mut rows = vec![vec!["x".repeat(100), "short".to_owned(), "1".to_owned()]];
        fit(&mut rows, &[(0, Cut::Middle), (1, Cut::End)], Some(40));
        let lines = table(&[Align::Left, Align::Left, Align::Right], &rows);
        assert_eq!((lines[0].width(), rows[0][1].as_str()), (40, "short"));
    }

    #[test]
    fn without_a_terminal_nothing_is_lost() {
        let mut rows = vec![vec!["x".repeat(1000)]];
        fit(&mut rows, &[(0, Cut::Middle)], None);
        assert_eq!(rows[0][0].len(), 1000);
    }
}
