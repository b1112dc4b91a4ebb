//! How columns are read, and what is checked after decoding.

use arrow::datatypes::TimeUnit;
use std::collections::{BTreeMap, HashMap};

/// Options for reading columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The unit of INT96 timestamps. Default: the one of the Arrow schema in the file, else
    /// nanoseconds, or a coarser unit if a dictionary holds a value that does not fit.
    pub int96: Option<TimeUnit>,
    /// The treatment of text that is not UTF-8.
    pub invalid_text: InvalidText,
    /// Whether pages with wrong checksums are read.
    pub ignores_checksums: bool,
    /// Whether text is decoded as bytes and checked here: slower, but errors name the row.
    pub(crate) checks_text: bool,
}

/// Options and facts for reading the columns of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) options: ReadOptions,
    /// The finest unit of INT96 timestamps.
    pub(crate) int96_unit: TimeUnit,
    /// Leaves that hold decimals although their type in the file does not say so.
    pub(crate) decimals: &'a BTreeMap<usize, (u8, i8)>,
    /// The key-value metadata of the file.
    pub(crate) pairs: &'a HashMap<String, String>,
    /// Whether the writer annotates each time and timestamp: a hint that turns a plain integer into
    /// one then belongs to another file.
    pub(crate) writes_annotations: bool,
}

/// The treatment of text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InvalidText {
    /// Report an error.
    #[default]
    Error,
    /// Read text columns as binary.
    Binary,
    /// Replace each invalid sequence by U+FFFD.
    Replace,
}

impl InvalidText {
    /// All treatments, by their names on the command line.
    pub const WORDS: &[(&str, Self)] =
        &[("error", Self::Error), ("binary", Self::Binary), ("replace", Self::Replace)];
}

/// The faults that are errors when decoded values are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checks {
    /// Text that is not UTF-8; otherwise it is replaced.
    pub(crate) text: bool,
    /// An INT96 timestamp with more digits than the unit has; otherwise it is truncated.
    pub(crate) int96: bool,
}
