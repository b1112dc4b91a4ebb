//! The options of a comparison, and its inputs.

use super::changes::{Changes, Wanted};
use crate::error::Result;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use std::path::PathBuf;

/// Options for a comparison.
#[derive(Debug, Clone, Default)]
pub struct DiffOptions {
    /// The names of the key columns; none if the order of rows is ignored.
    pub key: Vec<String>,
    /// The columns to compare; default: all that both tables have.
    pub columns: Option<Vec<String>>,
    /// Columns that are not compared.
    pub exclude: Vec<String>,
    /// How far floating-point numbers may be apart: as a difference if both are below 1, and
    /// otherwise as a part of the larger one.
    pub tolerance: Option<f64>,
    /// The treatment of rows with equal keys in one table.
    pub duplicates: Duplicates,
    /// The names of the tables in messages.
    pub names: [String; 2],
}

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first one.
    Old,
    /// The second one.
    New,
}

/// The treatment of rows with equal keys in one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// They are an error.
    #[default]
    Refused,
    /// The first one is compared with the first one of the other table, and so on.
    InOrder,
}

/// The order of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputOrder {
    /// That of the keys: a violation is an error.
    Sorted,
    /// Any: the rows are sorted first.
    Any,
}

/// The memory, the temporary files and the threads of a comparison.
#[derive(Debug, Clone)]
pub struct Resources {
    /// The approximate amount of memory for rows that are sorted.
    pub memory_bytes: usize,
    /// The directory for temporary files, or `None` for the default.
    pub temporary_directory: Option<PathBuf>,
    /// The threads that sort.
    pub threads: Threads,
}

/// The batches of a table, with the columns that the plan reads; `None` at the end.
pub type Batches<'a> = dyn FnMut() -> Result<Option<RecordBatch>> + 'a;

/// Both tables.
pub struct Tables<'a> {
    /// The batches of the first one.
    pub old: &'a mut Batches<'a>,
    /// The batches of the second one.
    pub new: &'a mut Batches<'a>,
}

/// Gets the changes in their order, and says what it wants from then on.
pub type Report<'a> = dyn FnMut(&Changes) -> Result<Wanted> + 'a;
