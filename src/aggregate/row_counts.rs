//! The number of rows of each group, the largest first.

use super::accumulator::failed;
use super::options::AggregateOptions;
use super::{AggregateBatches, Aggregator};
use crate::error::{Result, guard};
use crate::expression::AggregateList;
use crate::schema::{Order, plain_field};
use crate::sort::{SortOptions, SortedBatches, Sorter};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::path::PathBuf;
use std::sync::Arc;

/// Counts the rows of each group of values that are equal in all columns, within a memory limit.
#[derive(Debug)]
pub struct RowCounts {
    /// The columns of the input, named by their positions: names may occur twice.
    numbered: SchemaRef,
    result: SchemaRef,
    aggregator: Aggregator,
    memory_bytes: usize,
    temporary_directory: Option<PathBuf>,
}

/// The groups and their numbers of rows, the largest first; groups of as many rows are in the order
/// in which they were seen first.
pub struct LargestFirst {
    sorted: SortedBatches,
    result: SchemaRef,
}

impl RowCounts {
    /// The name of the column of counts.
    pub const ROWS: &str = "rows";

    /// No rows yet, of batches with this schema. Groups that take more than about `memory_bytes` are
    /// kept in temporary files, in this directory or in the default one.
    ///
    /// # Errors
    /// A column whose type cannot be compared.
    pub fn try_new(
        schema: &Schema,
        memory_bytes: usize,
        temporary_directory: Option<PathBuf>,
    ) -> Result<Self> {
        let named = |(place, field): (usize, &Arc<Field>)| {
            field.as_ref().clone().with_name(place.to_string()).with_nullable(true)
        };
        let fields: Vec<Field> = schema.fields().iter().enumerate().map(named).collect();
        let by: Vec<String> = (0..fields.len()).map(|place| format!("\"{place}\"")).collect();
        let numbered = Arc::new(Schema::new(fields));
        let list = format!("count(*) AS {}", Self::ROWS);
        let list = AggregateList::bind(&list, Some(&by.join(", ")), None, &numbered)?;
        let result = Arc::new(result_schema(schema, list.group_schema()));
        // The other half is for the sort.
        let memory_bytes = memory_bytes / 2;
        let options = AggregateOptions {
            memory_bytes,
            temporary_directory: temporary_directory.clone(),
            is_sorted: false,
            is_input_sorted: false,
            is_partial: false,
            threads: Threads::per_core(),
        };
        let aggregator = Aggregator::try_new(list, options)?;
        Ok(Self { numbered, result, aggregator, memory_bytes, temporary_directory })
    }

    /// Counts the rows of a batch.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; values that cannot be compared.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = renamed(batch, &self.numbered)?;
        self.aggregator.push(&batch).map(|_| ())
    }

    /// The schema of the result: the columns with their plain types (dictionary- and run-end-encoded
    /// columns are decoded), and [`ROWS`](Self::ROWS), an int64.
    pub fn schema(&self) -> &SchemaRef {
        &self.result
    }

    /// The groups, the largest first. `see` gets all of them before, in another order.
    ///
    /// # Errors
    /// I/O errors, such as a full disk; those of `see`.
    pub fn finish(self, see: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<LargestFirst> {
        let schema = self.aggregator.schema().clone();
        let options = SortOptions {
            by: Order::parse(&format!("{} DESC", Self::ROWS))?,
            unique: Vec::new(),
            limit: None,
            memory_bytes: self.memory_bytes,
            temporary_directory: self.temporary_directory,
            // Groups are few next to the rows that they come from.
            threads: Threads::one(),
        };
        let mut sorter = Sorter::try_new(&schema, &options)?;
        let mut groups = self.aggregator.finish()?;
        while let Some(batch) = next_groups(&mut groups)? {
            see(&renamed(&batch, &self.result)?)?;
            sorter.push(&batch)?;
        }
        drop(groups);
        let columns: Vec<usize> = (0..schema.fields().len()).collect();
        Ok(LargestFirst { sorted: sorter.finish(&columns)?, result: self.result })
    }
}

impl LargestFirst {
    /// Returns the next batch; `None` at the end.
    ///
    /// # Errors
    /// I/O errors in the temporary file.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let batch = self.sorted.next_batch()?;
        batch.map(|batch| renamed(&batch, &self.result)).transpose()
    }
}

fn next_groups(groups: &mut AggregateBatches) -> Result<Option<RecordBatch>> {
    guard("cannot show values", || groups.next_batch())
}

/// The columns by their names, with the types of groups; the last column of `groups` has counts.
fn result_schema(schema: &Schema, groups: &Schema) -> Schema {
    let fields = schema.fields().iter().zip(groups.fields()).map(|(field, group)| {
        let plain = plain_field(field).unwrap_or_else(|| Field::clone(field));
        if plain.data_type() == group.data_type() {
            plain
        } else {
            Field::new(field.name(), group.data_type().clone(), true)
        }
    });
    let rows = Field::new(RowCounts::ROWS, DataType::Int64, false);
    Schema::new_with_metadata(fields.chain([rows]).collect::<Vec<_>>(), schema.metadata().clone())
}

fn renamed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).map_err(failed)
}

impl std::fmt::Debug for LargestFirst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LargestFirst").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, DictionaryArray, Float64Array, Int64Array};
    use arrow::datatypes::{Float64Type, Int8Type, Int64Type};

    fn counted(column: ArrayRef, batch_rows: usize, memory_bytes: usize) -> RecordBatch {
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let mut counts = RowCounts::try_new(&batch.schema(), memory_bytes, None).unwrap();
        for start in (0..batch.num_rows()).step_by(batch_rows) {
            counts.add(&batch.slice(start, batch_rows.min(batch.num_rows() - start))).unwrap();
        }
        let (mut seen, mut rows) = (0, Vec::new());
        let mut largest = counts.finish(&mut |batch| {
            seen += batch.num_rows();
            Ok(())
        });
        while let Some(batch) = largest.as_mut().unwrap().next_batch().unwrap() {
            rows.push(batch);
        }
        let batch = arrow::compute::concat_batches(&rows[0].schema(), &rows).unwrap();
        assert_eq!(seen, batch.num_rows());
        batch
    }

    #[test]
    fn the_largest_comes_first_and_of_equals_the_first_met() {
        for batch_rows in 1..9 {
            let numbers = Float64Array::from(vec![3.0, -0.0, f64::NAN, 1.0, -f64::NAN, 0.0, 2.0]);
            let counts = counted(Arc::new(numbers), batch_rows, 1 << 20);
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
        let counts = counted(Arc::new(words), 2, 1 << 20);
        let values: Vec<Option<&str>> = counts.column(0).as_string::<i32>().iter().collect();
        assert_eq!(values, [None, Some("b"), Some("a")]);
        assert_eq!(counts.column(1).as_primitive::<Int64Type>().values(), &[3, 2, 1]);
    }

    #[test]
    fn groups_that_do_not_fit_are_counted_in_a_temporary_file() {
        let keys: Vec<i64> = (0..60_000).map(|row| (row * 7919) % 20_011 / 2).collect();
        let in_memory = counted(Arc::new(Int64Array::from(keys.clone())), 4096, 64 << 20);
        assert_eq!(counted(Arc::new(Int64Array::from(keys)), 4096, 64 << 10), in_memory);
    }
}
