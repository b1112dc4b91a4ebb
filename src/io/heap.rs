//! Heap settings: freed pages are kept for the next batch.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use std::sync::Once;

/// glibc returns large freed blocks to the system and faults their pages in again for the next
/// batch. Reading a hundred million rows with a predicate took 1.9 s and 540,000 page faults that
/// way; with these two settings it took 0.7 s and 4,100, with no more memory at its peak (26 MiB).
///
/// Other allocators with their crates' default settings (tikv-jemallocator 0.6, mimalloc 0.1) take
/// the same time and more processor time. Measured with nine mixed columns through pipes, two
/// processors, medians of six alternating runs (the third line: one run each): seconds, processor
/// seconds, peak memory, page faults. A program starts in 0.98 ms, with jemalloc in 1.26, with
/// mimalloc in 1.32, and is 50 to 370 KiB larger with them.
///
/// | million rows | glibc as set here | jemalloc | mimalloc |
/// |---|---|---|---|
/// | 20, from Parquet | 0.78, 1.19, 39 MiB, 20,690 | 0.74, 1.25, 42 MiB, 21,708 | 0.85, 1.33, 112 MiB, 14,613 |
/// | 20, `stream-filter`, half | 1.18, 0.72, 18 MiB, 2,403 | 1.11, 0.78, 19 MiB, 2,720 | 1.23, 0.76, 38 MiB, 484 |
/// | 60, to Parquet | 5.19, 8.36, 115 MiB, 27,963 | 5.37, 8.66, 120 MiB, 85,102 | 5.24, 8.60, 190 MiB, 33,689 |
///
/// Threads have their own heaps (arenas), each with free pages that the others cannot use. Two
/// heaps are enough, because blocks are large and few: eight threads that decode nine columns took
/// 109 MiB by default, 68 MiB in the same time with two heaps (on two cores), and 58 MiB but twice
/// the time with one.
///
/// Any explicit setting also stops glibc from adapting both thresholds to the most recently freed
/// block. 32 MiB is the largest threshold that it accepts; larger blocks are mapped and unmapped
/// individually.
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

/// Gives pages of free blocks back to the system, wherever they lie. A vector that grows leaves a
/// free block at each step, until its blocks are mapped individually: with the five vectors of ten
/// million groups, about 80 MiB that no block of another size may ever use.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back_free_pages() {
    // SAFETY: only blocks that are free are touched; the allocator takes its own locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators give pages back by themselves, or cannot be asked to.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_free_pages() {}

/// Other allocators keep their pages, or have no such settings.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn keep_pages() {}
