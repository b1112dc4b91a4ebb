//! How far a long job is: rows, bytes, rate, time, and the time left where the total is known.

use super::progress_line::ProgressLine;
use super::progress_text::Seen;
use crate::endpoint::Operand;
use crate::meter;
use std::fs::File;
use std::io::{IsTerminal, Seek, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Often enough to seem alive, seldom enough to cost nothing.
const RENEWED_EVERY: Duration = Duration::from_millis(500);

/// Whether progress is shown, and what is known of the whole beforehand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProgressOptions {
    pub(super) shown: bool,
    /// The bytes of all inputs, where all are regular files.
    pub(super) total_bytes: Option<u64>,
}

impl ProgressOptions {
    /// The same where other files are read than those of the command line.
    #[must_use]
    pub fn of_files(self, files: &[Operand]) -> Self {
        let total_bytes = if self.shown { total_bytes(files) } else { None };
        Self { total_bytes, ..self }
    }
}

/// Counts rows and shows them on standard error, if asked to. Dropped without
/// [`Progress::finish`], after a failure, it leaves the terminal to the message.
#[derive(Debug)]
pub struct Progress {
    tool: &'static str,
    options: ProgressOptions,
    job: Arc<Mutex<Job>>,
    /// Set where standard error is a terminal.
    shown: Option<Shown>,
}

/// What is known of the job.
#[derive(Debug)]
struct Job {
    /// Of the job, and of its present phase.
    whole: Counted,
    phase: Option<(&'static str, Counted)>,
}

/// Rows, and the time in which they came.
#[derive(Debug)]
struct Counted {
    rows: u64,
    total_rows: Option<u64>,
    started: Instant,
    /// When the first rows came, and how many: a producer may have let the tool wait.
    first: Option<(Instant, u64)>,
}

/// The line of the terminal and the thread that renews it: a tool that sorts, spills or waits adds no
/// rows, and its clock goes on.
#[derive(Debug)]
struct Shown {
    line: Arc<ProgressLine>,
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock. `total_rows` is what the job will have seen at its end, where that is known.
    pub fn start(tool: &'static str, options: ProgressOptions, total_rows: Option<u64>) -> Self {
        let job = Arc::new(Mutex::new(Job { whole: Counted::new(total_rows), phase: None }));
        let on_terminal = options.shown && std::io::stderr().is_terminal();
        let shown = on_terminal.then(|| {
            let (job, bytes) = (Arc::clone(&job), options.total_bytes);
            Shown::start(move |width| text(tool, &lock(&job), bytes, width))
        });
        Self { tool, options, job, shown }
    }

    /// More rows were seen.
    pub fn add(&mut self, rows: usize) {
        if self.options.shown {
            let mut job = lock(&self.job);
            match &mut job.phase {
                Some((_, phase)) => phase.add(rows as u64),
                None => job.whole.add(rows as u64),
            }
        }
    }

    /// All rows have come in, and the job goes on: rows are counted anew, up to `total_rows` where that
    /// is known. At the end those that came in are shown.
    pub fn phase(&mut self, name: &'static str, total_rows: Option<u64>) {
        lock(&self.job).phase = Some((name, Counted::new(total_rows)));
    }

    /// How many rows have come in.
    pub fn rows(&self) -> u64 {
        lock(&self.job).whole.rows
    }

    /// The job is done: the last line stays.
    pub fn finish(mut self) {
        lock(&self.job).phase = None;
        let text = |width| text(self.tool, &lock(&self.job), self.options.total_bytes, width);
        match &mut self.shown {
            Some(shown) => {
                shown.stop();
                shown.line.show(text);
            }
            None if self.options.shown => {
                // Nobody may be there to read it; the job is done all the same.
                let _nobody = writeln!(std::io::stderr(), "{}", text(usize::MAX));
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
        // Without a thread there is the line at the end.
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
        self.rows += rows;
        if 0 < rows {
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
        (None, Some(bytes)) if name.is_none() => Some((meter::read_bytes(), bytes)),
        _ => None,
    };
    let (first, first_rows) = counted.first.unwrap_or((counted.started, 0));
    let seen = Seen {
        phase: name,
        // A phase that has no rows yet is at work on those that came in.
        rows: if counted.rows == 0 { job.whole.rows } else { counted.rows },
        bytes: meter::read_bytes(),
        total,
        elapsed: job.whole.started.elapsed(),
        rated_rows: counted.rows - first_rows,
        rated: first.elapsed(),
    };
    seen.text(tool, width)
}

/// The bytes of all inputs, if all of them are regular files.
pub(super) fn total_bytes(inputs: &[Operand]) -> Option<u64> {
    let bytes = inputs.iter().map(|input| {
        let (metadata, passed) = match input {
            Operand::Path(path) => (std::fs::metadata(path).ok()?, 0),
            Operand::Stdin => {
                let mut file = File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?);
                (file.metadata().ok()?, file.stream_position().ok()?)
            }
        };
        metadata.is_file().then(|| metadata.len().saturating_sub(passed))
    });
    bytes.sum::<Option<u64>>().filter(|bytes| 0 < *bytes)
}

fn lock(job: &Mutex<Job>) -> std::sync::MutexGuard<'_, Job> {
    job.lock().unwrap_or_else(PoisonError::into_inner)
}
