//! The decoding threads: they take steps from a schedule and put back the results.
//!
//! The thread that requests batches also works while it would otherwise wait. With one thread there
//! is no other, and each batch is decoded when it is requested.

use super::column_work::{ColumnWork, Decoded, Next, Outcome, Step};
use super::plan::NextRun;
use super::schedule::Schedule;
use super::select::select;
use super::source::RowRange;
use crate::error::{Error, Result, guard};
use crate::expression::Predicate;
use crate::threads::in_order::Effort;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

/// A schedule, and the threads that work on it.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    most_threads: usize,
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

struct Shared {
    schedule: Mutex<Schedule>,
    /// How many threads wait for work. It changes only under the lock: a thread that held the lock
    /// and finds none waiting need not notify any, which would cost a system call.
    waiting: AtomicUsize,
    /// Whether the thread that requests batches waits for one; the same rule applies.
    is_awaited: AtomicBool,
    predicate: Option<Arc<Predicate>>,
    /// There may be a step to take.
    work: Condvar,
    /// The next batch may be complete.
    done: Condvar,
    stop: AtomicBool,
}

impl Workers {
    /// Creates workers for `threads` threads, including the caller. `wanted` is the number of
    /// matching rows wanted.
    pub(crate) fn new(
        threads: usize,
        predicate: Option<Arc<Predicate>>,
        wanted: Option<u64>,
    ) -> Self {
        let schedule = Schedule::new(threads, predicate.is_some(), wanted);
        let shared = Shared {
            schedule: Mutex::new(schedule),
            waiting: AtomicUsize::new(0),
            is_awaited: AtomicBool::new(false),
            predicate,
            work: Condvar::new(),
            done: Condvar::new(),
            stop: AtomicBool::new(false),
        };
        let shared = Arc::new(shared);
        Self { shared, threads: Vec::new(), most_threads: threads - 1, opened_bytes: 0, end: None }
    }

    /// The columns of the next batch and its number of rows; `None` at the end. `next_run` returns
    /// the row range that follows those it returned before.
    ///
    /// # Errors
    /// The first error in the order of rows, then of columns. An error of `next_run` comes after
    /// all rows before it.
    pub(crate) fn next(
        &mut self,
        mut next_run: impl FnMut(Effort) -> Result<NextRun>,
    ) -> Result<Option<Decoded>> {
        let mut effort = Effort::Work;
        loop {
            while self.end.is_none() && self.shared.lock().wants_more() {
                let is_idle = self.shared.lock().is_empty();
                match next_run(if is_idle { Effort::Wait } else { effort }) {
                    Ok(NextRun::RowRange(run)) => self.open(run),
                    Ok(NextRun::NotYet) => break,
                    Ok(NextRun::End) => self.end = Some(Ok(())),
                    Err(error) => self.end = Some(Err(error)),
                }
                // Do not delay a finished batch while many files are opened.
                effort = Effort::Take;
            }
            let mut schedule = self.shared.lock();
            match schedule.next()? {
                Next::Batch(batch) => {
                    drop(schedule);
                    // Steps that waited for this batch to be returned can run now.
                    self.shared.call_one();
                    return Ok(Some(batch));
                }
                Next::Nothing if !schedule.wants_more() => return Ok(None),
                Next::Nothing => match &self.end {
                    Some(end) => return end.clone().map(|()| None),
                    None => continue,
                },
                Next::Unfinished => {}
            }
            match schedule.take() {
                Some(step) => {
                    drop(schedule);
                    self.shared.work_off(step);
                }
                None => {
                    self.shared.is_awaited.store(true, Ordering::Relaxed);
                    let schedule = self.shared.done.wait(schedule);
                    self.shared.is_awaited.store(false, Ordering::Relaxed);
                    drop(schedule);
                }
            }
        }
    }

    fn open(&mut self, run: RowRange) {
        let values = run.rows.len().saturating_mul(run.source.read.len());
        let bytes = values.saturating_mul(VALUE_BYTES);
        if LEAST_RUN_BYTES <= bytes {
            self.opened_bytes = self.opened_bytes.saturating_add(bytes);
        }
        self.shared.lock().open(run);
        if 0 < self.shared.waiting.load(Ordering::Relaxed) {
            self.shared.work.notify_all();
        }
        let is_worth = WORTH_A_THREAD_BYTES <= self.opened_bytes;
        while is_worth && self.threads.len() < self.most_threads && self.shared.lock().has_step() {
            let shared = Arc::clone(&self.shared);
            let worker = Builder::new().name("decode".to_owned()).spawn(move || shared.work());
            match worker {
                Ok(worker) => self.threads.push(worker),
                // Fall back to the existing threads.
                Err(_) => self.most_threads = self.threads.len(),
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // A thread between looking for work and waiting for it holds the lock.
        drop(self.shared.lock());
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}

impl Shared {
    /// A thread that panicked left the schedule intact: nothing that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes a thread that waits for work, if there is one.
    fn call_one(&self) {
        if 0 < self.waiting.load(Ordering::Relaxed) {
            self.work.notify_one();
        }
    }

    fn work(&self) {
        let mut schedule = self.lock();
        while !self.stop.load(Ordering::Relaxed) {
            match schedule.take() {
                None => {
                    self.waiting.fetch_add(1, Ordering::Relaxed);
                    schedule = self.work.wait(schedule).unwrap_or_else(PoisonError::into_inner);
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                }
                Some(step) => {
                    let is_more = schedule.has_step();
                    drop(schedule);
                    if is_more {
                        self.call_one();
                    }
                    self.work_off(step);
                    schedule = self.lock();
                }
            }
        }
    }

    fn work_off(&self, step: Step) {
        let outcome = match step {
            Step::Select { number, run } => {
                let result = guard(&run.what(), || match &self.predicate {
                    Some(predicate) => select(&run, predicate, &self.stop),
                    None => Err(Error::failed("no predicate")),
                });
                Outcome::Selected { number, result }
            }
            Step::Decode { number, columns } => {
                let decode = |work: ColumnWork| {
                    let (what, column) = (work.what(), work.column());
                    // The caller would wait forever for a thread that died of a panic.
                    let done = guard(&what, || Ok(work.run()));
                    let (decoder, result) = done.unwrap_or_else(|error| (None, Err(error)));
                    (column, decoder, result)
                };
                Outcome::Decoded { number, columns: columns.into_iter().map(decode).collect() }
            }
        };
        self.lock().put(outcome);
        if self.is_awaited.load(Ordering::Relaxed) {
            self.done.notify_one();
        }
    }
}
