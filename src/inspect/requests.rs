//! The views and counts that can be requested, by their names on the command line.

/// The thing that `--count` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Row groups, which only Parquet has.
    RowGroups,
    /// Record batches, which only Arrow files and streams have.
    Batches,
    /// Rows.
    Rows,
    /// Top-level columns of the schema.
    Columns,
    /// The file's size in bytes.
    Bytes,
}

impl Counted {
    /// All counts, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[
        ("row-groups", Self::RowGroups),
        ("rows", Self::Rows),
        ("batches", Self::Batches),
        ("columns", Self::Columns),
        ("bytes", Self::Bytes),
    ];
}

/// The level of detail to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// One line per file.
    Files,
    /// One line per row group or record batch.
    RowGroups,
    /// One line per stored column.
    Columns,
    /// One line per page.
    Pages,
    /// One line per dictionary page; for programs, one row per entry.
    Dictionary,
    /// One line per field, nested ones indented.
    Schema,
    /// One line per key, after the facts from the format itself.
    Metadata,
}

impl Show {
    /// The views, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[
        ("files", Self::Files),
        ("row-groups", Self::RowGroups),
        ("columns", Self::Columns),
        ("pages", Self::Pages),
        ("dictionary", Self::Dictionary),
        ("schema", Self::Schema),
        ("metadata", Self::Metadata),
    ];
}
