//! Jobs that threads run ahead of time, and whose results are taken in the order of the jobs.
//!
//! A caller that would have to wait runs the next job itself if no thread has started it. Without
//! threads each job runs when its result is requested.

use crate::error::{Result, guard};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

/// The results of jobs that are numbered from 0.
pub(crate) struct InOrder<T> {
    shared: Arc<Shared<T>>,
    threads: Vec<JoinHandle<()>>,
    most_threads: usize,
}

/// How far a caller may go to get the next result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effort {
    /// Take the result only if it is ready.
    Take,
    /// Run the job, unless it has been started.
    Work,
    /// Run the job, or wait for it.
    Wait,
}

/// The answer to a request for the next result.
pub(crate) enum Given<T> {
    Result(Result<T>),
    NotYet,
    /// All results were returned.
    End,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    job: Box<dyn Fn(usize) -> Result<T> + Send + Sync>,
    jobs: usize,
    most_ahead: usize,
    /// A job may be started.
    work: Condvar,
    /// A job is done.
    done: Condvar,
}

struct State<T> {
    /// How many results were returned: the number of the first job in `begun`.
    given: usize,
    /// Jobs that were started, and their results.
    begun: VecDeque<Option<Result<T>>>,
    /// How many threads wait for work: notifying when none waits would waste a system call.
    waiting: usize,
    is_stopped: bool,
}

/// More threads than this only wait for one another, or for the disk.
const MOST_THREADS: usize = 4;

/// The number of jobs per thread that are run ahead.
const AHEAD: usize = 4;

impl<T: Send + 'static> InOrder<T> {
    /// Creates a queue of `jobs` jobs for `threads` threads, including the caller.
    pub(crate) fn new(
        jobs: usize,
        threads: usize,
        job: impl Fn(usize) -> Result<T> + Send + Sync + 'static,
    ) -> Self {
        let most_threads = threads.saturating_sub(1).min(MOST_THREADS);
        let state = State { given: 0, begun: VecDeque::new(), waiting: 0, is_stopped: false };
        let shared = Shared {
            state: Mutex::new(state),
            job: Box::new(job),
            jobs,
            most_ahead: AHEAD * most_threads,
            work: Condvar::new(),
            done: Condvar::new(),
        };
        Self { shared: Arc::new(shared), threads: Vec::new(), most_threads }
    }

    /// The next result.
    pub(crate) fn next(&mut self, effort: Effort) -> Given<T> {
        let mut state = self.shared.lock();
        loop {
            if state.given == self.shared.jobs {
                return Given::End;
            }
            match state.begun.front_mut().map(Option::take) {
                Some(Some(result)) => {
                    self.shared.pass(state);
                    return Given::Result(result);
                }
                Some(None) if effort < Effort::Wait => return Given::NotYet,
                Some(None) => {
                    state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                None if effort < Effort::Work => return Given::NotYet,
                None => break,
            }
        }
        let number = state.begin();
        drop(state);
        self.begin_ahead(number);
        let result = self.shared.run(number);
        self.shared.pass(self.shared.lock());
        Given::Result(result)
    }

    /// Starts a thread, but only from the second job on, which shows that there may be more: a
    /// caller that needs only the first result does not pay for others.
    fn begin_ahead(&mut self, number: usize) {
        if 0 < number && number + 1 < self.shared.jobs && self.threads.len() < self.most_threads {
            let shared = Arc::clone(&self.shared);
            match Builder::new().name("ahead".to_owned()).spawn(move || shared.work()) {
                Ok(thread) => self.threads.push(thread),
                // Fall back to the existing threads.
                Err(_) => self.most_threads = self.threads.len(),
            }
        }
    }
}

impl<T> Drop for InOrder<T> {
    fn drop(&mut self) {
        self.shared.lock().is_stopped = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}

impl<T> Shared<T> {
    /// A thread that panicked left the state intact: nothing that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a job and catches panics: the caller would wait forever for a thread that died.
    fn run(&self, number: usize) -> Result<T> {
        guard("internal error, please report it", || (self.job)(number))
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.is_stopped {
            // No more jobs ahead than were needed so far, up to the maximum.
            let most_ahead = self.most_ahead.min(state.given + 1);
            if state.begun.len() < most_ahead && state.given + state.begun.len() < self.jobs {
                let number = state.begin();
                drop(state);
                let result = self.run(number);
                state = self.lock();
                let place = number.checked_sub(state.given);
                if let Some(begun) = place.and_then(|place| state.begun.get_mut(place)) {
                    *begun = Some(result);
                }
                self.done.notify_one();
            } else {
                state.waiting += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
            }
        }
    }

    /// Removes the first result, which was returned, so that another job may start.
    fn pass(&self, mut state: MutexGuard<'_, State<T>>) {
        state.begun.pop_front();
        state.given += 1;
        let is_awaited = 0 < state.waiting;
        drop(state);
        if is_awaited {
            self.work.notify_one();
        }
    }
}

impl<T> State<T> {
    /// Takes the next job.
    fn begin(&mut self) -> usize {
        self.begun.push_back(None);
        self.given + self.begun.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn all(jobs: usize, threads: usize) -> Vec<String> {
        let mut results = InOrder::new(jobs, threads, |number| match number % 7 {
            3 => Err(Error::failed(format!("{number}"))),
            5 => panic!("{number}"),
            _ => Ok(number * number),
        });
        let mut found = Vec::new();
        loop {
            match results.next(Effort::Wait) {
                Given::Result(result) => found.push(format!("{result:?}")),
                Given::NotYet => panic!("the call must wait"),
                Given::End => return found,
            }
        }
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let expected = all(100, 1);
        assert_eq!(expected.len(), 100);
        assert!(expected[4] == "Ok(16)" && expected[5].contains("report it: 5"));
        assert!((2..=6).all(|threads| all(100, threads) == expected));
        assert!(all(0, 3).is_empty());
    }

    #[test]
    fn few_jobs_start_if_few_results_are_taken() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let mut results = InOrder::new(1000, 4, move |number| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(number)
        });
        assert!(matches!(results.next(Effort::Take), Given::NotYet));
        assert!(matches!(results.next(Effort::Work), Given::Result(Ok(0))));
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        for _ in 0..3 {
            results.next(Effort::Wait);
        }
        drop(results);
        assert!(begun.load(Ordering::Relaxed) <= 4 + 5);
    }
}
