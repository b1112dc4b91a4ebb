//! How JSON is read.

use crate::options::{BinaryText, InferRows};
use arrow::datatypes::Schema;

/// Options for building columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnOptions {
    pub(crate) binary: BinaryText,
    pub(crate) ignore_unknown: bool,
    /// Whether the types were inferred from a sample: then numbers must keep their form.
    pub(crate) inferred: bool,
    /// Whether the placeholders for NaN and infinities are read as floats.
    pub(crate) allow_nan: bool,
}

/// Options for reading JSON.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The columns; by default inferred from the first rows.
    pub schema: Option<Schema>,
    /// Types of some top-level columns, which need not occur in the first rows.
    pub types: Option<Schema>,
    /// The number of rows to infer the columns from; if given, the inputs are read twice.
    pub infer_rows: Option<InferRows>,
    /// How binary values are written in the text.
    pub binary: BinaryText,
    /// Ignore members that have no column, instead of failing.
    pub ignore_unknown: bool,
    /// Read `NaN`, `Infinity` and `-Infinity` as numbers.
    pub allow_nan: bool,
}
