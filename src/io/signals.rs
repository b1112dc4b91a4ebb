//! Signals: temporary files are removed before a signal takes its default action.

use super::sudden_end::{self, Cleanup};
use crate::error::Error;
use signal_hook::consts::SIGXFSZ;
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Names to remove when a signal ends the process.
static TEMPORARY_NAMES: Mutex<Vec<Temporary>> = Mutex::new(Vec::new());

/// Set once signals are watched.
static WATCHED: OnceLock<Handle> = OnceLock::new();

/// The thread that watches for signals; 0 while none does.
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// The thread that removes the names; 0 while none does.
static REMOVING: AtomicUsize = AtomicUsize::new(0);

/// Memory for the removal, which is given back to the system if it refuses any.
static RESERVE: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());

/// More than lists of the entries of a directory take.
const RESERVE_BYTES: usize = 1 << 20;

/// Enough for the names that are handled while signals are held back.
const HEADROOM_BYTES: usize = 64 << 10;

/// A path, and what removes it.
struct Temporary {
    path: PathBuf,
    remove: Remove,
}

type Remove = Box<dyn Fn(&Path) + Send>;

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
    held.add(name.to_owned(), |name: &Path| {
        let _gone = std::fs::remove_file(name);
    });
    Ok(made)
}

/// Calls `remove` with the path if a signal ends the process, until [`forget`] is called with it.
///
/// # Errors
/// The system refuses to watch for signals.
pub fn on_signal(path: PathBuf, remove: impl Fn(&Path) + Send + 'static) -> io::Result<()> {
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
    watch()?;
    // If memory is refused, then before the change and not in the middle of it: what is freed here
    // is allocated again there.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(HEADROOM_BYTES)));
    let names = names();
    if sudden_end::has_begun() {
        drop(names);
        sudden_end::wait_for_the_end();
    }
    Ok(Held(names))
}

/// A guard; while it exists, no signal ends the process.
pub(super) struct Held(MutexGuard<'static, Vec<Temporary>>);

impl Held {
    /// Calls `remove` for the name if a signal ends the process.
    pub(super) fn add(&mut self, path: PathBuf, remove: impl Fn(&Path) + Send + 'static) {
        self.0.push(Temporary { path, remove: Box::new(remove) });
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

/// Starts to watch for signals, unless that was done.
///
/// # Errors
/// No thread can be started; too many open files.
pub(super) fn watch() -> io::Result<()> {
    static STARTING: Mutex<()> = Mutex::new(());
    let _alone = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if WATCHED.get().is_some() {
        return Ok(());
    }
    // Started first: without it, signals must keep their default action.
    let (sender, receiver) = sync_channel::<Signals>(0);
    let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Ok(mut signals) = receiver.recv() {
            end_process(signals.forever().next());
        }
    });
    // The kind of the cause is WouldBlock, which has other meanings to callers.
    let thread =
        thread.map_err(|e| io::Error::other(Error::io("cannot start a thread", &e).to_string()))?;
    // Not by the thread itself, which may begin to run after the first signal.
    WATCHING.store(thread.as_pthread_t() as usize, Ordering::SeqCst);
    let ignored = ignored();
    let is_watched = |signal: &i32| ignored >> (signal - 1) & 1 == 0;
    // A signal that the parent ignores (`nohup`) stays ignored.
    let sent = SENT.iter().copied().chain(realtime_signals());
    let raised = || RAISED.iter().copied().filter(is_watched);
    let signals = Signals::new(sent.filter(is_watched).chain(raised()))?;
    for signal in raised() {
        hold_back_raiser(signal)?;
    }
    reserve();
    let _first = WATCHED.set(signals.handle());
    // Returns when the thread runs: one that has no memory for its stack ends the process, now and
    // not when files are in their places.
    let _runs = sender.send(signals);
    sudden_end::clean_up_by(Cleanup { run: remove_names, runs_in: removes_names });
    Ok(())
}

/// Removes the names, and ends the process by the signal; with exit status 1 if there is none.
fn end_process(signal: Option<i32>) -> ! {
    REMOVING.store(sudden_end::this_thread(), Ordering::SeqCst);
    // Held until the process is gone, so that nothing is created in a directory that is being
    // removed, and no other thread reports files that are missing because of it.
    let mut names = names();
    // In reverse order: a directory that was made for other entries is empty by then.
    for temporary in names.drain(..).rev() {
        (temporary.remove)(&temporary.path);
    }
    match signal {
        Some(signal) => take_default_course(signal),
        None => sudden_end::exit(),
    }
}

/// Lets the thread that watches for signals remove the names and end the process, with exit status
/// 1 for a failure. Returns if it takes too long: the calling thread may hold the lock. May be
/// called in a signal handler.
fn remove_names() {
    let Some(watched) = WATCHED.get() else { return };
    let reserve = RESERVE.swap(std::ptr::null_mut(), Ordering::SeqCst);
    if !reserve.is_null() {
        // SAFETY: the mapping is the one of `reserve`, and has no other use.
        unsafe { libc::munmap(reserve, RESERVE_BYTES) };
    }
    // That thread has no memory to wait for signals, and no other thread removes the names.
    if sudden_end::this_thread() == WATCHING.load(Ordering::SeqCst) {
        end_process(None);
    }
    // Sets a flag and writes a byte to a socket.
    watched.close();
    wait_for_the_thread();
}

/// Sleeps while the thread that watches for signals ends the process; returns if it takes too long.
/// A handler may not wait for a condition, which needs a lock.
fn wait_for_the_thread() {
    for _ in 0..WAITS.0 {
        std::thread::sleep(WAITS.1);
    }
}

/// Whether this is the thread that removes the names.
fn removes_names(thread: usize) -> bool {
    REMOVING.load(Ordering::SeqCst) == thread
}

fn reserve() {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping at a place that the system chooses touches no other memory.
    let memory =
        unsafe { libc::mmap(std::ptr::null_mut(), RESERVE_BYTES, protection, flags, -1, 0) };
    if memory != libc::MAP_FAILED {
        RESERVE.store(memory, Ordering::SeqCst);
    }
}

#[cfg(target_os = "linux")]
fn realtime_signals() -> impl Iterator<Item = i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

#[cfg(not(target_os = "linux"))]
fn realtime_signals() -> impl Iterator<Item = i32> {
    std::iter::empty()
}

/// Makes the thread that raised this signal wait in its handler while the names are removed, unless
/// it is the one that removes them. If that takes too long (the thread itself may hold the lock),
/// the signal takes its default action.
fn hold_back_raiser(signal: i32) -> io::Result<()> {
    let wait = move || {
        if sudden_end::this_thread() == WATCHING.load(Ordering::SeqCst) {
            return;
        }
        wait_for_the_thread();
        reset(signal);
    };
    // SAFETY: the action only sleeps (nanosleep), reads its thread's identity (pthread_self) and
    // resets the handler (sigaction), all of which may be called in a signal handler.
    unsafe { signal_hook::low_level::register(signal, wait) }.map(drop)
}

/// Ends the process by the signal, so that its parent sees the cause.
fn take_default_course(signal: i32) -> ! {
    reset(signal);
    // Not `emulate_default_handler`: it does not know real-time signals, and treats IO as a signal
    // to ignore.
    let _refused = signal_hook::low_level::raise(signal);
    signal_hook::low_level::abort()
}

/// Restores the default action of the signal.
fn reset(signal: i32) {
    // SAFETY: no handler is installed, so nothing can be called at an unexpected time.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// The mask of signals that are ignored, as the system provides it; none if it provides no mask.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or_default()
}

fn names() -> MutexGuard<'static, Vec<Temporary>> {
    TEMPORARY_NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}
