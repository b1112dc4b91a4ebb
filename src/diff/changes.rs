//! Differing rows, as plain data, and their number.

use arrow::array::RecordBatch;
use arrow::buffer::BooleanBuffer;

/// How rows differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// They are only in the first table.
    Removed,
    /// They are only in the second table.
    Added,
    /// Both tables have their keys, with different values.
    Changed,
}

/// Adjacent rows that differ in the same manner. Batches have the keys, then the compared columns.
#[derive(Debug, Clone)]
pub struct Changes {
    /// How they differ.
    pub kind: Kind,
    /// The rows of the first table; none of rows that were added.
    pub old: Option<RecordBatch>,
    /// The rows of the second table; none of rows that were removed.
    pub new: Option<RecordBatch>,
    /// Of changed rows: for each compared column, whether it differs in each row.
    pub differing: Vec<BooleanBuffer>,
}

/// The rest that is wanted of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    Rows,
    /// Only the numbers of differing rows.
    Counts,
    /// Nothing: it may end.
    Nothing,
}

/// The number of rows of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that both tables have.
    pub same: u64,
    /// Rows whose keys both tables have, with different values.
    pub changed: u64,
    /// Rows only in the first table.
    pub removed: u64,
    /// Rows only in the second table.
    pub added: u64,
    /// For each compared column, the number of changed rows in which it differs.
    pub cells: Vec<u64>,
}

impl Kind {
    /// The word in streams and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }

    /// The sign at the start of a line.
    pub fn sign(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Added => '+',
            Self::Changed => '~',
        }
    }
}

impl Changes {
    /// The rows that have the keys: those of the first table, if it has them.
    pub(super) fn keyed(&self) -> Option<&RecordBatch> {
        self.old.as_ref().or(self.new.as_ref())
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.keyed().map_or(0, RecordBatch::num_rows)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first rows.
    #[must_use]
    pub fn first(&self, rows: usize) -> Self {
        let rows = rows.min(self.len());
        let first = |batch: &RecordBatch| batch.slice(0, rows);
        Self {
            kind: self.kind,
            old: self.old.as_ref().map(first),
            new: self.new.as_ref().map(first),
            differing: self.differing.iter().map(|bits| bits.slice(0, rows)).collect(),
        }
    }
}

impl Counts {
    /// The number of rows that differ.
    pub fn differing(&self) -> u64 {
        self.changed + self.removed + self.added
    }

    pub(super) fn add(&mut self, kind: Kind, rows: usize) {
        let place = match kind {
            Kind::Removed => &mut self.removed,
            Kind::Added => &mut self.added,
            Kind::Changed => &mut self.changed,
        };
        *place += rows as u64;
    }
}
