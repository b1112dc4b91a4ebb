//! When to leave huge pages alone for a while, because they are slow to get.

use std::time::Duration;

/// A huge page that takes longer to get than this is slower than the plain way, which writes as much
/// in 500 µs and more. One that the system has at hand is cleared in 30 to 150 µs; one that a virtual
/// machine has given back to its host and must ask for again takes 5,000 µs, and then most of them
/// do: `cat | stream-filter | cat` took 1.5 to 3.0 s with such pages and 1.0 s without.
const SLOW: Duration = Duration::from_micros(500);

/// While pages are slow, so many bytes are written the plain way before the next one is tried, and
/// each time twice as many: trying costs a few percent at first, and nothing in the end.
const FIRST_PAUSE_BYTES: usize = 64 << 20;

/// The plain way is taken for a while, because huge pages are slow to get.
#[derive(Debug, Default)]
pub(super) struct Pause {
    /// So many bytes are still to be written the plain way.
    left: usize,
    /// How long the last pause was; 0 after a page that was quick.
    last: usize,
}

impl Pause {
    pub(super) fn is_on(&self) -> bool {
        0 < self.left
    }

    /// Whether bytes are to be written the plain way, which are counted.
    pub(super) fn covers(&mut self, bytes: usize) -> bool {
        let is_on = self.is_on();
        self.left = self.left.saturating_sub(bytes);
        is_on
    }

    /// Takes in how long a page took.
    pub(super) fn learn(&mut self, page: Duration) {
        let next = self.last.saturating_mul(2).max(FIRST_PAUSE_BYTES);
        self.last = if SLOW < page { next } else { 0 };
        self.left = self.last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_pages_are_tried_less_and_less_often_until_one_is_quick() {
        let (slow, quick) = (SLOW * 2, SLOW / 2);
        let mut pause = Pause::default();
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
