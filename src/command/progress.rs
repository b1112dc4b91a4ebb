//! How far a long job is: rows, rate, time, and the time left where the total is known.

use crate::text::count;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Often enough to seem alive, seldom enough to cost nothing.
const RENEWED_EVERY: Duration = Duration::from_millis(500);

/// Counts rows and shows them on standard error, if asked to.
#[derive(Debug)]
pub struct Progress {
    tool: &'static str,
    shown: bool,
    total_rows: Option<u64>,
    rows: u64,
    started: Instant,
    renewed: Instant,
}

impl Progress {
    /// Starts the clock. `total_rows` is what the job will have seen at its end, where that is known.
    pub fn start(tool: &'static str, shown: bool, total_rows: Option<u64>) -> Self {
        let now = Instant::now();
        Self { tool, shown, total_rows, rows: 0, started: now, renewed: now }
    }

    /// More rows were seen.
    pub fn add(&mut self, rows: usize) {
        self.rows += rows as u64;
        if self.shown && RENEWED_EVERY <= self.renewed.elapsed() && std::io::stderr().is_terminal()
        {
            self.renewed = Instant::now();
            self.show("\r\x1b[K", "");
        }
    }

    /// The job is done: the last line stays.
    pub fn finish(&self) {
        if self.shown {
            let clear = if std::io::stderr().is_terminal() { "\r\x1b[K" } else { "" };
            self.show(clear, "\n");
        }
    }

    fn show(&self, before: &str, after: &str) {
        let elapsed = self.started.elapsed();
        let line = line(self.tool, self.rows, self.total_rows, elapsed);
        // Nobody may be there to read it; the job goes on all the same.
        let _nobody = write!(std::io::stderr(), "{before}{line}{after}");
    }
}

fn line(tool: &str, rows: u64, total_rows: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = rows as f64 / seconds;
    let mut line =
        format!("{tool}: {} rows, {} rows/s, {seconds:.1} s", count(rows), count(rate as u64));
    if let Some(total) = total_rows.filter(|total| 0 < rows && rows < *total) {
        let share = 100.0 * rows as f64 / total as f64;
        let left = (total - rows) as f64 / rate;
        line.push_str(&format!(", {share:.0} %, {left:.0} s left"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_where_the_total_is_known() {
        let two_seconds = Duration::from_secs(2);
        assert_eq!(
            line("stream-filter", 1_000_000, None, two_seconds),
            "stream-filter: 1,000,000 rows, 500,000 rows/s, 2.0 s"
        );
        assert_eq!(
            line("parquet-to-stream", 500, Some(2000), two_seconds),
            "parquet-to-stream: 500 rows, 250 rows/s, 2.0 s, 25 %, 6 s left"
        );
    }
}
