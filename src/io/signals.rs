//! Signals: temporary files are removed before a signal takes its default action.

use signal_hook::consts::SIGXFSZ;
use signal_hook::iterator::Signals;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

/// Names to remove when a signal ends the process.
static TEMPORARY_NAMES: Mutex<Vec<Temporary>> = Mutex::new(Vec::new());
static STARTED: Once = Once::new();

/// A path, and the function that removes it.
struct Temporary {
    path: PathBuf,
    remove: fn(&Path),
}

/// Turns SIGXFSZ (a file grew past `ulimit -f`) into an ordinary write error: any handler at all
/// makes `write` return EFBIG.
pub(super) fn make_file_size_limit_an_error() {
    let _refused = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Creates a file with this name, which is removed if a signal ends the process.
///
/// # Errors
/// Those of `make`; the system refuses to watch for signals.
pub(super) fn make_until_signal<T>(
    name: &Path,
    make: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let mut held = hold()?;
    let made = make()?;
    held.add(name.to_owned(), |name| {
        let _gone = std::fs::remove_file(name);
    });
    Ok(made)
}

/// Calls `remove` with the path if a signal ends the process, until [`forget`] is called with it.
///
/// # Errors
/// The system refuses to watch for signals.
pub fn on_signal(path: PathBuf, remove: fn(&Path)) -> io::Result<()> {
    hold()?.add(path, remove);
    Ok(())
}

/// Forgets `name`, because it was removed or is no longer temporary.
pub fn forget(name: &Path) {
    Held(names()).forget(name);
}

/// Prevents signals from ending the process until the result is dropped, so that a change and its
/// registration for removal happen together. If a signal is already being handled, the call does
/// not return.
///
/// # Errors
/// The system refuses to watch for signals.
pub(super) fn hold() -> io::Result<Held> {
    let mut watching = Ok(());
    STARTED.call_once(|| watching = watch());
    watching.map(|()| Held(names()))
}

/// A guard; while it exists, no signal ends the process.
pub(super) struct Held(MutexGuard<'static, Vec<Temporary>>);

impl Held {
    /// Calls `remove` for the name if a signal ends the process.
    pub(super) fn add(&mut self, path: PathBuf, remove: fn(&Path)) {
        self.0.push(Temporary { path, remove });
    }

    /// Like [`forget`].
    pub(super) fn forget(&mut self, name: &Path) {
        self.0.retain(|other| other.path != name);
    }
}

/// Signals that end a process unless it catches them, sent by other processes, the terminal or a
/// limit.
const SENT: &[i32] = &[
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGXCPU,
    #[cfg(target_os = "linux")]
    libc::SIGIO,
    #[cfg(target_os = "linux")]
    libc::SIGPWR,
    #[cfg(target_os = "linux")]
    libc::SIGSTKFLT,
];

/// Signals that the process also raises itself: out of memory, a mapped file that shrank. The
/// thread that raised one must not continue. ILL, FPE and SEGV are not among them: they mean that
/// the program's own memory cannot be trusted.
const RAISED: &[i32] = &[libc::SIGABRT, libc::SIGBUS, libc::SIGSYS, libc::SIGTRAP];

/// How often and how long a thread that raised a signal waits for the signal thread to end the
/// process.
const WAITS: (u32, Duration) = (100, Duration::from_millis(50));

fn watch() -> io::Result<()> {
    // A signal that the parent ignores (`nohup`) stays ignored.
    let sent = SENT.iter().copied().chain(realtime_signals());
    let watched: Vec<i32> =
        sent.chain(RAISED.iter().copied()).filter(|signal| !is_ignored(*signal)).collect();
    let mut signals = Signals::new(watched)?;
    for signal in RAISED.iter().copied().filter(|signal| !is_ignored(*signal)) {
        hold_back_raiser(signal)?;
    }
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the process is gone, so that nothing is created in a directory that is
            // being removed, and no other thread reports files that are missing because of it.
            let mut names = names();
            // In reverse order: a directory that was made for other entries is empty by then.
            for temporary in names.drain(..).rev() {
                (temporary.remove)(&temporary.path);
            }
            take_default_course(signal);
        }
    })?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn realtime_signals() -> impl Iterator<Item = i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

#[cfg(not(target_os = "linux"))]
fn realtime_signals() -> impl Iterator<Item = i32> {
    std::iter::empty()
}

/// Makes the thread that raised this signal wait in its handler while the names are removed. If
/// that takes too long (the thread itself may hold the lock), the signal takes its default action.
fn hold_back_raiser(signal: i32) -> io::Result<()> {
    let wait = move || {
        for _ in 0..WAITS.0 {
            std::thread::sleep(WAITS.1);
        }
        reset(signal);
    };
    // SAFETY: the action only sleeps (nanosleep) and resets the handler (sigaction), both of which
    // may be called in a signal handler.
    unsafe { signal_hook::low_level::register(signal, wait) }.map(drop)
}

/// Ends the process by the signal, so that its parent sees the cause.
fn take_default_course(signal: i32) {
    reset(signal);
    // Not `emulate_default_handler`: it does not know real-time signals, and treats IO as a signal
    // to ignore.
    let _refused = signal_hook::low_level::raise(signal);
    signal_hook::low_level::abort();
}

/// Restores the default action of the signal.
fn reset(signal: i32) {
    // SAFETY: no handler is installed, so nothing can be called at an unexpected time.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// Whether a signal is ignored, read from the mask that the system provides; false if it provides
/// none.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

fn names() -> MutexGuard<'static, Vec<Temporary>> {
    TEMPORARY_NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}
