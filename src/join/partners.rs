//! The partners of the rows of a batch.

use super::index::{Index, NONE};
use arrow::array::BooleanArray;
use arrow::buffer::BooleanBuffer;

/// The partners of each row of a batch.
pub(super) enum Partners<'a> {
    /// One row of the table, or [`NONE`].
    One(Vec<u32>),
    /// All rows with a key, or [`NONE`].
    Many(Vec<u32>, &'a Index),
}

impl Partners<'_> {
    /// The number of partners of each row.
    pub(super) fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        let (numbers, index) = match self {
            Self::One(rows) => (rows, None),
            Self::Many(numbers, index) => (numbers, Some(index)),
        };
        numbers.iter().map(move |number| match index {
            Some(index) => index.places(*number).len(),
            None => usize::from(*number != NONE),
        })
    }

    /// The rows that have a partner, or those that have none.
    pub(super) fn matched(&self, has_partner: bool) -> BooleanArray {
        let matched = self.counts().map(|count| (count > 0) == has_partner);
        BooleanArray::new(matched.collect::<BooleanBuffer>(), None)
    }
}
