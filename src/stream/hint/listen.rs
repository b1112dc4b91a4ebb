//! How long a writer waits for a hint.

use super::Hint;
use crate::io::{Heard, PipeEnd};
use std::time::{Duration, Instant};

/// How long a writer waits for a sign that its reader may give a hint, while nothing has read the
/// schema. Of 300 pairs of programs that a shell started on two loaded cores, the slowest reader
/// took 8.7 ms; with four other programs on these cores, one of seven took more than 10 ms.
const FOR_MARK: Duration = Duration::from_millis(40);

/// How long it waits for a hint that may come: each tool of a longer pipe waits for its own reader
/// first.
const FOR_HINT: Duration = Duration::from_millis(200);

/// Between two looks, which take a microsecond.
const PAUSE: Duration = Duration::from_micros(100);

/// The hint of the reader at the other end, for a schema of `columns` columns, which was written.
/// Waits for it only while `is_worth` says so.
pub(crate) fn listen(
    end: &PipeEnd,
    schema: u64,
    columns: usize,
    is_worth: impl Fn() -> bool,
) -> Option<(Hint, Vec<u8>)> {
    let start = Instant::now();
    let mut was_marked = false;
    loop {
        // A reader that may give a hint says so before it reads. If the schema has been read and there
        // is no sign, none will come. Both may happen now, so the sign is looked for second.
        let is_read = end.readable_bytes() == 0;
        let most = match end.hear() {
            Heard::Message(bytes) => {
                return Hint::from_bytes(&bytes, schema, columns).map(|hint| (hint, bytes));
            }
            Heard::Mark => FOR_HINT,
            // The reader has taken it back.
            Heard::Nothing if was_marked || is_read => return None,
            Heard::Nothing => FOR_MARK,
        };
        if most <= start.elapsed() || !is_worth() {
            return None;
        }
        was_marked = most == FOR_HINT;
        std::thread::sleep(PAUSE);
    }
}
