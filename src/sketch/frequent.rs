//! The most frequent values of a column, by the sketch of Misra and Gries.

use super::failure::failed;
use crate::batch::canonical;
use crate::error::{Result, guard};
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};

/// Counters of values. A value that has more than a 3000th of all rows has one at the end.
#[derive(Debug)]
pub struct Frequent {
    converter: RowConverter,
    sketch: FrequentItemsSketch<Vec<u8>>,
}

/// Frequent values with their numbers of rows, the most frequent first.
#[derive(Debug)]
pub struct FrequentValues {
    /// The values.
    pub values: ArrayRef,
    /// The number of rows of each.
    pub rows: Vec<u64>,
}

impl Frequent {
    /// The slots of the table of counters, of which three quarters are used. When they are full, the
    /// median is subtracted from all, and those that are then not above zero are free again.
    const SLOTS: usize = 1 << 13;

    /// No values of a type that is not encoded.
    ///
    /// # Errors
    /// A type whose values cannot be compared.
    pub fn try_new(data_type: &DataType) -> Result<Self> {
        let empty = canonical(&arrow::array::new_empty_array(data_type)).map_err(failed)?;
        let converter = RowConverter::new(vec![SortField::new(empty.data_type().clone())]);
        let sketch = FrequentItemsSketch::new(Self::SLOTS).map_err(failed)?;
        Ok(Self { converter: converter.map_err(failed)?, sketch })
    }

    /// Adds values, none of which is null, each with its number of rows.
    ///
    /// # Errors
    /// Values that cannot be encoded.
    pub fn add(&mut self, values: &ArrayRef, weights: impl Iterator<Item = u64>) -> Result<()> {
        let rows = guard("cannot count values", || {
            self.converter.convert_columns(&[canonical(values).map_err(failed)?]).map_err(failed)
        })?;
        for (row, weight) in rows.iter().zip(weights) {
            self.sketch.update_with_count_ref(row.data(), weight);
        }
        Ok(())
    }

    /// At most this many of the values that are certainly more frequent than others.
    ///
    /// # Errors
    /// None in practice: the values were encoded by the same converter.
    pub fn values(&self, most: usize) -> Result<FrequentValues> {
        let mut found = self.sketch.frequent_items(ErrorType::NoFalsePositives);
        // The order of equal counts is that of a hash table.
        found.sort_by(|a, b| b.estimate().cmp(&a.estimate()).then(a.item().cmp(b.item())));
        found.truncate(most);
        let parser = self.converter.parser();
        let rows = found.iter().map(|row| parser.parse(row.item()));
        let mut arrays = self.converter.convert_rows(rows).map_err(failed)?;
        Ok(FrequentValues {
            values: arrays.remove(0),
            rows: found.iter().map(|row| row.estimate()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Int64Type;
    use std::sync::Arc;

    #[test]
    fn frequent_values_are_found_among_many() {
        let mut frequent = Frequent::try_new(&DataType::Int64).unwrap();
        for part in 0..20_i64 {
            let number = |at: i64| match at % 100 {
                0..10 => -1,
                10..14 => -2,
                14 => -3,
                _ => part * 100_000 + at,
            };
            let place = |at: i64| 2 * at + at / 50 % 2;
            let values = Int64Array::from_iter_values((0..25_000).map(|at| number(place(at))));
            let values: ArrayRef = Arc::new(values);
            frequent.add(&values, std::iter::repeat(2)).unwrap();
        }
        let found = frequent.values(5).unwrap();
        assert_eq!(found.values.as_primitive::<Int64Type>().values(), &[-1, -2, -3]);
        for (rows, expected) in found.rows.iter().zip([100_000, 40_000, 10_000]) {
            assert!(rows.abs_diff(expected) < 1_000_000 / 1000, "{rows} {expected}");
        }
    }
}
