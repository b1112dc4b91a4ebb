//! The decoding threads: they take steps from a schedule and put back the results.
//!
//! The thread that requests batches also works while it would otherwise wait. With one thread there
//! is no other, and each batch is decoded when it is requested.

use super::column_work::{ColumnWork, Decoded, Next, Outcome, Step};
use super::schedule::Schedule;
use super::select::select;
use super::source::RowRange;
use crate::error::{Result, guard};
use crate::threads::Threads;
use crate::threads::crew::Crew;
use crate::threads::in_order::{Effort, Given};
use std::sync::atomic::AtomicBool;

/// A schedule, and the threads that work on it.
pub(crate) struct Workers {
    crew: Crew<Schedule>,
    /// The bytes opened so far; a thread is not worth starting for a small amount.
    opened_bytes: usize,
    /// The outcome after all opened row ranges, once it is known.
    end: Option<Result<()>>,
}

/// A thread takes about 30 µs to start; in that time about 128 KiB are decoded.
const WORTH_A_THREAD_BYTES: usize = 1 << 20;

/// Smaller row ranges never justify a thread: handing one over costs as much as decoding it. For
/// such small files most of the work is opening them, which another thread does.
const LEAST_RUN_BYTES: usize = 16 << 10;

/// The usual maximum size of a value.
const VALUE_BYTES: usize = 8;

impl Workers {
    /// Creates workers for these threads. `is_selective` says whether there is a predicate, `wanted` is
    /// the number of matching rows wanted.
    pub(crate) fn new(threads: &Threads, is_selective: bool, wanted: Option<u64>) -> Self {
        let schedule = Schedule::new(threads.count(), is_selective, wanted);
        let run = move |step, stop: &_| work_off(step, wanted, stop);
        let crew = Crew::new("decode", threads, usize::MAX, schedule, run);
        Self { crew, opened_bytes: 0, end: None }
    }

    /// The columns of the next batch and its number of rows; `None` at the end. `next_range` returns
    /// the row range that follows those it returned before.
    ///
    /// # Errors
    /// The first error in the order of rows, then of columns. An error of `next_range` comes after
    /// all rows before it.
    pub(crate) fn next(
        &mut self,
        mut next_range: impl FnMut(Effort) -> Given<RowRange>,
    ) -> Result<Option<Decoded>> {
        let mut effort = Effort::Work;
        loop {
            while self.end.is_none() && self.crew.lock().wants_more() {
                let is_idle = self.crew.lock().is_empty();
                match next_range(if is_idle { Effort::Wait } else { effort }) {
                    Given::Result(Ok(range)) => self.open(range),
                    Given::NotYet => break,
                    Given::End => self.end = Some(Ok(())),
                    Given::Result(Err(error)) => self.end = Some(Err(error)),
                }
                // Do not delay a finished batch while many files are opened.
                effort = Effort::Take;
            }
            let mut schedule = self.crew.lock();
            match schedule.next()? {
                Next::Batch(batch) => {
                    // Steps that waited for this batch to be returned can run now.
                    self.crew.unlock(schedule);
                    return Ok(Some(batch));
                }
                Next::Nothing if !schedule.wants_more() => return Ok(None),
                Next::Nothing => {
                    if let Some(end) = &self.end {
                        return end.clone().map(|()| None);
                    }
                }
                Next::Unfinished => drop(self.crew.help(schedule)),
            }
        }
    }

    fn open(&mut self, range: RowRange) {
        let values = range.rows.len().saturating_mul(range.leaves.len());
        let bytes = values.saturating_mul(VALUE_BYTES);
        if bytes >= LEAST_RUN_BYTES {
            self.opened_bytes = self.opened_bytes.saturating_add(bytes);
        }
        let mut schedule = self.crew.lock();
        schedule.open(range);
        self.crew.unlock(schedule);
        if self.opened_bytes >= WORTH_A_THREAD_BYTES {
            while self.crew.grow() {}
        }
    }
}

fn work_off(step: Step, wanted: Option<u64>, stop: &AtomicBool) -> Outcome {
    match step {
        Step::Select { number, range } => {
            let result = guard(&range.what(), || select(&range, wanted, stop));
            Outcome::Selected { number, result }
        }
        Step::Decode { number, columns } => {
            let decode = |work: ColumnWork| {
                let (what, column) = (work.range.what(), work.column);
                let done = guard(&what, || Ok(work.decode_next()));
                let (decoder, result) = done.unwrap_or_else(|error| (None, Err(error)));
                (column, decoder, result)
            };
            Outcome::Decoded { number, columns: columns.into_iter().map(decode).collect() }
        }
    }
}
