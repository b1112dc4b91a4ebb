//! The position of a field in a window.

/// The position of a field in the window, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Span {
    pub(super) start: u32,
    length_and_flags: u32,
}

pub(super) const QUOTED: u32 = 1 << 31;
pub(super) const DOUBLED: u32 = 1 << 30;
pub(super) const MISSING: u32 = 1 << 29;

impl Span {
    pub(in super::super) fn new(start: usize, end: usize, flags: u32) -> Self {
        // A window has fewer bytes than 2^30.
        Self { start: start as u32, length_and_flags: (end - start) as u32 | flags }
    }

    pub(in super::super) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + (self.length_and_flags & !(QUOTED | DOUBLED | MISSING)) as usize
    }

    pub(in super::super) fn is_quoted(self) -> bool {
        self.length_and_flags & QUOTED != 0
    }

    /// Whether the record ended before this field; it also counts as quoted.
    pub(in super::super) fn is_missing(self) -> bool {
        self.length_and_flags & MISSING != 0
    }

    /// Whether it contains doubled quotes, each of which means one quote.
    pub(in super::super) fn is_doubled(self) -> bool {
        self.length_and_flags & DOUBLED != 0
    }
}
