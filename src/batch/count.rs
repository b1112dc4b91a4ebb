//! Counts the rows of each distinct value.

use super::groups::Groups;
use crate::error::{Error, Result, guard};
use crate::schema::plain_field;
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// Counts the rows of each group of values that are equal in all columns, over all added batches.
#[derive(Debug)]
pub struct RowCounts {
    schema: Schema,
    groups: Groups,
    rows: Vec<i64>,
    /// The groups of a batch's rows, kept to reuse its memory.
    numbers: Vec<u32>,
}

/// The number of groups decoded at a time: enough to be fast, with little extra memory.
const BATCH_GROUPS: usize = 8192;

impl RowCounts {
    /// The name of the column of counts.
    pub const ROWS: &str = "rows";

    /// Returns empty counts for batches with this schema.
    ///
    /// # Errors
    /// A column whose type cannot be compared.
    pub fn try_new(schema: &Schema) -> Result<Self> {
        let columns: Vec<usize> = (0..schema.fields().len()).collect();
        let groups = Groups::try_new(schema, &columns)?;
        Ok(Self { schema: schema.clone(), groups, rows: Vec::new(), numbers: Vec::new() })
    }

    /// Counts the rows of a batch.
    ///
    /// # Errors
    /// More distinct values than can be numbered.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.groups.count(batch, &mut self.rows, &mut self.numbers)
    }

    /// The schema of [`RowCounts::largest_first`]: the columns with their plain types (dictionary-
    /// and run-end-encoded columns are decoded), and `rows`, an int64.
    ///
    /// # Errors
    /// None in practice: the types were checked before.
    pub fn schema(&self) -> Result<Schema> {
        let columns = self.groups.values().arrays(&[])?;
        let fields = self.schema.fields().iter().zip(&columns).map(|(field, column)| {
            let plain = plain_field(field).unwrap_or_else(|| Field::clone(field));
            if plain.data_type() == column.data_type() {
                plain
            } else {
                Field::new(field.name(), column.data_type().clone(), true)
            }
        });
        let rows = Field::new(Self::ROWS, DataType::Int64, false);
        Ok(Schema::new_with_metadata(
            fields.chain([rows]).collect::<Vec<_>>(),
            self.schema.metadata().clone(),
        ))
    }

    /// The values and their counts, the largest count first; values with equal counts are in the
    /// order of their first occurrence.
    ///
    /// # Errors
    /// None in practice: the keys were encoded by the same converter.
    pub fn largest_first(&self) -> Result<impl Iterator<Item = Result<RecordBatch>> + '_> {
        let schema = Arc::new(self.schema()?);
        let mut groups: Vec<u32> = (0..).take(self.rows.len()).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(self.rows[*group as usize]));
        let values = self.groups.values();
        let mut left = groups.into_iter();
        Ok(std::iter::from_fn(move || {
            let part: Vec<u32> = left.by_ref().take(BATCH_GROUPS).collect();
            (!part.is_empty()).then(|| {
                let mut columns = guard("cannot show values", || values.arrays(&part))?;
                let rows = part.iter().map(|group| self.rows[*group as usize]);
                let rows: ArrayRef = Arc::new(Int64Array::from_iter_values(rows));
                columns.push(rows);
                RecordBatch::try_new(schema.clone(), columns)
                    .map_err(|e| Error::failed(format!("cannot show values: {e}")))
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, DictionaryArray, Float64Array};
    use arrow::datatypes::{Float64Type, Int8Type, Int64Type};

    fn counted(columns: Vec<(&str, ArrayRef)>, batch_rows: usize) -> RecordBatch {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut counts = RowCounts::try_new(&batch.schema()).unwrap();
        for start in (0..batch.num_rows()).step_by(batch_rows) {
            counts.add(&batch.slice(start, batch_rows.min(batch.num_rows() - start))).unwrap();
        }
        counts.largest_first().unwrap().next().unwrap().unwrap()
    }

    #[test]
    fn the_largest_comes_first_and_of_equals_the_first_met() {
        for batch_rows in 1..9 {
            let numbers = Float64Array::from(vec![3.0, -0.0, f64::NAN, 1.0, -f64::NAN, 0.0, 2.0]);
            let counts = counted(vec![("x", Arc::new(numbers))], batch_rows);
            let values = counts.column(0).as_primitive::<Float64Type>();
            let shown: Vec<String> = values.values().iter().map(|v| v.to_string()).collect();
            assert_eq!(shown, ["0", "NaN", "3", "1", "2"]);
            let rows = counts.column(1).as_primitive::<Int64Type>();
            assert_eq!(rows.values(), &[2, 2, 1, 1, 1]);
        }
    }

    #[test]
    fn encodings_are_counted_by_what_they_stand_for() {
        let words: DictionaryArray<Int8Type> =
            vec![Some("a"), None, Some("b"), Some("b"), None, None].into_iter().collect();
        let counts = counted(vec![("word", Arc::new(words))], 2);
        let values: Vec<Option<&str>> = counts.column(0).as_string::<i32>().iter().collect();
        assert_eq!(values, [None, Some("b"), Some("a")]);
        assert_eq!(counts.column(1).as_primitive::<Int64Type>().values(), &[3, 2, 1]);
    }
}
