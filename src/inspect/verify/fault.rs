//! A fault of a file: its place, its kind, and a sentence.

use crate::text::{Cut, count, escaped, shortened};
use std::fmt;

/// A contradiction in a file, or a part that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::inspect) struct Fault {
    pub(in crate::inspect) kind: Kind,
    pub(in crate::inspect) place: Place,
    /// The contradiction, in one clause.
    pub(in crate::inspect) what: String,
}

/// The kind of a fault, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::inspect) enum Kind {
    /// The file cannot be opened, or not as its format.
    Unreadable,
    /// A magic, a length, an offset, a header or an end marker.
    Structure,
    /// Counts and sizes that contradict each other or the data.
    Count,
    /// A page whose bytes do not have the checksum in its header.
    Checksum,
    /// Values that cannot be decoded or are not of their type.
    Values,
    /// Minimum, maximum, null count or distinct count.
    Statistics,
    /// The page index.
    PageIndex,
    /// A bloom filter that misses a value.
    BloomFilter,
    /// Rows that are not in the declared order.
    Order,
    /// A part that may be valid, but cannot be verified: the key or the type of a column is unknown, or
    /// a message is larger than `--max-message-bytes`.
    Unverified,
}

/// The place of a fault in its file. Numbers begin at 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::inspect) struct Place {
    /// A part that has no number, such as `footer`.
    pub(in crate::inspect) part: Option<&'static str>,
    pub(in crate::inspect) stream: Option<u64>,
    pub(in crate::inspect) row_group: Option<u64>,
    pub(in crate::inspect) record_batch: Option<u64>,
    pub(in crate::inspect) dictionary: Option<u64>,
    /// The names of a column from the root, joined by dots.
    pub(in crate::inspect) column: Option<String>,
    /// The page in its column chunk, counting a dictionary page.
    pub(in crate::inspect) page: Option<u64>,
}

impl Kind {
    /// The word for programs.
    pub(in crate::inspect) fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Structure => "structure",
            Self::Count => "count",
            Self::Checksum => "checksum",
            Self::Values => "values",
            Self::Statistics => "statistics",
            Self::PageIndex => "page-index",
            Self::BloomFilter => "bloom-filter",
            Self::Order => "order",
            Self::Unverified => "unverified",
        }
    }
}

impl Place {
    pub(super) fn part(part: &'static str) -> Self {
        Self { part: Some(part), ..Self::default() }
    }

    pub(super) fn row_group(number: usize) -> Self {
        Self { row_group: Some(number as u64), ..Self::default() }
    }

    pub(super) fn column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    pub(super) fn page(self, page: u64) -> Self {
        Self { page: Some(page), ..self }
    }
}

impl fmt::Display for Place {
    /// `row group 2, column "city", page 3`; nothing for the whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |what: &str, number: Option<u64>| number.map(|n| format!("{what} {n}"));
        let column = self.column.as_ref().map(|name| format!("column \"{}\"", escaped(name)));
        let all = [
            number("stream", self.stream),
            number("row group", self.row_group),
            number("record batch", self.record_batch),
            number("dictionary", self.dictionary),
            column,
            number("page", self.page),
            self.part.map(str::to_owned),
        ];
        f.write_str(&all.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for Fault {
    /// The place and the clause.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        let gap = if place.is_empty() { "" } else { ": " };
        write!(f, "{place}{gap}{}", escaped(&self.what))
    }
}

/// The faults of a file or of a part of it. Only the first ones are kept: a damaged part may have as
/// many as it has values.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
    more: u64,
}

/// The most faults that are kept of one file, and of one part of it.
pub(super) const MOST_FAULTS: usize = 1000;
const MOST_IN_PART: usize = 100;

impl Faults {
    pub(super) fn add(&mut self, kind: Kind, place: Place, what: impl Into<String>) {
        if self.kept.len() < MOST_IN_PART {
            self.kept.push(Fault { kind, place, what: what.into() });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds the faults of a part.
    pub(super) fn append(&mut self, part: Self) {
        let room = MOST_FAULTS.saturating_sub(self.kept.len());
        let left_out = part.kept.len().saturating_sub(room) as u64;
        self.more = self.more.saturating_add(part.more).saturating_add(left_out);
        self.kept.extend(part.kept.into_iter().take(room));
    }

    /// The same faults of one of several concatenated streams.
    pub(super) fn in_stream(mut self, stream: Option<u64>) -> Self {
        self.kept.iter_mut().for_each(|fault| fault.place.stream = stream);
        self
    }

    /// The faults; the last one says how many were left out, if any.
    pub(super) fn into_vec(mut self) -> Vec<Fault> {
        if self.more > 0 {
            let what = format!("{} more faults are not listed", count(self.more));
            self.kept.push(Fault { kind: Kind::Structure, place: Place::default(), what });
        }
        self.kept
    }
}

/// The clause for a part that needs more than a limit: it may be valid.
pub(super) fn not_verified(limit: &impl fmt::Display) -> String {
    format!("not verified: {limit}")
}

/// A value as it is shown in a fault.
pub(super) fn shown(value: &impl fmt::Display) -> String {
    const MOST_CHARACTERS: usize = 40;
    shortened(&value.to_string(), Cut::End, MOST_CHARACTERS)
}
