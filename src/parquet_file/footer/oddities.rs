//! What is odd in a footer, and was repaired.

use std::collections::BTreeMap;

/// The parts of a repaired footer that the crate's metadata cannot express.
#[derive(Debug, Default)]
pub(crate) struct Oddities {
    /// Top-level columns whose values cannot be read, by position, and why.
    pub(crate) unreadable: BTreeMap<usize, String>,
    /// The precision and scale of leaves whose decimals have more digits than their physical type.
    pub(crate) decimals: BTreeMap<usize, (u8, i8)>,
}
