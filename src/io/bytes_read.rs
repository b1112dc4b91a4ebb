//! The number of input bytes that the process has read: `io` counts, `command` shows.
//!
//! One process does one job, so the count is global and needs no owner.

use std::sync::atomic::{AtomicU64, Ordering};

static READ_BYTES: AtomicU64 = AtomicU64::new(0);

/// Counts bytes that were read, or skipped unread.
pub(crate) fn add(bytes: usize) {
    READ_BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
}

/// The number of bytes so far.
pub(crate) fn read_bytes() -> u64 {
    READ_BYTES.load(Ordering::Relaxed)
}
