//! Jobs that threads run ahead of time, and whose results are taken in the order of the jobs.
//!
//! A caller that would have to wait runs the next job itself if no thread has started it. Without
//! threads each job runs when its result is requested.

use super::budget::Threads;
use super::crew::{Crew, Queue};
use crate::error::{Result, guard};
use std::collections::VecDeque;

/// The results of jobs that are numbered from 0.
pub(crate) struct InOrder<T: Send + 'static> {
    crew: Crew<State<T>>,
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

struct State<T> {
    jobs: usize,
    /// How many results were returned: the number of the first job in `begun`.
    given: usize,
    /// Jobs that were started, and their results.
    begun: VecDeque<Option<Result<T>>>,
    most_ahead: usize,
}

/// More threads than this only wait for one another, or for the disk.
const MOST_THREADS: usize = 4;

/// The number of jobs per thread that are run ahead.
const AHEAD: usize = 4;

impl<T: Send + 'static> InOrder<T> {
    /// Creates a queue of `jobs` jobs for these threads.
    pub(crate) fn new(
        jobs: usize,
        threads: &Threads,
        job: impl Fn(usize) -> Result<T> + Send + Sync + 'static,
    ) -> Self {
        Self::with_most_ahead(AHEAD * MOST_THREADS, jobs, threads, job)
    }

    /// Like [`InOrder::new`], with no more than `most_ahead` results that wait to be taken.
    pub(crate) fn with_most_ahead(
        most_ahead: usize,
        jobs: usize,
        threads: &Threads,
        job: impl Fn(usize) -> Result<T> + Send + Sync + 'static,
    ) -> Self {
        let useful = AHEAD * MOST_THREADS.min(threads.count() - 1);
        let most_ahead = useful.min(most_ahead).max(1);
        let state = State { jobs, given: 0, begun: VecDeque::new(), most_ahead };
        let run = move |number: usize| guard("internal error, please report it", || job(number));
        let run = move |number, _: &_| (number, run(number));
        Self { crew: Crew::new("ahead", threads, MOST_THREADS, state, run) }
    }

    /// The next result.
    pub(crate) fn next(&mut self, effort: Effort) -> Given<T> {
        let (mut state, mut has_helped) = (self.crew.lock(), false);
        loop {
            if state.given == state.jobs {
                return Given::End;
            }
            match state.begun.front_mut().map(Option::take) {
                Some(Some(result)) => {
                    state.begun.pop_front();
                    state.given += 1;
                    has_helped &= state.given > 1;
                    self.crew.unlock(state);
                    // A second job shows that there may be more: a caller that needs only the first
                    // result does not pay for others.
                    if has_helped {
                        self.crew.grow();
                    }
                    return Given::Result(result);
                }
                Some(None) if effort < Effort::Wait => return Given::NotYet,
                Some(None) => state = self.crew.wait(state),
                None if effort < Effort::Work => return Given::NotYet,
                None => {
                    state = self.crew.help(state);
                    has_helped = true;
                }
            }
        }
    }
}

impl<T: Send + 'static> Queue for State<T> {
    type Job = usize;
    type Outcome = (usize, Result<T>);

    fn take(&mut self) -> Option<usize> {
        let has_job = self.has_job();
        has_job.then(|| {
            self.begun.push_back(None);
            self.given + self.begun.len() - 1
        })
    }

    /// No more jobs ahead than were needed so far, up to the maximum.
    fn has_job(&self) -> bool {
        self.begun.len() < self.most_ahead.min(self.given + 1)
            && self.given + self.begun.len() < self.jobs
    }

    fn put(&mut self, (number, result): (usize, Result<T>)) {
        let place = number.checked_sub(self.given);
        if let Some(begun) = place.and_then(|place| self.begun.get_mut(place)) {
            *begun = Some(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn all(jobs: usize, threads: usize) -> Vec<String> {
        let mut results = InOrder::new(jobs, &Threads::new(threads), |number| match number % 7 {
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
        let mut results = InOrder::new(1000, &Threads::new(4), move |number| {
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
