//! Signals: temporary names are removed before a signal takes its default course.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// Names to remove when a signal ends the process.
static TEMPORARY_NAMES: Mutex<Vec<Temporary>> = Mutex::new(Vec::new());
static STARTED: Once = Once::new();

/// A name, and what removes it.
struct Temporary {
    path: PathBuf,
    remove: fn(&Path),
}

/// Turns SIGXFSZ (a file grew past `ulimit -f`) into an ordinary write error: any handler at all
/// makes `write` return EFBIG.
pub(super) fn make_file_size_limit_an_error() {
    let _refused = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Makes a file of this name, which goes should INT, TERM or HUP end the process.
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

/// `name` is gone, or is no longer temporary.
pub(super) fn forget(name: &Path) {
    Held(names()).forget(name);
}

/// Keeps signals from ending the process until it is dropped: what happens meanwhile and what is to be
/// removed belong together. One that came earlier is at its work, and the call does not return.
///
/// # Errors
/// The system refuses to watch for signals.
pub(super) fn hold() -> io::Result<Held> {
    let mut watching = Ok(());
    STARTED.call_once(|| watching = watch());
    watching.map(|()| Held(names()))
}

/// No signal ends the process.
pub(super) struct Held(MutexGuard<'static, Vec<Temporary>>);

impl Held {
    /// Calls `remove` for the name should INT, TERM or HUP end the process.
    pub(super) fn add(&mut self, path: PathBuf, remove: fn(&Path)) {
        self.0.push(Temporary { path, remove });
    }

    /// As [`forget`].
    pub(super) fn forget(&mut self, name: &Path) {
        self.0.retain(|other| other.path != name);
    }
}

fn watch() -> io::Result<()> {
    // A signal that the parent ignores (`nohup`) stays ignored.
    let watched: Vec<i32> =
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|s| !is_ignored(*s)).collect();
    let mut signals = Signals::new(watched)?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the process is gone: nothing is made in a directory that is being removed,
            // and nobody tells of files that vanished under their hands.
            let mut names = names();
            for temporary in names.drain(..) {
                (temporary.remove)(&temporary.path);
            }
            let _refused = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Reads the mask of ignored signals where the system shows it.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

fn names() -> MutexGuard<'static, Vec<Temporary>> {
    TEMPORARY_NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}
