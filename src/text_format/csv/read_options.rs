//! Options for reading delimited text.

use super::forms::Forms;
use crate::error::Result;
use crate::options::{BinaryText, Dialect, InferRows, OutputOptions, TextEncoding};
use arrow::datatypes::Schema;

/// Options for reading delimited text.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The delimiter, the quote and the header.
    pub dialect: Dialect,
    /// The character encoding.
    pub encoding: TextEncoding,
    /// Lines to skip, and records of another length.
    pub lines: LineOptions,
    /// The formats of numbers, dates and times.
    pub forms: Forms,
    /// How binary values are written.
    pub binary: BinaryText,
    /// The texts that are null if unquoted (default: the empty text).
    pub nulls: Vec<String>,
    /// All columns and their types; by default they are inferred.
    pub schema: Option<Schema>,
    /// The types of some columns; the others are inferred.
    pub types: Option<Schema>,
    /// The number of rows to infer the types from; if given, the inputs are read twice.
    pub infer_rows: Option<InferRows>,
    /// The file for records that cannot be read; without it they are errors.
    pub rejects: Option<OutputOptions>,
}

/// Lines to skip, and the treatment of records of another length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// The number of lines to skip at the front of each input.
    pub skip: u64,
    /// The prefix of lines to skip.
    pub comment: Option<String>,
    /// The treatment of a record with missing fields.
    pub short_rows: ShortRows,
    /// The treatment of a record with extra fields.
    pub long_rows: LongRows,
}

/// The treatment of a record with missing fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShortRows {
    /// It is an error.
    #[default]
    Error,
    /// The missing fields are null.
    Null,
}

/// The treatment of a record with extra fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LongRows {
    /// It is an error.
    #[default]
    Error,
    /// The extra fields are dropped.
    Drop,
}

impl ShortRows {
    /// The values of the command-line option.
    pub const WORDS: &[(&str, Self)] = &[("error", Self::Error), ("null", Self::Null)];
}

impl LongRows {
    /// The values of the command-line option.
    pub const WORDS: &[(&str, Self)] = &[("error", Self::Error), ("drop", Self::Drop)];
}

impl ReadOptions {
    /// Refuses a delimiter, quote and null texts that conflict.
    ///
    /// # Errors
    /// A conflict, as a usage error that names the option.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.nulls.is_empty() {
            self.nulls.push(String::new());
        }
        self.dialect.check(&self.nulls)
    }
}
