//! The options of a join.

use super::names::{AsOfNames, KeyNames};
use std::path::PathBuf;

/// Which rows a join returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum How {
    /// Each row of the stream with each of its partners.
    #[default]
    Inner,
    /// The same, and rows of the stream without a partner.
    Left,
    /// Rows of the stream with a partner, once each.
    Semi,
    /// Rows of the stream without a partner.
    Anti,
    /// As `Left`, and the rows of the table without a partner: after all others, or in the order of
    /// the keys if both sides are sorted.
    Full,
}

/// The partners that each row of the stream must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Exactly one.
    One,
    /// None or one.
    AtMostOne,
    /// One or more.
    AtLeastOne,
}

/// Options for a join.
#[derive(Debug, Clone, Default)]
pub struct JoinOptions {
    /// The columns whose values must be equal.
    pub on: Vec<KeyNames>,
    /// The columns of which the nearest values are partners.
    pub as_of: Option<AsOfNames>,
    /// The largest distance of partners: an interval, or a whole number.
    pub tolerance: Option<String>,
    /// The rows to return.
    pub how: How,
    /// The columns of the table to return; all but its keys if none.
    pub columns: Option<Vec<String>>,
    /// Put before the names of the table's columns that the stream has, too.
    pub prefix: String,
    /// Put after the names of the table's columns that the stream has, too.
    pub suffix: String,
    /// Both sides are sorted by their keys.
    pub sorted: bool,
    /// Nulls equal nulls; otherwise they equal nothing.
    pub nulls_equal: bool,
    /// The partners that each row of the stream must have.
    pub expect: Option<Expect>,
    /// Rows of the stream without a partner are put aside.
    pub unmatched: bool,
    /// The name of the table in messages.
    pub table_name: String,
}

/// The memory and the temporary files of a join.
#[derive(Debug, Clone)]
pub struct Resources {
    /// The approximate amount of memory for the table.
    pub memory_bytes: usize,
    /// The directory for temporary files, or `None` for the default.
    pub temporary_directory: Option<PathBuf>,
    /// Rows of a table that does not fit into memory may come in any order.
    pub any_order: bool,
}

impl How {
    /// Whether rows have columns of the table.
    pub(super) fn has_table(self) -> bool {
        !matches!(self, Self::Semi | Self::Anti)
    }

    /// Whether rows of the stream without a partner are returned, with nulls for the table's
    /// columns.
    pub(super) fn keeps_stream(self) -> bool {
        matches!(self, Self::Left | Self::Full)
    }
}

impl Expect {
    pub(super) fn holds(self, partners: usize) -> bool {
        match self {
            Self::One => partners == 1,
            Self::AtMostOne => partners <= 1,
            Self::AtLeastOne => partners >= 1,
        }
    }

    /// The word after `--expect`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::AtMostOne => "at-most-one",
            Self::AtLeastOne => "at-least-one",
        }
    }
}
