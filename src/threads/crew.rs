//! Threads that work on a queue of jobs, together with the caller that needs the results.
//!
//! The caller runs a job itself instead of waiting, so with one thread there is no other. Threads
//! are named, end when the crew is dropped, and count as working only while they have jobs. If the
//! system refuses to start a thread, those that exist do its work.
//!
//! Waking a thread costs a system call and a context switch, so a thread is woken only if one
//! waits, has a job, and may work; those that work take jobs without any signal.

use super::budget::Threads;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

/// Jobs in an order of their own, and their outcomes. It is locked during each call, so no call may
/// panic.
pub(crate) trait Queue: Send + 'static {
    type Job;
    type Outcome;

    /// Takes the next job that can run now.
    fn take(&mut self) -> Option<Self::Job>;

    /// Whether there is a job to take.
    fn has_job(&self) -> bool;

    fn put(&mut self, outcome: Self::Outcome);
}

/// A queue, and the threads that work on it. When dropped, it lets the threads finish their current
/// jobs.
pub(crate) struct Crew<Q: Queue> {
    shared: Arc<Shared<Q>>,
    threads: Vec<JoinHandle<()>>,
    most_threads: usize,
}

/// Runs a job; the flag says that the crew stops, so that the outcome is not needed. It catches
/// panics: the caller would wait forever for a thread that died.
type RunJob<Q> = dyn Fn(<Q as Queue>::Job, &AtomicBool) -> <Q as Queue>::Outcome + Send + Sync;

struct Shared<Q: Queue> {
    name: &'static str,
    budget: Threads,
    run: Box<RunJob<Q>>,
    queue: Mutex<Q>,
    /// The number of threads that wait for a job and have not been woken. This and `is_awaited`
    /// change only while the queue is locked.
    idle: AtomicUsize,
    /// Whether the caller waits for an outcome.
    is_awaited: AtomicBool,
    is_stopped: AtomicBool,
    /// There may be a job to take.
    work: Condvar,
    /// A job is done.
    done: Condvar,
}

impl<Q: Queue> Crew<Q> {
    /// Creates a crew without threads. In addition to the caller, it gets at most `most_threads`,
    /// and no more than `threads` allows.
    pub(crate) fn new(
        name: &'static str,
        threads: &Threads,
        most_threads: usize,
        queue: Q,
        run: impl Fn(Q::Job, &AtomicBool) -> Q::Outcome + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared {
            name,
            budget: threads.clone(),
            run: Box::new(run),
            queue: Mutex::new(queue),
            idle: AtomicUsize::new(0),
            is_awaited: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
            work: Condvar::new(),
            done: Condvar::new(),
        };
        let most_threads = most_threads.min(threads.count() - 1);
        Self { shared: Arc::new(shared), threads: Vec::new(), most_threads }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Q> {
        self.shared.lock()
    }

    /// Unlocks the queue, and wakes a thread if there is a job for it.
    pub(crate) fn unlock(&self, queue: MutexGuard<'_, Q>) {
        self.shared.unlock(queue);
    }

    /// Runs the next job, or waits until another thread has finished one. There must be a job in
    /// the queue or running.
    pub(crate) fn help<'a>(&'a self, mut queue: MutexGuard<'a, Q>) -> MutexGuard<'a, Q> {
        match queue.take() {
            Some(job) => self.shared.run(queue, job),
            None => self.wait(queue),
        }
    }

    /// Waits until another thread has finished a job.
    pub(crate) fn wait<'a>(&'a self, queue: MutexGuard<'a, Q>) -> MutexGuard<'a, Q> {
        self.shared.is_awaited.store(true, Ordering::Relaxed);
        self.shared.done.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts another thread if there is a job for it and the crew has room; false if not.
    pub(crate) fn grow(&mut self) -> bool {
        if self.most_threads <= self.threads.len() || !self.lock().has_job() {
            return false;
        }
        let shared = Arc::clone(&self.shared);
        let thread = Builder::new().name(shared.name.to_owned()).spawn(move || shared.work());
        match thread {
            Ok(thread) => self.threads.push(thread),
            Err(_) => self.most_threads = self.threads.len(),
        }
        true
    }

    /// Ends the threads, until more of them are started.
    pub(crate) fn rest(&mut self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
        // A thread between looking for work and waiting for it holds the lock.
        drop(self.lock());
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
        self.shared.idle.store(0, Ordering::Relaxed);
        self.shared.is_stopped.store(false, Ordering::Relaxed);
    }
}

impl<Q: Queue> Drop for Crew<Q> {
    fn drop(&mut self) {
        self.rest();
    }
}

impl<Q: Queue> Shared<Q> {
    /// A thread that panicked left the queue intact: nothing that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Q> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unlock(&self, queue: MutexGuard<'_, Q>) {
        let idle = self.idle.load(Ordering::Relaxed);
        let wakes = idle > 0 && self.budget.has_free() && queue.has_job();
        if wakes {
            self.idle.store(idle - 1, Ordering::Relaxed);
        }
        drop(queue);
        if wakes {
            self.work.notify_one();
        }
    }

    fn run<'a>(&'a self, queue: MutexGuard<'a, Q>, job: Q::Job) -> MutexGuard<'a, Q> {
        self.unlock(queue);
        let outcome = (self.run)(job, &self.is_stopped);
        let mut queue = self.lock();
        queue.put(outcome);
        if self.is_awaited.load(Ordering::Relaxed) {
            self.is_awaited.store(false, Ordering::Relaxed);
            drop(queue);
            self.done.notify_one();
            queue = self.lock();
        }
        queue
    }

    /// Works in a thread until the crew stops.
    fn work(&self) {
        let mut working = None;
        let mut queue = self.lock();
        while !self.is_stopped.load(Ordering::Relaxed) {
            working = working.or_else(|| self.budget.take());
            match working.as_ref().and_then(|_| queue.take()) {
                Some(job) => queue = self.run(queue, job),
                None => {
                    working = None;
                    self.idle.fetch_add(1, Ordering::Relaxed);
                    queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::yield_now;

    #[derive(Default)]
    struct Numbers {
        left: Vec<usize>,
        running: usize,
        done: Vec<usize>,
    }

    impl Queue for Numbers {
        type Job = usize;
        type Outcome = usize;

        fn take(&mut self) -> Option<usize> {
            let number = self.left.pop()?;
            self.running += 1;
            Some(number)
        }

        fn has_job(&self) -> bool {
            !self.left.is_empty()
        }

        fn put(&mut self, number: usize) {
            self.running -= 1;
            self.done.push(number);
        }
    }

    #[test]
    fn crews_that_share_threads_work_in_no_more_than_there_are() {
        for count in 1..=4 {
            let threads = Threads::new(count);
            let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let crew = |name| {
                let (working, most) = (Arc::clone(&working), Arc::clone(&most));
                Crew::new(name, &threads, usize::MAX, Numbers::default(), move |number, _| {
                    most.fetch_max(working.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                    // Threads that are one too many would now begin jobs of their own.
                    (0..100).for_each(|_| yield_now());
                    working.fetch_sub(1, Ordering::Relaxed);
                    number
                })
            };
            let mut crews = [crew("a"), crew("b"), crew("c")];
            for round in 0..100 {
                for crew in &mut crews {
                    let mut numbers = crew.lock();
                    numbers.left.extend([3 * round, 3 * round + 1, 3 * round + 2]);
                    crew.unlock(numbers);
                    while crew.grow() {}
                    assert!(crew.threads.len() < count);
                    let numbers = crew.lock();
                    if numbers.has_job() {
                        drop(crew.help(numbers));
                    }
                }
            }
            for crew in &mut crews {
                let mut numbers = crew.lock();
                while numbers.has_job() || numbers.running > 0 {
                    numbers = crew.help(numbers);
                }
                numbers.done.sort_unstable();
                assert!(numbers.done.iter().copied().eq(0..300));
                drop(numbers);
                crew.rest();
            }
            assert!((1..=count).contains(&most.load(Ordering::Relaxed)));
            // All threads are free again.
            let taken: Vec<_> = (0..9).map_while(|_| threads.take()).collect();
            assert_eq!(taken.len(), count - 1);
        }
    }

    #[test]
    fn a_crew_that_is_dropped_lets_its_threads_finish_and_starts_no_more_jobs() {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let numbers = Numbers { left: (0..1000).collect(), ..Numbers::default() };
        // A job lasts until the crew is dropped, so each of the two threads has at most one.
        let run = move |number, is_stopped: &AtomicBool| {
            while !is_stopped.load(Ordering::Relaxed) {
                yield_now();
            }
            counted.fetch_add(1, Ordering::Relaxed);
            number
        };
        let mut crew = Crew::new("a", &Threads::new(3), usize::MAX, numbers, run);
        while crew.grow() {}
        drop(crew);
        assert!(done.load(Ordering::Relaxed) <= 2);
        assert_eq!(Arc::strong_count(&done), 1);
    }
}
