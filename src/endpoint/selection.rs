//! What of the rows in files is read, as a command line says it.

/// Which columns and which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The columns, in the order they come out; `a.b` gives the struct `a` holding only `b`. All
    /// without it.
    pub columns: Option<Vec<String>>,
    /// A SQL expression: only rows for which it is true. It may use columns that do not come out.
    pub predicate: Option<String>,
    /// Rows to leave out at the start, counted after the predicate.
    pub skip: u64,
    /// At most this many rows come out.
    pub limit: Option<u64>,
}
