//! How many bytes of its inputs the process has read: `io` counts, `command` shows.
//!
//! One process does one job, so the count is the process's own and needs no owner.

use std::sync::atomic::{AtomicU64, Ordering};

static READ_BYTES: AtomicU64 = AtomicU64::new(0);

/// So many more bytes were read, or were passed over unread.
pub(crate) fn add(bytes: usize) {
    READ_BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
}

/// All bytes so far.
pub(crate) fn read_bytes() -> u64 {
    READ_BYTES.load(Ordering::Relaxed)
}
