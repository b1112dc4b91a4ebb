//! The number of threads that may work at the same time, for everything in a process.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// The threads that may work at the same time. Clones share them.
///
/// The thread that reads and writes, which calls for the work of the others, is always counted,
/// even while it waits: with one thread there is no other. The others are taken while they work:
/// threads that wait for work take none, so that one crew can use what another one leaves.
#[derive(Debug, Clone)]
pub struct Threads {
    count: usize,
    /// How many threads may begin to work, in addition to those that do.
    free: Arc<AtomicUsize>,
}

/// A thread in addition to the caller's, from the time when it begins to work until it stops.
pub(crate) struct Working(Threads);

impl Threads {
    /// This many threads, including the caller's; at least one.
    pub fn new(count: usize) -> Self {
        let count = count.max(1);
        Self { count, free: Arc::new(AtomicUsize::new(count - 1)) }
    }

    /// One thread per core available to this process (considering its affinity and its share of a
    /// container). All parts of the process share them.
    pub fn per_core() -> Self {
        // The answer is read from files.
        static PER_CORE: OnceLock<Threads> = OnceLock::new();
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        PER_CORE.get_or_init(|| Self::new(cores())).clone()
    }

    /// Only the caller's thread.
    pub(crate) fn one() -> Self {
        Self::new(1)
    }

    /// The number of threads, including the caller's.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether another thread may begin to work.
    pub(super) fn has_free(&self) -> bool {
        self.free.load(Ordering::Relaxed) > 0
    }

    /// Takes a thread, unless all of them work.
    pub(crate) fn take(&self) -> Option<Working> {
        let one_less = |free: usize| free.checked_sub(1);
        self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        Some(Working(self.clone()))
    }
}

/// One thread per core.
impl Default for Threads {
    fn default() -> Self {
        Self::per_core()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::Relaxed);
    }
}
