//! The values of an array without nulls and encodings, each with its number of rows.

use super::failure::failed;
use crate::error::Result;
use crate::schema::expand;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RunArray, UInt64Array, downcast_run_array,
};
use arrow::compute::{cast, filter, take};
use arrow::datatypes::{ArrowNativeType, DataType, RunEndIndexType};

/// Values, none of which is null.
#[derive(Debug)]
pub(super) struct Values {
    /// All of them, or each value of a dictionary or run with its weight.
    pub(super) array: ArrayRef,
    weights: Option<Vec<u64>>,
    /// The number of rows that are null.
    pub(super) nulls: u64,
    /// The array that has the values.
    given: ArrayRef,
}

impl Values {
    /// The values of an array; row by row if `in_rows`.
    ///
    /// # Errors
    /// Values that Arrow cannot copy.
    pub(super) fn of(given: &ArrayRef, in_rows: bool) -> Result<Self> {
        let weighed = if in_rows { None } else { weighed(given)? };
        let (values, weights) = match weighed {
            Some((values, weights)) => (values, Some(weights)),
            None => (plain(given)?, None),
        };
        let nulls = values.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let (array, weights) = match nulls {
            None => (values, weights),
            Some(nulls) => {
                let is_valid = BooleanArray::new(nulls.inner().clone(), None);
                let array = filter(&values, &is_valid).map_err(failed)?;
                let weights =
                    weights.map(|weights| nulls.valid_indices().map(|at| weights[at]).collect());
                (array, weights)
            }
        };
        let rows =
            weights.as_ref().map_or(array.len() as u64, |weights: &Vec<u64>| weights.iter().sum());
        Ok(Self { array, weights, nulls: given.len() as u64 - rows, given: given.clone() })
    }

    /// The number of rows that are not null.
    pub(super) fn rows(&self) -> usize {
        self.given.len() - self.nulls as usize
    }

    /// The number of rows of each value.
    pub(super) fn weights(&self) -> impl Iterator<Item = u64> + '_ {
        let weights = self.weights.as_deref();
        (0..self.array.len()).map(move |at| weights.map_or(1, |weights| weights[at]))
    }

    /// The values of some rows that are not null, by their numbers among those.
    ///
    /// # Errors
    /// Values that Arrow cannot copy.
    pub(super) fn at(&self, rows: impl Iterator<Item = usize>) -> Result<ArrayRef> {
        if self.weights.is_none() {
            let rows = UInt64Array::from_iter_values(rows.map(|row| row as u64));
            return take(&self.array, &rows, None).map_err(failed);
        }
        let nulls = self.given.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let valid: Option<Vec<usize>> = nulls.map(|nulls| nulls.valid_indices().collect());
        let rows = rows.map(|row| valid.as_ref().map_or(row, |valid| valid[row]) as u64);
        let rows = UInt64Array::from_iter_values(rows);
        plain(&take(&self.given, &rows, None).map_err(failed)?)
    }
}

/// The values of all rows, decoded; half floats as floats, which hold all of them.
fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    let mut plain = array.clone();
    while is_encoded(plain.data_type()) {
        plain = expand(&plain).map_err(failed)?;
    }
    match plain.data_type() {
        DataType::Float16 => cast(&plain, &DataType::Float32).map_err(failed),
        _ => Ok(plain),
    }
}

fn is_encoded(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..))
}

/// The values of a dictionary that occur or those of runs, with their numbers of rows.
fn weighed(array: &ArrayRef) -> Result<Option<(ArrayRef, Vec<u64>)>> {
    match array.data_type() {
        DataType::Dictionary(_, values) if !is_encoded(values) => dictionary_values(array),
        DataType::RunEndEncoded(_, values) if !is_encoded(values.data_type()) => {
            Ok(downcast_run_array!(array => Some(run_values(array)), _ => None))
        }
        _ => Ok(None),
    }
}

/// The values of a dictionary that occur, unless it is long for so few keys.
fn dictionary_values(array: &ArrayRef) -> Result<Option<(ArrayRef, Vec<u64>)>> {
    let dictionary = array.as_any_dictionary();
    let values = dictionary.values();
    if values.is_empty() || array.len() < values.len() {
        return Ok(None);
    }
    let mut counts = vec![0_u64; values.len()];
    let keys = dictionary.normalized_keys();
    match dictionary.keys().nulls().filter(|nulls| nulls.null_count() > 0) {
        None => keys.iter().for_each(|key| counts[*key] += 1),
        Some(nulls) => nulls.valid_indices().for_each(|row| counts[keys[row]] += 1),
    }
    let used = (0..).zip(&counts).filter(|(_, count)| **count > 0).map(|(place, _)| place);
    let used = UInt64Array::from_iter_values(used);
    let values = take(values, &used, None).map_err(failed)?;
    counts.retain(|count| *count > 0);
    Ok(Some((values, counts)))
}

fn run_values<R: RunEndIndexType>(runs: &RunArray<R>) -> (ArrayRef, Vec<u64>) {
    let mut start = 0;
    let lengths = runs.run_ends().sliced_values().map(|end| {
        let length = end.as_usize() - start;
        start = end.as_usize();
        length as u64
    });
    let lengths = lengths.collect();
    (runs.values_slice(), lengths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{DictionaryArray, Int32Array, StringArray};
    use arrow::datatypes::{Int8Type, Int32Type};
    use std::sync::Arc;

    fn shown(array: ArrayRef) -> (Vec<Option<String>>, Vec<u64>, u64) {
        let values = Values::of(&array, false).unwrap();
        // The same values row by row.
        let rows = values.at(0..values.rows()).unwrap();
        let expected = Values::of(&array, true).unwrap();
        assert_eq!((&rows, expected.rows()), (&expected.array, values.rows()));
        let texts = values.array.as_string::<i32>().iter().map(|text| text.map(str::to_owned));
        (texts.collect(), values.weights().collect(), values.nulls)
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn values_of_dictionaries_and_runs_have_weights() {
        let rows = vec![Some("a"), None, Some("b"), Some("b"), None, Some("b")];
        let words: DictionaryArray<Int8Type> = rows.clone().into_iter().collect();
        assert_eq!(shown(Arc::new(words.clone())), (some(&["a", "b"]), vec![1, 3], 2));
        assert_eq!(shown(Arc::new(words.slice(2, 2))), (some(&["b"]), vec![2], 0));
        assert_eq!(shown(Arc::new(StringArray::from(rows))).2, 2);
        let ends = Int32Array::from(vec![2, 5, 6]);
        let values = StringArray::from(vec![Some("x"), None, Some("y")]);
        let runs = RunArray::<Int32Type>::try_new(&ends, &values).unwrap();
        assert_eq!(shown(Arc::new(runs.clone())), (some(&["x", "y"]), vec![2, 1], 3));
        assert_eq!(shown(Arc::new(runs.slice(1, 3))), (some(&["x"]), vec![1], 2));
        // A null in the dictionary itself.
        let values: ArrayRef = Arc::new(StringArray::from(vec![None, Some("v")]));
        let keys = arrow::array::Int8Array::from(vec![Some(0), Some(1), None, Some(1)]);
        let words = DictionaryArray::try_new(keys, values).unwrap();
        assert_eq!(shown(Arc::new(words)), (some(&["v"]), vec![2], 2));
    }
}
