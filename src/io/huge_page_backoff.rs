//! When to avoid huge pages for a while, because they are slow to get.

use std::time::Duration;

/// A huge page that takes longer to get than this is slower than plain `write`, which writes as
/// many bytes in 500 µs and more. A page that the system has available is cleared in 30 to 150 µs.
/// One that a virtual machine has given back to its host and must request again takes 5,000 µs, and
/// then most of them do: `cat | stream-filter | cat` took 1.5 to 3.0 s with such pages and 1.0 s
/// without.
const SLOW: Duration = Duration::from_micros(500);

/// While pages are slow, this many bytes are written with plain `write` before the next page is
/// tried, and twice as many after each failure: trying costs a few percent at first, and nothing in
/// the end.
const FIRST_PAUSE_BYTES: usize = 64 << 20;

/// A pause during which plain `write` is used, because huge pages are slow to get.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// The number of bytes still to be written with plain `write`.
    left: usize,
    /// The length of the last pause; 0 after a page that was fast.
    last: usize,
}

impl Backoff {
    pub(super) fn is_on(&self) -> bool {
        self.left > 0
    }

    /// Whether these bytes are to be written with plain `write`; counts them.
    pub(super) fn covers(&mut self, bytes: usize) -> bool {
        let is_on = self.is_on();
        self.left = self.left.saturating_sub(bytes);
        is_on
    }

    /// Records how long it took to get a page.
    pub(super) fn learn(&mut self, page: Duration) {
        let next = self.last.saturating_mul(2).max(FIRST_PAUSE_BYTES);
        self.last = if page > SLOW { next } else { 0 };
        self.left = self.last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_pages_are_tried_less_and_less_often_until_one_is_quick() {
        let (slow, quick) = (SLOW * 2, SLOW / 2);
        let mut pause = Backoff::default();
        for length in [FIRST_PAUSE_BYTES, 2 * FIRST_PAUSE_BYTES, 4 * FIRST_PAUSE_BYTES] {
            assert!(!pause.covers(1));
            pause.learn(slow);
            assert!(pause.covers(length - 1) && pause.covers(1));
        }
        pause.learn(quick);
        assert!(!pause.is_on());
        pause.learn(slow);
        assert_eq!(pause.left, FIRST_PAUSE_BYTES);
    }
}
