//! The amounts that a tool read and pruned, and why: plain data, which is counted where the pruning is,
//! and its rendering for `--explain`.

mod render;

use crate::io::Transferred;
use std::ops::{AddAssign, Index, IndexMut};

/// A reason why a part of the input is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Neither the tool nor its reader needs these columns.
    Columns,
    /// Rows before `--skip` and after `--limit`.
    Limit,
    /// The partition keys in the path of a file.
    Keys,
    /// The statistics of a row group.
    Statistics,
    /// The statistics prove a condition true for all rows of a row group, so the columns that only it
    /// reads are not read.
    Proven,
    /// The bloom filters of a row group.
    Bloom,
    /// The page index.
    PageIndex,
    /// The expression is not true for these rows, so their other columns are not decoded.
    Late,
}

impl Cause {
    /// All causes, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Columns,
        Self::Limit,
        Self::Keys,
        Self::Statistics,
        Self::Proven,
        Self::Bloom,
        Self::PageIndex,
        Self::Late,
    ];
}

/// A unit in which the input is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Files.
    Files,
    /// Row groups of Parquet files.
    RowGroups,
    /// Record batches of Arrow files and streams.
    Batches,
    /// Data pages of the columns that are read, in row groups with a page index.
    Pages,
    /// Rows.
    Rows,
    /// Bytes, as they are stored.
    Bytes,
}

/// An amount of input in all units. An amount that a tool does not count is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Files.
    pub files: u64,
    /// Row groups, or record batches.
    pub parts: u64,
    /// Data pages.
    pub pages: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Amounts {
    fn of(&self, unit: Unit) -> u64 {
        match unit {
            Unit::Files => self.files,
            Unit::RowGroups | Unit::Batches => self.parts,
            Unit::Pages => self.pages,
            Unit::Rows => self.rows,
            Unit::Bytes => self.bytes,
        }
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.parts = self.parts.saturating_add(other.parts);
        self.pages = self.pages.saturating_add(other.pages);
        self.rows = self.rows.saturating_add(other.rows);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// The input, and the parts of it that are not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of the input that was reached.
    pub total: Amounts,
    pruned: [Amounts; Cause::ALL.len()],
}

impl Tally {
    /// The rest, which is read.
    pub fn read(&self) -> Amounts {
        let mut pruned = Amounts::default();
        self.pruned.iter().for_each(|amounts| pruned += *amounts);
        let Amounts { files, parts, pages, rows, bytes } = self.total;
        Amounts {
            files: files.saturating_sub(pruned.files),
            parts: parts.saturating_sub(pruned.parts),
            pages: pages.saturating_sub(pruned.pages),
            rows: rows.saturating_sub(pruned.rows),
            bytes: bytes.saturating_sub(pruned.bytes),
        }
    }
}

impl Index<Cause> for Tally {
    type Output = Amounts;

    fn index(&self, cause: Cause) -> &Amounts {
        &self.pruned[cause as usize]
    }
}

impl IndexMut<Cause> for Tally {
    fn index_mut(&mut self, cause: Cause) -> &mut Amounts {
        &mut self.pruned[cause as usize]
    }
}

/// A hint through the pipe, with the names of its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedHint {
    /// The columns that are needed; `None` for all.
    pub columns: Option<Vec<String>>,
    /// The expression for the rows that are needed.
    pub predicate: Option<String>,
    /// The number of rows that are needed.
    pub limit: Option<u64>,
    /// Whether columns may be encoded in transit.
    pub encodings: bool,
}

/// The content of `--explain`.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The name of the tool.
    pub tool: &'static str,
    /// Its columns: the things that it counts.
    pub units: &'static [Unit],
    /// Why it prunes.
    pub causes: &'static [Cause],
    /// The counts.
    pub tally: Tally,
    /// The rows that were written.
    pub written_rows: u64,
    /// The needs of the reader of the output; nothing if it may need everything.
    pub reader: NamedHint,
    /// The hint that the writer of the input got, for a tool that reads streams.
    pub writer: Option<NamedHint>,
    /// The requests for objects and their bytes, if any were made.
    pub transferred: Option<Transferred>,
}
