//! The results of groups in temporary files, merged in the order of their numbers.
//!
//! The groups of a part of the temporary file have ascending numbers, so the results of each part are a
//! sorted run. No two groups have the same number, and few numbers are missing, so that the merge finds
//! the place of a row without comparing it with others.

use super::groups::BATCH_GROUPS;
use crate::batch::{BatchLimits, Rechunker};
use crate::error::Result;
use crate::sort::gather;
use crate::spill::{Extent, Spill};
use arrow::array::{AsArray, RecordBatch};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{SchemaRef, UInt64Type};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Batches of ascending numbers, and their file.
#[derive(Clone)]
struct FileRun {
    file: Arc<Spill>,
    batches: VecDeque<Extent>,
}

/// Runs that are being written into a file.
pub(super) struct RunWriter {
    spill: Spill,
    runs: Vec<VecDeque<Extent>>,
    last: u64,
}

/// Runs that are being merged.
pub(super) struct NumberedRuns {
    cursors: Vec<Cursor>,
    /// The next rows of the batches of cursors.
    places: Vec<Place>,
    taken: usize,
    /// The rows of the largest batch of a run.
    most_rows: usize,
    /// Makes batches that do not depend on how the groups were divided.
    rechunker: Rechunker,
    ready: VecDeque<RecordBatch>,
}

/// A run, and the first batch of those that are not merged yet.
struct Cursor {
    rest: FileRun,
    batch: RecordBatch,
    numbers: ScalarBuffer<u64>,
    /// The rows that are being merged; those before them are, those after them are not.
    rows: Range<usize>,
}

/// A cursor, and a row of its batch.
type Place = (u32, u32);

const NOWHERE: Place = (u32::MAX, u32::MAX);

/// This many runs are merged at a time even if the memory is too little for a batch of each.
const FEWEST_RUNS: usize = 16;

/// Rows are compared if less than an eighth of the numbers are there.
const MOST_MISSING: usize = 8;

impl RunWriter {
    /// # Errors
    /// I/O errors.
    pub(super) fn create(schema: &SchemaRef, directory: Option<&Path>) -> Result<Self> {
        Ok(Self { spill: Spill::create(schema, directory)?, runs: Vec::new(), last: 0 })
    }

    /// Writes a batch, whose last column has its numbers, ascending. They begin a run if they are below
    /// those before.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let numbers = numbers(batch);
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(()) };
        let extent = self.spill.write(batch)?;
        match self.runs.last_mut().filter(|_| self.last < *first) {
            Some(run) => run.push_back(extent),
            None => self.runs.push(VecDeque::from([extent])),
        }
        self.last = *last;
        Ok(())
    }

    fn finish(self) -> Vec<FileRun> {
        let file = Arc::new(self.spill);
        let run = |batches| FileRun { file: Arc::clone(&file), batches };
        self.runs.into_iter().map(run).collect()
    }
}

impl NumberedRuns {
    /// Merges the runs of several files with batches of this schema; as many at a time as have a batch
    /// each in half of the memory.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub(super) fn merge(
        files: Vec<RunWriter>,
        schema: &SchemaRef,
        memory_bytes: usize,
        directory: Option<&Path>,
    ) -> Result<Self> {
        let extents = files.iter().flat_map(|file| file.runs.iter().flatten());
        let batch_bytes = extents.map(|extent| extent.bytes()).max().unwrap_or_default();
        let most_runs = (memory_bytes / 2 / batch_bytes.max(1)).max(FEWEST_RUNS);
        let mut runs: Vec<FileRun> = files.into_iter().flat_map(RunWriter::finish).collect();
        while most_runs < runs.len() {
            let mut longer = RunWriter::create(schema, directory)?;
            for some in runs.chunks(most_runs) {
                let mut merged = Self::start(some, schema)?;
                while merged.has_rows()? {
                    merged.next_rows()?.iter().try_for_each(|batch| longer.push(batch))?;
                }
            }
            runs = longer.finish();
        }
        Self::start(&runs, schema)
    }

    fn start(runs: &[FileRun], schema: &SchemaRef) -> Result<Self> {
        let cursors = runs.iter().map(|run| Cursor::start(run.clone()));
        let cursors = cursors.filter_map(Result::transpose).collect::<Result<Vec<_>>>()?;
        let most_rows = cursors.iter().map(|cursor| cursor.numbers.len()).max().unwrap_or_default();
        let limits = BatchLimits { rows: BATCH_GROUPS, bytes: usize::MAX };
        let rechunker = Rechunker::new(schema.clone(), limits);
        let (places, ready) = (Vec::new(), VecDeque::new());
        Ok(Self { cursors, places, taken: 0, most_rows, rechunker, ready })
    }

    /// Returns the next rows, with their numbers; `None` at the end.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while self.ready.is_empty() {
            if !self.has_rows()? {
                self.ready.extend(self.rechunker.finish());
                return Ok(self.ready.pop_front());
            }
            for batch in self.next_rows()? {
                self.ready.extend(self.rechunker.push(&batch));
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Whether there are rows that were not returned yet, whose places are then known.
    fn has_rows(&mut self) -> Result<bool> {
        if self.taken == self.places.len() {
            self.refill()?;
            self.place_rows();
        }
        Ok(self.taken < self.places.len())
    }

    /// The next rows, in batches as large as those of the runs.
    fn next_rows(&mut self) -> Result<Vec<RecordBatch>> {
        let end = self.places.len().min(self.taken + self.most_rows);
        let places = self.places[self.taken..end].iter();
        let places: Vec<_> =
            places.map(|(cursor, row)| (*cursor as usize, *row as usize)).collect();
        self.taken = end;
        let batches: Vec<_> = self.cursors.iter().map(|cursor| cursor.batch.clone()).collect();
        gather(&batches, &places, usize::MAX)
    }

    /// Reads the next batch of each run whose batch is merged.
    fn refill(&mut self) -> Result<()> {
        for cursor in std::mem::take(&mut self.cursors) {
            if cursor.rows.end < cursor.numbers.len() {
                self.cursors.push(cursor);
            } else {
                self.cursors.extend(Cursor::start(cursor.rest)?);
            }
        }
        Ok(())
    }

    /// Finds the order of the rows up to the first number with which a batch ends: later batches
    /// cannot have smaller ones.
    fn place_rows(&mut self) {
        let Self { cursors, places, taken, .. } = self;
        (*taken, *places) = (0, Vec::new());
        let firsts = cursors.iter().map(|cursor| cursor.numbers[cursor.rows.end]);
        let lasts = cursors.iter().filter_map(|cursor| cursor.numbers.last().copied());
        let (Some(first), Some(last)) = (firsts.min(), lasts.min()) else { return };
        cursors.iter_mut().for_each(|cursor| cursor.take_up_to(last));
        let count = cursors.iter().map(|cursor| cursor.rows.len()).sum::<usize>();
        let span = usize::try_from(last - first).map_or(usize::MAX, |span| span.saturating_add(1));
        let rows = (0..).zip(&*cursors).flat_map(|(place, cursor)| {
            let numbers = &cursor.numbers[cursor.rows.clone()];
            (cursor.rows.start as u32..)
                .zip(numbers)
                .map(move |(row, number)| (*number, (place, row)))
        });
        if span / MOST_MISSING <= count {
            places.resize(span, NOWHERE);
            rows.for_each(|(number, place)| places[(number - first) as usize] = place);
            places.retain(|place| *place != NOWHERE);
        } else {
            let mut rows: Vec<(u64, Place)> = rows.collect();
            rows.sort_unstable();
            places.extend(rows.into_iter().map(|(_, place)| place));
        }
    }
}

impl Cursor {
    /// The first batch of a run; none if it has ended.
    fn start(mut rest: FileRun) -> Result<Option<Self>> {
        let Some(extent) = rest.batches.pop_front() else { return Ok(None) };
        let batch = rest.file.read(extent)?;
        let numbers = numbers(&batch).clone();
        Ok(Some(Self { rest, batch, numbers, rows: 0..0 }))
    }

    /// Goes on with the rows up to this number.
    fn take_up_to(&mut self, last: u64) {
        let start = self.rows.end;
        // Few rows of many runs: a binary search would miss the caches at each step.
        let rows = self.numbers[start..].iter().take_while(|number| **number <= last).count();
        self.rows = start..start + rows;
    }
}

/// The numbers of the groups of a batch.
fn numbers(batch: &RecordBatch) -> &ScalarBuffer<u64> {
    batch.column(batch.num_columns() - 1).as_primitive::<UInt64Type>().values()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, UInt64Array};

    /// Each number beside its negative, in runs of batches of three rows.
    fn written(runs: &[Vec<u64>]) -> RunWriter {
        let mut writer = RunWriter::create(&batch(&[]).schema(), None).unwrap();
        for numbers in runs.iter().flat_map(|run| run.chunks(3)) {
            writer.push(&batch(numbers)).unwrap();
        }
        writer
    }

    fn batch(numbers: &[u64]) -> RecordBatch {
        let values = Int64Array::from_iter_values(numbers.iter().map(|number| -(*number as i64)));
        let numbers = UInt64Array::from_iter_values(numbers.iter().copied());
        let columns: [(&str, ArrayRef); 2] = [("v", Arc::new(values)), ("n", Arc::new(numbers))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    /// The numbers of all rows in the order of the merge.
    fn merged(files: Vec<RunWriter>, memory_bytes: usize) -> Vec<u64> {
        let schema = batch(&[]).schema();
        let mut runs = NumberedRuns::merge(files, &schema, memory_bytes, None).unwrap();
        let mut all = Vec::new();
        while let Some(batch) = runs.next_batch().unwrap() {
            let values = batch.column(0).as_primitive::<arrow::datatypes::Int64Type>().values();
            assert!(values.iter().zip(numbers(&batch)).all(|(value, n)| *value == -(*n as i64)));
            all.extend_from_slice(numbers(&batch));
        }
        all
    }

    /// Runs of numbers below `count * step`, each in one of them.
    fn runs(count: u64, step: u64, runs: usize) -> Vec<Vec<u64>> {
        let mut all = vec![Vec::new(); runs];
        for number in 0..count {
            let run = ((number * 2_654_435_761) >> 7) as usize % runs;
            all[run].push(number * step + number % step);
        }
        all
    }

    #[test]
    fn rows_of_all_runs_come_in_the_order_of_their_numbers() {
        for (count, step, number) in
            [(0, 1, 1), (1, 1, 3), (1000, 1, 1), (1000, 1, 7), (500, 1 << 40, 40)]
        {
            let runs = runs(count, step, number);
            let mut expected: Vec<u64> = runs.iter().flatten().copied().collect();
            expected.sort_unstable();
            // With little memory, runs are merged several times.
            for memory_bytes in [1, 1 << 30] {
                let (one, other) = runs.split_at(number / 2);
                let files = vec![written(one), written(other)];
                assert_eq!(merged(files, memory_bytes), expected, "{count} {step} {number}");
            }
        }
    }
}
