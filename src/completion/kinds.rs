//! The kinds of candidates for the value of an option, or for an operand.

/// A kind of candidates for a value. Each has its own syntax for lists and quotes.
#[derive(Debug, Clone, Copy)]
pub enum Complete {
    /// Nothing: a number, or text of any kind.
    Nothing,
    /// One of these words.
    Choices(fn() -> Vec<&'static str>),
    /// The name of a column, as it is.
    Column,
    /// Comma-separated names of columns, as [`Value::names`](crate::command::Value::names) reads
    /// them, or one of these words.
    Columns(&'static [&'static str]),
    /// A sort order, as [`Order`](crate::schema::Order) reads it.
    Order,
    /// Columns with their types: `zip utf8, day date`.
    Types,
    /// `COLUMN=WORD` with one of these words; any value if there are none.
    Pair(fn() -> Vec<&'static str>),
    /// A SQL expression, or a list of them: the columns in it.
    Expression,
    /// A file with one of these endings, or any file if there are none.
    Files(&'static [&'static str]),
    /// A directory.
    Directory,
}

/// The endings of file names by format.
pub mod suffixes {
    /// Any file.
    pub const ANY: &[&str] = &[];
    /// Parquet files.
    pub const PARQUET: &[&str] = &[".parquet", ".pq"];
    /// Arrow files.
    pub const ARROW_FILES: &[&str] = &[".arrow", ".feather", ".ipc"];
    /// Arrow streams; Arrow files can be read like them.
    pub const STREAMS: &[&str] = &[".arrows", ".arrow", ".feather", ".ipc"];
    /// Delimited text, which may be compressed.
    pub const DELIMITED: &[&str] = &[".csv", ".tsv", ".tab", ".txt", ".gz", ".zst", ".bz2", ".xz"];
    /// JSON, which may be compressed.
    pub const JSON: &[&str] = &[".json", ".ndjson", ".jsonl", ".gz", ".zst", ".bz2", ".xz"];
    /// Parquet files, Arrow files and Arrow streams.
    pub const ARROW_OR_PARQUET: &[&str] =
        &[".parquet", ".pq", ".arrows", ".arrow", ".feather", ".ipc"];
    /// Every format that is recognized by content.
    pub const TABLES: &[&str] = &[
        ".parquet", ".pq", ".arrows", ".arrow", ".feather", ".ipc", ".csv", ".tsv", ".tab", ".txt",
        ".json", ".ndjson", ".jsonl",
    ];
}

/// The words of a table of words and their values.
pub fn names<T>(known: &'static [(&'static str, T)]) -> Vec<&'static str> {
    known.iter().map(|(name, _)| *name).collect()
}
