//! The rows of the table that have a key.

use crate::batch::KnownKeys;

/// The rows of each key, by its number, in the order of the table or of their times.
#[derive(Debug)]
pub(super) struct Index {
    rows: Rows,
    /// Whether no key has several rows.
    pub(super) is_unique: bool,
}

#[derive(Debug)]
enum Rows {
    /// Each row has a key of its own, which has the row's number.
    Own,
    /// The rows of key N are those from `starts[N]` up to `starts[N + 1]`.
    Sorted { starts: Vec<u32>, rows: Vec<u32> },
}

/// The number of a row that is no row.
pub(super) const NONE: u32 = KnownKeys::ABSENT;

impl Index {
    /// From the key of each row, or [`NONE`]; there are `keys` keys.
    pub(super) fn new(numbers: &[u32], keys: usize) -> Self {
        // Keys have numbers in the order of their first rows.
        if keys == numbers.len() && !numbers.contains(&NONE) {
            return Self { rows: Rows::Own, is_unique: true };
        }
        Self::sorted(numbers, keys)
    }

    /// The same, with the rows of each key in one piece.
    pub(super) fn sorted(numbers: &[u32], keys: usize) -> Self {
        let mut starts = vec![0_u32; keys + 1];
        let known = || (0..).zip(numbers).filter(|(_, number)| **number != NONE);
        for (_, number) in known() {
            starts[*number as usize + 1] += 1;
        }
        let is_unique = starts.iter().all(|count| *count <= 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut rows = vec![0; sum as usize];
        let mut next = starts.clone();
        for (row, number) in known() {
            let place = &mut next[*number as usize];
            rows[*place as usize] = row;
            *place += 1;
        }
        Self { rows: Rows::Sorted { starts, rows }, is_unique }
    }

    /// The places of a key's rows among all that are sorted.
    pub(super) fn places(&self, number: u32) -> std::ops::Range<usize> {
        match &self.rows {
            _ if number == NONE => 0..0,
            Rows::Own => number as usize..number as usize + 1,
            Rows::Sorted { starts, .. } => {
                starts[number as usize] as usize..starts[number as usize + 1] as usize
            }
        }
    }

    /// The row at a place.
    pub(super) fn row(&self, place: usize) -> u32 {
        match &self.rows {
            Rows::Own => place as u32,
            Rows::Sorted { rows, .. } => rows[place],
        }
    }

    /// Sorts the rows of each key by their times, and returns the times in that order.
    pub(super) fn sort_by(&mut self, times: &[i128]) -> Vec<i128> {
        let Rows::Sorted { starts, rows } = &mut self.rows else { return times.to_vec() };
        for range in starts.windows(2) {
            rows[range[0] as usize..range[1] as usize].sort_by_key(|row| times[*row as usize]);
        }
        rows.iter().map(|row| times[*row as usize]).collect()
    }

    /// The only row of each key instead of the key; for an index without several rows of a key.
    pub(super) fn rows_of(&self, mut numbers: Vec<u32>) -> Vec<u32> {
        if let Rows::Sorted { starts, rows } = &self.rows {
            for number in numbers.iter_mut().filter(|number| **number != NONE) {
                let start = starts[*number as usize];
                let has_row = start < starts[*number as usize + 1];
                *number = if has_row { rows[start as usize] } else { NONE };
            }
        }
        numbers
    }
}
