//! Sorts rows by their byte keys; rows with equal keys keep their order.
//!
//! Reading a key costs a memory access, so eight bytes of each are fetched at once and sorted
//! together with their position. Only rows that agree in those are read again, after their common
//! prefix. This is for keys none of which is a prefix of another, which is true of Arrow's row
//! format.

use super::gather::Place;
use arrow::row::Rows;
use std::ops::Range;

/// Some bytes of a key or its number, and the numbers of its batch and its row combined, so that
/// positions compare in input order.
pub(super) type Item = (u64, u64);

/// Rows are sorted by comparing whole keys if there are at most this many, or beyond this many
/// levels (each needs a stack frame).
const FEW_ROWS: usize = 16;
const MOST_LEVELS: usize = 64;

/// The rows of all batches in order.
#[derive(Debug, Default)]
pub(super) struct SortedPlaces {
    items: Vec<Item>,
    /// The rows whose key is null, if the items have the numbers of keys.
    nulls: Range<usize>,
}

/// The memory that a row needs while it is sorted.
pub(super) const ITEM_BYTES: usize = size_of::<Item>();

impl SortedPlaces {
    /// Sorts the rows of these batches, which are in input order.
    pub(super) fn of(batches: &[&Rows]) -> Self {
        let rows = batches.iter().map(|rows| rows.num_rows()).sum();
        let mut items = Vec::with_capacity(rows);
        for (number, rows) in batches.iter().enumerate() {
            items.extend((0..rows.num_rows()).map(|row| (0, packed(number, row))));
        }
        sort(&mut items, batches, 0, 0);
        Self::new(items, 0..0)
    }

    /// Items that are in order.
    pub(super) fn new(items: Vec<Item>, nulls: Range<usize>) -> Self {
        Self { items, nulls }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the numbers of two adjacent rows are equal, if the items have those of keys.
    pub(super) fn is_like_last(&self, number: usize) -> bool {
        let is_null = |number| self.nulls.contains(&number);
        let last = number - 1;
        self.items[last].0 == self.items[number].0 && is_null(last) == is_null(number)
    }

    /// The position of row `number` in sorted order.
    pub(super) fn get(&self, number: usize) -> Option<Place> {
        self.items.get(number).map(|(_, place)| unpacked(*place))
    }
}

/// The numbers of a batch and of a row in it, which are below 2^32, as one.
pub(super) fn packed(batch: usize, row: usize) -> u64 {
    (batch as u64) << 32 | row as u64
}

fn unpacked(place: u64) -> Place {
    ((place >> 32) as usize, (place & u64::from(u32::MAX)) as usize)
}

/// Sorts items whose keys agree in their first `depth` bytes.
fn sort(items: &mut [Item], batches: &[&Rows], depth: usize, level: usize) {
    let key = |item: &Item| {
        let (batch, row) = unpacked(item.1);
        batches[batch].row(row).data()
    };
    let Some(first) = items.first().map(key) else { return };
    if items.len() <= FEW_ROWS || level > MOST_LEVELS {
        return items
            .sort_unstable_by(|a, b| key(a)[depth..].cmp(&key(b)[depth..]).then(a.1.cmp(&b.1)));
    }
    let mut common = first.len();
    for item in items.iter().skip(1) {
        let pairs = first[depth..common].iter().zip(&key(item)[depth..]);
        common = depth + pairs.take_while(|(a, b)| a == b).count();
        if common == depth {
            break;
        }
    }
    if common == first.len() {
        return items.sort_unstable_by_key(|item| item.1);
    }
    for item in items.iter_mut() {
        item.0 = eight_bytes(&key(item)[common..]);
    }
    items.sort_unstable();
    // If one key ends within these bytes, so do all keys with the same bytes.
    let depth = common + size_of::<u64>();
    for equal in items.chunk_by_mut(|a, b| a.0 == b.0) {
        if equal.len() > 1 && depth < key(&equal[0]).len() {
            sort(equal, batches, depth, level + 1);
        }
    }
}

/// The first bytes as a number with the same order; missing bytes count as zeros.
fn eight_bytes(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            u64::from_be_bytes(padded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, StringArray};
    use arrow::datatypes::DataType;
    use arrow::row::{RowConverter, SortField};
    use std::sync::Arc;

    #[test]
    fn places_agree_with_a_stable_sort_of_the_values() {
        let text = |n: u64| {
            let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
            match n % 4 {
                0 => String::new(),
                1 => "a".repeat(n as usize % 300),
                2 => format!("a common start of some length {}", n % 50),
                _ => format!("{}", n % 1000),
            }
        };
        let batches: Vec<Vec<String>> =
            [0, 5000, 1, 700].iter().map(|rows| (0..*rows).map(text).collect()).collect();
        let converter = RowConverter::new(vec![SortField::new(DataType::Utf8)]).unwrap();
        let rows = |batch: &Vec<String>| {
            let array: ArrayRef = Arc::new(StringArray::from(batch.clone()));
            converter.convert_columns(&[array]).unwrap()
        };
        let rows: Vec<Rows> = batches.iter().map(rows).collect();
        let sorted = SortedPlaces::of(&rows.iter().collect::<Vec<_>>());
        let all = batches.iter().enumerate();
        let mut expected: Vec<(usize, usize)> =
            all.flat_map(|(b, batch)| (0..batch.len()).map(move |row| (b, row))).collect();
        expected.sort_by_key(|(batch, row)| batches[*batch][*row].clone());
        let found: Vec<_> = (0..sorted.len()).filter_map(|number| sorted.get(number)).collect();
        assert!(found == expected);
    }
}
