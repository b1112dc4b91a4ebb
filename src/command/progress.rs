//! How far a long job is: rows, bytes, rate, time, and the time left where the total is known.

use super::progress_line::ProgressLine;
use crate::endpoint::Operand;
use crate::meter;
use crate::text::{count, size};
use std::fs::File;
use std::io::{IsTerminal, Seek, Write};
use std::os::fd::AsFd;
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
    total_rows: Option<u64>,
    rows: u64,
    started: Instant,
    renewed: Instant,
    /// Set where standard error is a terminal.
    line: Option<ProgressLine>,
}

impl Progress {
    /// Starts the clock. `total_rows` is what the job will have seen at its end, where that is known.
    pub fn start(tool: &'static str, options: ProgressOptions, total_rows: Option<u64>) -> Self {
        let now = Instant::now();
        let on_terminal = options.shown && std::io::stderr().is_terminal();
        let line = on_terminal.then(ProgressLine::take);
        Self { tool, options, total_rows, rows: 0, started: now, renewed: now, line }
    }

    /// More rows were seen.
    pub fn add(&mut self, rows: usize) {
        self.rows += rows as u64;
        if let Some(line) = &self.line
            && RENEWED_EVERY <= self.renewed.elapsed()
        {
            line.show(&self.text());
            self.renewed = Instant::now();
        }
    }

    /// The job is done: the last line stays.
    pub fn finish(self) {
        match &self.line {
            Some(line) => line.show(&self.text()),
            None if self.options.shown => {
                // Nobody may be there to read it; the job is done all the same.
                let _nobody = writeln!(std::io::stderr(), "{}", self.text());
            }
            None => {}
        }
    }

    fn text(&self) -> String {
        let total = match (self.total_rows, self.options.total_bytes) {
            (Some(rows), _) => Some((self.rows, rows)),
            (None, Some(bytes)) => Some((meter::read_bytes(), bytes)),
            (None, None) => None,
        };
        text(self.tool, self.rows, meter::read_bytes(), total, self.started.elapsed())
    }
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

fn text(tool: &str, rows: u64, bytes: u64, total: Option<(u64, u64)>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let mut text = format!("{tool}: {} rows", count(rows));
    if 0 < bytes {
        text.push_str(&format!(", {}", size(bytes)));
    }
    let rate = rows as f64 / seconds;
    text.push_str(&format!(", {} rows/s, {}", count(rate as u64), duration(elapsed)));
    if let Some((done, all)) = total.filter(|(done, all)| 0 < *done && done < all) {
        let share = done as f64 / all as f64;
        let left = Duration::from_secs_f64((seconds * (1.0 / share - 1.0)).min(1e9));
        text.push_str(&format!(", {:.0} %, {} left", 100.0 * share, duration(left)));
    }
    text
}

/// `2.5 s`, `3:07`, `2:03:07`.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("{:.1} s", duration.as_secs_f64()),
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_where_the_total_is_known() {
        let two_seconds = Duration::from_secs(2);
        assert_eq!(
            text("stream-filter", 1_000_000, 0, None, two_seconds),
            "stream-filter: 1,000,000 rows, 500,000 rows/s, 2.0 s"
        );
        assert_eq!(
            text("stream-filter", 500, 3 << 20, Some((500, 2000)), two_seconds),
            "stream-filter: 500 rows, 3.0 MiB, 250 rows/s, 2.0 s, 25 %, 6.0 s left"
        );
        assert_eq!(
            text("stream-filter", 500, 1, Some((1, 1000)), two_seconds),
            "stream-filter: 500 rows, 1 B, 250 rows/s, 2.0 s, 0 %, 33:18 left"
        );
        // At the end nothing is left.
        assert_eq!(text("t", 5, 0, Some((5, 5)), two_seconds), "t: 5 rows, 2 rows/s, 2.0 s");
    }
}
