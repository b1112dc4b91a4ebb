//! The text of a progress line, with as many parts as fit.

use crate::io::Transferred;
use crate::text::{count, counted, size};
use std::time::Duration;

/// The state of the job at one moment.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The current work on the rows that have been read.
    pub(super) phase: Option<&'static str>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// The requests for objects, if there were any.
    pub(super) transferred: Option<Transferred>,
    /// How much is done, and the total.
    pub(super) total: Option<(u64, u64)>,
    /// Since the tool started.
    pub(super) elapsed: Duration,
    /// The rows that arrived after the first ones, and the time since then, for the rate.
    pub(super) rated_rows: u64,
    pub(super) rated: Duration,
}

/// A part of the line; the least useful parts are left out first if there is no room.
struct Part {
    text: String,
    use_rank: u8,
}

impl Seen {
    /// Returns a line of fewer than `width` characters, if the tool's name and the time left fit.
    pub(super) fn text(&self, tool: &str, width: usize) -> String {
        let mut parts = self.parts();
        loop {
            let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
            let line = format!("{tool}: {}", texts.join(", "));
            let least = parts.iter().enumerate().min_by_key(|(_, part)| part.use_rank);
            match least.map(|(place, _)| place) {
                Some(place) if line.chars().count() >= width && parts.len() > 1 => {
                    parts.remove(place);
                }
                _ => return line,
            }
        }
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut add = |use_rank, text: String| parts.push(Part { text, use_rank });
        if let Some(phase) = self.phase {
            add(6, phase.to_owned());
        }
        add(5, counted(self.rows, "row"));
        if self.bytes > 0 {
            add(1, size(self.bytes));
        }
        if let Some(Transferred { requests, bytes }) = self.transferred {
            add(0, format!("{} in {}", size(bytes), counted(requests, "request")));
        }
        add(2, format!("{} rows/s", count(self.rate() as u64)));
        add(4, duration(self.elapsed));
        if let Some((done, all)) = self.total.filter(|(done, all)| 0 < *done && done < all) {
            let share = done as f64 / all as f64;
            add(3, format!("{:.0} %", 100.0 * share));
            // The wait for the first rows says nothing about the rows to come.
            let seconds = if self.rated_rows > 0 { self.rated } else { self.elapsed };
            let left = seconds.as_secs_f64() * (1.0 / share - 1.0);
            add(7, format!("{} left", duration(Duration::from_secs_f64(left.min(1e9)))));
        }
        parts
    }

    /// Rows per second, over the whole time if all rows came at once.
    fn rate(&self) -> f64 {
        let (rows, time) = match self.rated_rows {
            0 => (self.rows, self.elapsed),
            rows => (rows, self.rated),
        };
        rows as f64 / time.as_secs_f64().max(0.001)
    }
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

    fn seen(rows: u64, bytes: u64, total: Option<(u64, u64)>) -> Seen {
        let elapsed = Duration::from_secs(2);
        let (transferred, rated) = (None, Duration::ZERO);
        Seen { phase: None, rows, bytes, transferred, total, elapsed, rated_rows: 0, rated }
    }

    #[test]
    fn time_left_is_shown_if_the_total_is_known() {
        let text = |seen: Seen| seen.text("stream-filter", usize::MAX);
        assert_eq!(
            text(seen(1_000_000, 0, None)),
            "stream-filter: 1,000,000 rows, 500,000 rows/s, 2.0 s"
        );
        assert_eq!(
            text(seen(500, 3 << 20, Some((500, 2000)))),
            "stream-filter: 500 rows, 3.0 MiB, 250 rows/s, 2.0 s, 25 %, 6.0 s left"
        );
        assert_eq!(
            text(seen(500, 1, Some((1, 1000)))),
            "stream-filter: 500 rows, 1 B, 250 rows/s, 2.0 s, 0 %, 33:18 left"
        );
        // At the end nothing is left.
        assert_eq!(text(seen(5, 0, Some((5, 5)))), "stream-filter: 5 rows, 2 rows/s, 2.0 s");
    }

    #[test]
    fn a_rate_counts_from_the_first_rows() {
        let late = Seen {
            elapsed: Duration::from_secs(60),
            rated_rows: 400,
            rated: Duration::from_secs(4),
            ..seen(500, 0, Some((500, 1000)))
        };
        let text = "stream-filter: 500 rows, 100 rows/s, 1:00, 50 %, 4.0 s left";
        assert_eq!(late.text("stream-filter", usize::MAX), text);
    }

    #[test]
    fn the_time_left_and_the_rows_are_left_out_last() {
        let long = Seen {
            elapsed: Duration::from_secs(7387),
            rated_rows: 123_456_000,
            rated: Duration::from_secs(7000),
            ..seen(123_456_789, 1_073_000_000, Some((123_456_789, 493_827_156)))
        };
        let shown = |width| long.text("parquet-to-stream", width);
        assert_eq!(
            shown(80),
            "parquet-to-stream: 123,456,789 rows, 17,636 rows/s, 2:03:07, 25 %, 5:50:00 left"
        );
        assert_eq!(shown(79), "parquet-to-stream: 123,456,789 rows, 2:03:07, 25 %, 5:50:00 left");
        assert_eq!(shown(50), "parquet-to-stream: 123,456,789 rows, 5:50:00 left");
        assert_eq!(shown(20), "parquet-to-stream: 5:50:00 left");
        let sorting = Seen { phase: Some("sorting"), ..seen(2000, 0, None) };
        assert_eq!(sorting.text("stream-sort", 40), "stream-sort: sorting, 2,000 rows, 2.0 s");
    }
}
