//! Expressions over one dictionary or run-end encoded column: computed once per dictionary value or
//! run, then spread over the rows.
//!
//! An unused value must not raise an error, and a message must name the row: if a value fails, the
//! rows are evaluated instead.

use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::schema::expand;
use arrow::array::{
    AnyDictionaryArray, Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, RunArray, Scalar,
    downcast_run_array, new_null_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{concat, take};
use arrow::datatypes::RunEndIndexType;
use arrow::error::ArrowError;
use std::sync::Arc;

/// The value of each row of an expression that reads only the column at an index of the schema.
pub(crate) fn values(index: usize, node: &Node, rows: &Rows) -> Result<ArrayRef> {
    let column = rows.column(index);
    let found = match column.as_any_dictionary_opt() {
        Some(dictionary) => per_dictionary_value(index, node, dictionary, rows)?,
        None => downcast_run_array!(
            column => per_run(index, node, column, rows)?,
            _ => None
        ),
    };
    match found {
        Some(found) => Ok(found),
        None => node.values(rows)?.into_array(rows.count),
    }
}

/// None if the rows must be evaluated instead.
fn per_dictionary_value(
    index: usize,
    node: &Node,
    dictionary: &dyn AnyDictionaryArray,
    rows: &Rows,
) -> Result<Option<ArrayRef>> {
    let count = dictionary.values().len();
    if count >= rows.count {
        return Ok(None);
    }
    let null = new_null_array(dictionary.values().data_type(), 1);
    let values = concat(&[dictionary.values(), &null]).map_err(failed)?;
    let Ok(results) = node.values(&rows.with_column(index, values)) else { return Ok(None) };
    let results = results.into_array(count + 1)?;
    let known = take(&results, dictionary.keys(), None).map_err(failed)?;
    if dictionary.keys().null_count() == 0 || results.is_null(count) {
        return Ok(Some(known));
    }
    let has_key = dictionary.keys().nulls().map(NullBuffer::inner).cloned();
    let has_key = has_key.unwrap_or_else(|| BooleanBuffer::new_set(rows.count));
    let of_null = Scalar::new(results.slice(count, 1));
    zip(&BooleanArray::new(has_key, None), &known, &of_null).map(Some).map_err(failed)
}

/// None if the rows must be evaluated instead.
fn per_run<R: RunEndIndexType>(
    index: usize,
    node: &Node,
    column: &RunArray<R>,
    rows: &Rows,
) -> Result<Option<ArrayRef>> {
    let values = column.values_slice();
    let runs = values.len();
    if runs >= rows.count {
        return Ok(None);
    }
    let Ok(results) = node.values(&rows.with_column(index, values)) else { return Ok(None) };
    let ends = PrimitiveArray::<R>::from_iter_values(column.run_ends().sliced_values());
    let spread = RunArray::try_new(&ends, &results.into_array(runs)?).map_err(failed)?;
    expand(&(Arc::new(spread) as ArrayRef)).map(Some).map_err(failed)
}

fn failed(error: ArrowError) -> Error {
    Error::failed(format!("cannot read a column by its distinct values: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::SelectList;
    use crate::expression::bind::predicate::Predicate;
    use arrow::array::{DictionaryArray, Int32Array, RecordBatch, RunArray, StringArray};
    use arrow::datatypes::{Int16Type, Int32Type};

    /// Twelve rows of words with a null, one of which is not a number.
    fn plain() -> StringArray {
        let words = [Some("7"), Some("12"), None, Some("n/a")];
        [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 0, 1].map(|word: usize| words[word]).into_iter().collect()
    }

    fn encoded(plain: &StringArray) -> [ArrayRef; 3] {
        let dictionary: DictionaryArray<Int32Type> = plain.iter().collect();
        let runs: RunArray<Int16Type> = plain.iter().collect();
        // Null as a value, and an unused value.
        let values = StringArray::from(vec![None, Some("7"), Some("n/a"), Some("12"), Some("x")]);
        let place = |word| values.iter().position(|value| value == word).map(|place| place as i32);
        let keys: Int32Array = plain.iter().map(place).collect();
        let nulls_inside = DictionaryArray::new(keys, Arc::new(values));
        [Arc::new(dictionary), Arc::new(runs), Arc::new(nulls_inside)]
    }

    fn batch(word: ArrayRef) -> RecordBatch {
        let row = Int32Array::from_iter_values(0..word.len() as i32);
        RecordBatch::try_from_iter([("word", word), ("row", Arc::new(row) as ArrayRef)]).unwrap()
    }

    fn answers(
        condition: &str,
        batch: &RecordBatch,
    ) -> std::result::Result<Vec<Option<bool>>, String> {
        let predicate = Predicate::bind(condition, &batch.schema()).unwrap();
        let batch = batch.project(predicate.columns()).unwrap();
        let answers = predicate.evaluate(&batch).map_err(|error| error.to_string())?;
        Ok(answers.iter().collect())
    }

    #[test]
    fn answers_match_the_plain_column() {
        for condition in [
            "word = '7'",
            "word <> '7' OR word IS NULL",
            "word IS NULL",
            "word IS NOT NULL AND word > '2'",
            "word IN ('7', 'x')",
            "word LIKE '1%' OR row > 9",
            "coalesce(length(word), 5) > 1",
            "word IS DISTINCT FROM '12'",
            "NOT (word = 'n/a')",
            "CASE WHEN word = '7' THEN TRUE WHEN word = '12' THEN FALSE END",
            "TRY_CAST(word AS INTEGER) > 8",
            // Fails on a row, always the same one.
            "CAST(word AS INTEGER) > 8",
        ] {
            let (all, plain) = (encoded(&plain()), plain());
            for (offset, length) in [(0, 12), (0, 7), (1, 6), (4, 8), (6, 1), (3, 0), (7, 3)] {
                let expected = answers(condition, &batch(Arc::new(plain.slice(offset, length))));
                for column in &all {
                    let found = answers(condition, &batch(column.slice(offset, length)));
                    let what = format!("{condition} {} {offset} {length}", column.data_type());
                    assert_eq!(found, expected, "{what}");
                }
            }
        }
    }

    #[test]
    fn values_match_the_plain_column() {
        let results = |batch: &RecordBatch| {
            let list = "upper(word) AS a, TRY_CAST(word AS BIGINT) + 1 AS b, word = '7' AS c";
            let list = SelectList::bind(list, &batch.schema(), false).unwrap();
            list.evaluate(&batch.project(list.columns()).unwrap()).unwrap()
        };
        let expected = results(&batch(Arc::new(plain())));
        for column in encoded(&plain()) {
            assert_eq!(results(&batch(column)).columns(), expected.columns());
        }
    }

    #[test]
    fn values_without_open_rows_raise_no_error() {
        for column in encoded(&plain()) {
            let found = answers("word <> 'n/a' AND CAST(word AS INTEGER) = 12", &batch(column));
            assert_eq!(found.unwrap().iter().filter(|answer| **answer == Some(true)).count(), 3);
        }
    }
}
