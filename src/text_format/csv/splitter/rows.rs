//! The whole records of a splitter: their positions, and the removal of some of them.

use super::Splitter;

impl Splitter {
    /// Whether a position is within an unquoted field of a whole record.
    pub(in super::super) fn is_in_unquoted_field(&self, place: usize) -> bool {
        let spans = self.spans();
        let behind = spans.partition_point(|span| span.start as usize <= place);
        let span = behind.checked_sub(1).and_then(|last| spans.get(last));
        span.is_some_and(|span| span.range().contains(&place) && !span.is_quoted())
    }

    /// Where a record begins.
    pub(in super::super) fn row_start(&self, row: usize) -> usize {
        self.spans
            .get(row * self.columns())
            .map_or(self.record_start, |span| span.start as usize - usize::from(span.is_quoted()))
    }

    /// The row that contains a position; `None` if it is not in a whole record.
    pub(in super::super) fn row_at(&self, place: usize) -> Option<usize> {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.row_start(middle) <= place {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low.checked_sub(1).filter(|row| place <= self.row_end(*row))
    }

    /// Where a record ends, without its line end.
    pub(in super::super) fn row_end(&self, row: usize) -> usize {
        let last = (row + 1) * self.columns();
        let span = last.checked_sub(1).and_then(|last| self.spans.get(last));
        span.map_or(self.record_start, |span| {
            let closing = span.is_quoted() && !span.is_missing();
            span.range().end + usize::from(closing)
        })
    }

    /// Removes rows, which must be given in order.
    pub(in super::super) fn remove_rows(&mut self, rows: &[usize]) {
        let columns = self.columns();
        let mut left_out = rows.iter().peekable();
        let mut kept = 0;
        for row in 0..self.rows {
            if left_out.next_if(|left_out| **left_out == row).is_some() {
                continue;
            }
            self.spans.copy_within(row * columns..(row + 1) * columns, kept * columns);
            kept += 1;
        }
        self.spans.drain(kept * columns..self.rows * columns);
        self.rows = kept;
    }
}
