//! Standard descriptors that were closed before the program began (`tool >&-`).
//!
//! Rust's start-up opens /dev/null in their place, so output would be lost silently. They are
//! therefore checked before start-up.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CLOSED: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

/// Whether standard input (0) or standard output (1) was closed when the program began.
pub(super) fn was_closed(descriptor: usize) -> bool {
    IS_CLOSED.get(descriptor).is_some_and(|closed| closed.load(Ordering::Relaxed))
}

/// The loader calls the functions in this section before `main` and before Rust's start-up.
#[cfg(target_os = "linux")]
#[used]
// SAFETY: the section holds addresses of C functions, and this is one. It runs before Rust's
// start-up, so it uses nothing from the standard library except atomics.
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = {
    extern "C" fn look() {
        for (descriptor, closed) in (0..).zip(&IS_CLOSED) {
            // SAFETY: F_GETFD takes no argument and changes nothing; for a descriptor that is not
            // open it returns -1.
            let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
            closed.store(flags == -1, Ordering::Relaxed);
        }
    }
    look
};
