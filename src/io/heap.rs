//! The heap: pages that were freed are kept for the next batch.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use std::sync::Once;

/// glibc hands large freed blocks back to the system and faults their pages in again for the next
/// batch. Reading a hundred million rows with a predicate took 1.9 s and 540,000 page faults that
/// way, 0.7 s and 4,100 with these two settings, and no more memory at its peak (26 MiB). jemalloc
/// took as long and 29 MiB; mimalloc's peak grew from 43 to 64 MiB between ten and a hundred million
/// rows.
///
/// Threads have heaps of their own, each with free pages that the others cannot use. Two heaps are
/// enough, since blocks are large and few: eight threads that decode nine columns took 109 MiB as it
/// was, 68 MiB with two heaps and as long (on two cores); with one 58 MiB, and twice as long.
///
/// Any setting also ends glibc's habit of adapting both to what was freed last. 32 MiB is the largest
/// threshold that it takes; larger blocks come and go as mappings of their own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn keep_pages() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: mallopt only sets parameters of the allocator, may be called at any time, and
        // reports a refusal by its result, which changes nothing.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
            libc::mallopt(libc::M_TRIM_THRESHOLD, 64 << 20);
            libc::mallopt(libc::M_ARENA_MAX, 2);
        }
    });
}

/// Other allocators keep their pages, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn keep_pages() {}
