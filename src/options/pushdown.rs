//! The option that reads and decodes everything, and the one that shows what is left out.

/// Whether a tool reads less than its whole input, and whether it says what it read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pushdown {
    /// Read and filter everything: prune nothing, and neither give nor use hints through pipes.
    pub is_off: bool,
    /// Show what was read and what was not.
    pub explain: Option<ExplainForm>,
}

/// A form in which `--explain` shows what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainForm {
    /// A table for people.
    Table,
    /// A JSON object on one line.
    Json,
}

impl ExplainForm {
    /// The forms, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("table", Self::Table), ("json", Self::Json)];
}
