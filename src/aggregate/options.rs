//! The options of aggregates.

use crate::threads::Threads;
use std::path::PathBuf;

/// Options for aggregates.
#[derive(Debug, Clone)]
pub struct AggregateOptions {
    /// The approximate amount of memory to use.
    pub memory_bytes: usize,
    /// The directory for temporary files, or `None` for the default.
    pub temporary_directory: Option<PathBuf>,
    /// Whether groups come out ordered by their keys, not in the order in which they were seen.
    pub is_sorted: bool,
    /// Whether the rows are ordered by the keys: then each group is complete when the next begins.
    pub is_input_sorted: bool,
    /// Whether the states of groups come out, to be merged with others.
    pub is_partial: bool,
    /// The threads that merge groups from temporary files; the result does not depend on them.
    pub threads: Threads,
}
