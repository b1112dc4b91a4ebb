//! The progress of a long job: rows, bytes, rate, time, and the time left if the total is known.

use super::progress_line::ProgressLine;
use super::progress_text::Seen;
use crate::io::{bytes_read, transferred};
use crate::options::Operand;
use std::fs::File;
use std::io::{IsTerminal, Seek, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the line is updated: often enough to seem alive, rarely enough to cost nothing.
const RENEWED_EVERY: Duration = Duration::from_millis(500);

/// Whether to show progress, and what is known about the total in advance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProgressOptions {
    pub(super) shown: bool,
    /// The size of all inputs, if all of them are regular files.
    pub(super) total_bytes: Option<u64>,
}

impl ProgressOptions {
    /// Whether progress is shown.
    pub fn is_shown(self) -> bool {
        self.shown
    }

    /// The same options for a different set of input files.
    #[must_use]
    pub fn of_files(self, files: &[Operand]) -> Self {
        let total_bytes = if self.shown { total_bytes(files) } else { None };
        Self { total_bytes, ..self }
    }
}

/// Counts rows and shows them on standard error, if enabled. If it is dropped without
/// [`Progress::finish`], after a failure, it leaves the terminal to the error message.
#[derive(Debug)]
pub struct Progress {
    tool: &'static str,
    options: ProgressOptions,
    job: Arc<Mutex<Job>>,
    /// Set if standard error is a terminal.
    shown: Option<Shown>,
}

/// The state of the job.
#[derive(Debug)]
struct Job {
    /// The rows of the whole job, and of its current phase.
    whole: Counted,
    phase: Option<(&'static str, Counted)>,
}

/// Rows and the time in which they arrived.
#[derive(Debug)]
struct Counted {
    rows: u64,
    total_rows: Option<u64>,
    started: Instant,
    /// When the first rows arrived, and how many: the tool may have waited for its producer.
    first: Option<(Instant, u64)>,
}

/// The terminal line and the thread that updates it: the clock goes on while a tool sorts, spills
/// or waits without adding rows.
#[derive(Debug)]
struct Shown {
    line: Arc<ProgressLine>,
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock. `total_rows` is the number of rows of the whole job, if known.
    pub fn start(tool: &'static str, options: ProgressOptions, total_rows: Option<u64>) -> Self {
        let job = Arc::new(Mutex::new(Job { whole: Counted::new(total_rows), phase: None }));
        let on_terminal = options.shown && std::io::stderr().is_terminal();
        let shown = on_terminal.then(|| {
            let (job, bytes) = (Arc::clone(&job), options.total_bytes);
            Shown::start(move |width| text(tool, &lock(&job), bytes, width))
        });
        Self { tool, options, job, shown }
    }

    /// Adds rows.
    pub fn add(&mut self, rows: usize) {
        if self.options.shown {
            let mut job = lock(&self.job);
            match &mut job.phase {
                Some((_, phase)) => phase.add(rows as u64),
                None => job.whole.add(rows as u64),
            }
        }
    }

    /// Starts a phase after all rows have been read. Rows are counted from 0 again, up to
    /// `total_rows` if known. The last line shows the rows that were read.
    pub fn phase(&mut self, name: &'static str, total_rows: Option<u64>) {
        lock(&self.job).phase = Some((name, Counted::new(total_rows)));
    }

    /// The number of rows that have been read.
    pub fn rows(&self) -> u64 {
        lock(&self.job).whole.rows
    }

    /// Ends the job; the last line stays on the terminal.
    pub fn finish(mut self) {
        lock(&self.job).phase = None;
        let text = |width| text(self.tool, &lock(&self.job), self.options.total_bytes, width);
        match &mut self.shown {
            Some(shown) => {
                shown.stop();
                shown.line.show(text);
            }
            None if self.options.shown => {
                // There may be no reader; the job is done anyway.
                let _ignored = writeln!(std::io::stderr(), "{}", text(usize::MAX));
            }
            None => {}
        }
    }
}

impl Shown {
    fn start(text: impl Fn(usize) -> String + Send + 'static) -> Self {
        let line = Arc::new(ProgressLine::take());
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let (renewed, stopped) = (Arc::clone(&line), Arc::clone(&stop));
        let renew = move || {
            let (is_stopped, signal) = &*stopped;
            let mut guard = is_stopped.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                let waited = signal.wait_timeout(guard, RENEWED_EVERY);
                guard = waited.unwrap_or_else(PoisonError::into_inner).0;
                if *guard {
                    return;
                }
                renewed.show(&text);
            }
        };
        // Without a thread, only the last line is shown.
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(renew).ok();
        Self { line, stop, thread }
    }

    fn stop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Counted {
    fn new(total_rows: Option<u64>) -> Self {
        Self { rows: 0, total_rows, started: Instant::now(), first: None }
    }

    fn add(&mut self, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        if rows > 0 {
            self.first.get_or_insert_with(|| (Instant::now(), rows));
        }
    }
}

fn text(tool: &str, job: &Job, total_bytes: Option<u64>, width: usize) -> String {
    let (name, counted) = match &job.phase {
        Some((name, phase)) => (Some(*name), phase),
        None => (None, &job.whole),
    };
    let total = match (counted.total_rows, total_bytes) {
        (Some(rows), _) => Some((counted.rows, rows)),
        (None, Some(bytes)) if name.is_none() => Some((bytes_read::read_bytes(), bytes)),
        _ => None,
    };
    let (first, first_rows) = counted.first.unwrap_or((counted.started, 0));
    let seen = Seen {
        phase: name,
        // A phase without rows so far works on those that have been read.
        rows: if counted.rows == 0 { job.whole.rows } else { counted.rows },
        bytes: bytes_read::read_bytes(),
        transferred: transferred(),
        total,
        elapsed: job.whole.started.elapsed(),
        rated_rows: counted.rows - first_rows,
        rated: first.elapsed(),
    };
    seen.text(tool, width)
}

/// The size of all inputs in bytes, if all of them are regular files.
pub(super) fn total_bytes(inputs: &[Operand]) -> Option<u64> {
    let bytes = inputs.iter().map(|input| {
        let (metadata, passed) = match input {
            Operand::Url(_) => return None,
            Operand::Path(path) => (std::fs::metadata(path).ok()?, 0),
            Operand::Stdin => {
                let mut file = File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?);
                (file.metadata().ok()?, file.stream_position().ok()?)
            }
        };
        metadata.is_file().then(|| metadata.len().saturating_sub(passed))
    });
    bytes.sum::<Option<u64>>().filter(|bytes| *bytes > 0)
}

fn lock(job: &Mutex<Job>) -> std::sync::MutexGuard<'_, Job> {
    job.lock().unwrap_or_else(PoisonError::into_inner)
}
