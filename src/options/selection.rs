//! The columns and rows that a command line selects from files, as plain data.

/// The selected columns and rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The columns, in output order; `a.b` is the struct `a` with only `b` in it. All columns if
    /// `None`.
    pub columns: Option<Vec<String>>,
    /// A SQL expression that is true for the rows to read. It may use unselected columns.
    pub predicate: Option<String>,
    /// The number of rows to skip at the start, counted after the predicate.
    pub skip: u64,
    /// The maximum number of rows.
    pub limit: Option<u64>,
}
