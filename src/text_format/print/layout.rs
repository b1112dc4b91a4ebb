//! The layout of a table: which columns are shown, and how wide, in the width of a terminal.

/// The wanted width of a column, and the narrowest it may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) wanted: usize,
    pub(super) least: usize,
}

/// A column of the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A column by its index, with its width.
    Column { place: usize, width: usize },
    /// A mark for this many omitted columns.
    Hidden { columns: usize },
}

impl Shown {
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Column { width, .. } => *width,
            Self::Hidden { columns } => hidden_mark(*columns).len(),
        }
    }
}

/// The heading of the omitted columns.
pub(super) fn hidden_mark(columns: usize) -> String {
    format!("+{columns}")
}

/// The number of blanks between two columns.
pub(super) const GAP: usize = 2;

/// Fits columns into lines of at most `width`, if possible. The widest are narrowed first. If that
/// is not enough, those in the middle are omitted, because the first columns identify a row and the
/// last ones were added to be seen.
pub(super) fn lay_out(wishes: &[Wish], width: Option<usize>) -> Vec<Shown> {
    let all: Vec<usize> = (0..wishes.len()).collect();
    let Some(width) = width else { return with_limit(&all, wishes, usize::MAX) };
    if let Some(columns) = fitted(&all, wishes, width) {
        return columns;
    }
    for hidden in 1..wishes.len() {
        // The front keeps half of the remaining columns, rounded up.
        let front = (wishes.len() - hidden).div_ceil(2);
        let (first, behind) = (&all[..front], &all[front + hidden..]);
        let places: Vec<usize> = first.iter().chain(behind).copied().collect();
        let room = width.saturating_sub(hidden_mark(hidden).len() + GAP);
        if let Some(mut columns) = fitted(&places, wishes, room) {
            columns.insert(front, Shown::Hidden { columns: hidden });
            return columns;
        }
    }
    // Not even one column fits: the first one is shown, cut as far as it may be.
    with_limit(&all[..all.len().min(1)], wishes, 0)
}

/// The columns with the greatest widths that fit, if any do.
fn fitted(places: &[usize], wishes: &[Wish], width: usize) -> Option<Vec<Shown>> {
    let total = |limit: usize| {
        let widths = places.iter().map(|place| limited(wishes[*place], limit));
        widths.sum::<usize>() + GAP * places.len().saturating_sub(1)
    };
    // Binary search for the width limit: a table may have thousands of columns.
    let (mut fits, mut too_wide) = (0, width + 1);
    if width < total(fits) {
        return None;
    }
    while fits + 1 < too_wide {
        let middle = fits.midpoint(too_wide);
        if total(middle) <= width { fits = middle } else { too_wide = middle }
    }
    Some(with_limit(places, wishes, fits))
}

fn with_limit(places: &[usize], wishes: &[Wish], limit: usize) -> Vec<Shown> {
    let column =
        |place: &usize| Shown::Column { place: *place, width: limited(wishes[*place], limit) };
    places.iter().map(column).collect()
}

fn limited(wish: Wish, limit: usize) -> usize {
    wish.wanted.min(limit.max(wish.least))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(wishes: &[(usize, usize)], width: usize) -> Vec<usize> {
        let wishes: Vec<Wish> =
            wishes.iter().map(|(wanted, least)| Wish { wanted: *wanted, least: *least }).collect();
        lay_out(&wishes, Some(width)).iter().map(Shown::width).collect()
    }

    #[test]
    fn the_widest_are_narrowed_first() {
        assert_eq!(widths(&[(5, 5), (100, 6), (50, 6), (8, 6)], 200), [5, 100, 50, 8]);
        assert_eq!(widths(&[(5, 5), (100, 6), (50, 6), (8, 6)], 80), [5, 30, 30, 8]);
        assert_eq!(widths(&[(20, 20), (100, 6)], 40), [20, 18]);
    }

    #[test]
    fn those_in_the_middle_are_left_out() {
        let wishes = vec![Wish { wanted: 10, least: 10 }; 9];
        let shown = lay_out(&wishes, Some(40));
        let column = |place| Shown::Column { place, width: 10 };
        assert_eq!(shown, [column(0), column(1), Shown::Hidden { columns: 6 }, column(8)]);
        assert_eq!(lay_out(&wishes, Some(5)), [column(0)]);
        assert_eq!(lay_out(&[], Some(5)), []);
    }
}
