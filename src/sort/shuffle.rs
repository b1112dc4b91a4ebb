//! Shuffles rows: a sort by a random number for each row.

use super::{SortOptions, SortedBatches, Sorter, with_number};
use crate::error::{Error, Result};
use crate::schema::Order;
use crate::threads::Threads;
use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{Schema, SchemaRef};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::path::PathBuf;
use std::sync::Arc;

/// A stream being shuffled: all input is read before any output is written. The same rows and the
/// same seed give the same order, whatever the batch boundaries and the memory limit.
pub struct Shuffler {
    random: Xoshiro256PlusPlus,
    /// The schema with the random numbers as its last column.
    drawn: SchemaRef,
    sorter: Sorter,
}

/// The shuffled rows.
pub struct ShuffledBatches {
    sorted: SortedBatches,
}

impl Shuffler {
    /// Returns an empty shuffler for batches with this schema. It takes about `memory_bytes` of
    /// memory; data that exceeds it goes to a temporary file in the given or the default directory.
    ///
    /// # Errors
    /// Types that cannot be written to a temporary file.
    pub fn try_new(
        schema: &SchemaRef,
        seed: u64,
        memory_bytes: usize,
        temporary_directory: Option<PathBuf>,
        threads: Threads,
    ) -> Result<Self> {
        let name = free_name(schema);
        let drawn = with_number(schema, &name);
        let by = Order::ascending(&[name]);
        let (unique, limit) = (Vec::new(), None);
        let options = SortOptions { by, unique, limit, memory_bytes, temporary_directory, threads };
        let sorter = Sorter::try_new(&drawn, &options)?;
        Ok(Self { random: Xoshiro256PlusPlus::seed_from_u64(seed), drawn, sorter })
    }

    /// Adds the next batch of the stream.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let numbers = (0..batch.num_rows()).map(|_| self.random.next_u64());
        let numbers: ArrayRef = Arc::new(UInt64Array::from_iter_values(numbers));
        let columns = batch.columns().iter().cloned().chain([numbers]).collect();
        let batch = RecordBatch::try_new(self.drawn.clone(), columns);
        self.sorter.push(&batch.map_err(|e| Error::failed(format!("cannot shuffle rows: {e}")))?)
    }

    /// Returns the shuffled rows.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub fn finish(self) -> Result<ShuffledBatches> {
        // Without the random numbers, which are the last column.
        let columns: Vec<usize> = (0..self.drawn.fields().len() - 1).collect();
        Ok(ShuffledBatches { sorted: self.sorter.finish(&columns)? })
    }
}

impl ShuffledBatches {
    /// Returns the next batch; `None` at the end.
    ///
    /// # Errors
    /// I/O errors in the temporary file.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        self.sorted.next_batch()
    }
}

/// An unused column name.
fn free_name(schema: &Schema) -> String {
    let mut name = "drawn".to_owned();
    while schema.fields().find(&name).is_some() {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    fn shuffled(rows: i64, batch_rows: usize, seed: u64, memory_bytes: usize) -> Vec<i64> {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        let whole = RecordBatch::try_from_iter([("drawn", numbers)]).unwrap();
        let mut shuffler =
            Shuffler::try_new(whole.schema_ref(), seed, memory_bytes, None, Threads::new(2))
                .unwrap();
        for start in (0..rows as usize).step_by(batch_rows) {
            shuffler.push(&whole.slice(start, batch_rows.min(rows as usize - start))).unwrap();
        }
        let mut batches = shuffler.finish().unwrap();
        let mut numbers = Vec::new();
        while let Some(batch) = batches.next_batch().unwrap() {
            assert_eq!(batch.schema_ref().fields(), whole.schema_ref().fields());
            numbers.extend(batch.column(0).as_primitive::<Int64Type>().values());
        }
        numbers
    }

    #[test]
    fn rows_are_all_there_in_an_order_that_depends_on_the_seed_alone() {
        let first = shuffled(50_000, 7000, 1, usize::MAX);
        assert_eq!(first, shuffled(50_000, 50_000, 1, 1 << 16));
        assert_ne!(first, shuffled(50_000, 7000, 2, usize::MAX));
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..50_000));
        // By chance alone, 5/9 of shuffled rows are within a third of their positions.
        let near = first.iter().zip(0..).filter(|(row, place)| (*row - place).abs() < 50_000 / 3);
        assert!((24_000..31_500).contains(&near.count()));
    }
}
