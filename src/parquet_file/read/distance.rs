//! How far ahead of the consumer columns are decoded.

use super::source::RowRange;
use std::ops::RangeInclusive;

/// How far decoding may be ahead of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Distance {
    pub(crate) threads: usize,
}

/// The amount of data per thread that may be in decoding or waiting for output: two batches of the
/// usual size.
pub(crate) const AHEAD_BYTES: usize = 4 << 20;

/// The number of batches per thread that may be ahead: at least the lower bound, and at most the
/// upper bound if batches are small.
pub(crate) const AHEAD_BATCHES: RangeInclusive<usize> = 2..=16;

impl Distance {
    pub(crate) fn batches(self, range: &RowRange) -> usize {
        if self.threads == 1 {
            return 1;
        }
        let each = AHEAD_BYTES / range.batch_bytes.max(1);
        self.threads.saturating_mul(each.clamp(*AHEAD_BATCHES.start(), *AHEAD_BATCHES.end()))
    }

    /// The number of row ranges whose rows are being selected or wait for earlier ranges.
    pub(crate) fn ranges(self) -> usize {
        if self.threads == 1 { 1 } else { self.threads.saturating_add(1) }
    }
}
