//! The end of a process that cannot continue: memory is refused, a stack is full, a mapped file was
//! shortened. One line on standard error, temporary files removed, exit status 1 (or that of a tool where 1
//! means something else).
//!
//! This runs in signal handlers, and where no memory is left: it allocates nothing, takes no locks,
//! and calls only functions that may be called in a signal handler.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

/// The name of the tool, for the line; empty if nothing is to be reported.
static TOOL: OnceLock<&'static str> = OnceLock::new();

/// The thread that ends the process; 0 while none does.
static ENDING: AtomicUsize = AtomicUsize::new(0);

/// The exit status.
static STATUS: AtomicI32 = AtomicI32::new(1);

/// The functions that remove temporary files; empty until there may be some.
static CLEANUP: OnceLock<Cleanup> = OnceLock::new();

/// Functions that may be called in a signal handler.
pub(super) struct Cleanup {
    /// Removes the files, and ends the process; returns if it cannot.
    pub(super) run: fn(),
    /// Whether this thread is the one that removes them.
    pub(super) runs_in: fn(usize) -> bool,
}

/// The longest line: a path may be long, and the line is one write.
const LINE_BYTES: usize = 4 << 10;

/// Sets the name that the line begins with. With an empty name, nothing is reported.
pub(super) fn name(tool: &'static str) {
    let _named_already = TOOL.set(tool);
}

/// Sets the exit status of a process that ends here, for a tool whose status 1 is no failure.
pub fn fail_with_status(status: i32) {
    STATUS.store(status, Ordering::SeqCst);
}

/// Sets what is to be done before the process ends.
pub(super) fn clean_up_by(cleanup: Cleanup) {
    let _set_already = CLEANUP.set(cleanup);
}

/// Whether there may be temporary files.
pub(super) fn cleans_up() -> bool {
    CLEANUP.get().is_some()
}

/// Reports the parts of a message on one line, and ends the process. Of several threads, only the
/// first one reports.
pub(super) fn end(parts: &[&[u8]]) -> ! {
    let own = this_thread();
    let first = ENDING.compare_exchange(0, own, Ordering::SeqCst, Ordering::SeqCst);
    // Looked up after the end has begun: a thread that sets it later creates no files any more.
    let cleanup = CLEANUP.get();
    match first {
        Ok(_) => report(parts),
        // It happened again while the temporary files were removed: the next run removes the rest.
        Err(ending) if ending == own || cleanup.is_some_and(|c| (c.runs_in)(own)) => exit(),
        Err(_) => wait_for_the_end(),
    }
    if let Some(cleanup) = cleanup.filter(|cleanup| !(cleanup.runs_in)(own)) {
        (cleanup.run)();
    }
    exit()
}

/// Whether the process is about to end.
pub(super) fn has_begun() -> bool {
    ENDING.load(Ordering::SeqCst) != 0
}

/// Waits until another thread has ended the process.
pub(super) fn wait_for_the_end() -> ! {
    loop {
        // SAFETY: it takes nothing, and returns after a signal handler.
        unsafe { libc::pause() };
    }
}

/// Ends the process at once.
pub(super) fn exit() -> ! {
    // SAFETY: the process ends here, without handlers and destructors.
    unsafe { libc::_exit(STATUS.load(Ordering::SeqCst)) }
}

/// A number that identifies the calling thread; never 0.
pub(super) fn this_thread() -> usize {
    // SAFETY: it takes nothing and cannot fail.
    let own = unsafe { libc::pthread_self() };
    own as usize
}

fn report(parts: &[&[u8]]) {
    let tool = TOOL.get().copied().unwrap_or("arrow-pipes");
    if tool.is_empty() {
        return;
    }
    let mut line = [0; LINE_BYTES];
    let mut length = 0;
    // SAFETY: it takes a number and changes nothing.
    let is_terminal = unsafe { libc::isatty(2) } == 1;
    // Erase a progress line that may be there.
    let clear: &[u8] = if is_terminal { b"\r\x1b[K" } else { b"" };
    for part in [clear, tool.as_bytes(), b": "].iter().chain(parts) {
        // The last byte is for the line feed.
        let room = LINE_BYTES - 1 - length;
        let part = &part[..part.len().min(room)];
        line[length..length + part.len()].copy_from_slice(part);
        length += part.len();
    }
    line[length] = b'\n';
    // SAFETY: the bytes are those of a local array. A failure cannot be reported.
    unsafe { libc::write(2, line.as_ptr().cast(), length + 1) };
}
