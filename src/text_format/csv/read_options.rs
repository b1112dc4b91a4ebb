//! How delimited text is read.

use super::forms::Forms;
use super::splitter::Rules;
use crate::endpoint::{BinaryText, Dialect, InferRows, OutputOptions, TextEncoding};
use crate::error::Result;
use arrow::datatypes::Schema;

/// How delimited text is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Its signs.
    pub dialect: Dialect,
    /// How its characters are encoded.
    pub encoding: TextEncoding,
    /// Lines that are no records, and records of another length.
    pub lines: LineOptions,
    /// How numbers, dates and times are written in it.
    pub forms: Forms,
    /// How bytes are written in it.
    pub binary: BinaryText,
    /// The texts that are null where they stand unquoted; if there are none, the empty text.
    pub nulls: Vec<String>,
    /// All columns and their types; otherwise they are inferred.
    pub schema: Option<Schema>,
    /// The types of some columns, where the others are inferred.
    pub types: Option<Schema>,
    /// How many rows the types are inferred from; if it is said, the inputs are read twice.
    pub infer_rows: Option<InferRows>,
    /// Where records go that cannot be read, instead of being an error.
    pub rejects: Option<OutputOptions>,
}

/// Lines that are no records, and records of another length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// So many lines at the front of each input are left out.
    pub skip: u64,
    /// Lines that begin so are left out.
    pub comment: Option<String>,
    /// What becomes of a record that lacks fields.
    pub short_rows: ShortRows,
    /// What becomes of a record that has fields too many.
    pub long_rows: LongRows,
}

/// What becomes of a record that lacks fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShortRows {
    /// It is an error.
    #[default]
    Error,
    /// They are null.
    Null,
}

/// What becomes of a record that has fields too many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LongRows {
    /// It is an error.
    #[default]
    Error,
    /// They are left out.
    Drop,
}

impl ShortRows {
    /// The words of the option that chooses it.
    pub const WORDS: &[(&str, Self)] = &[("error", Self::Error), ("null", Self::Null)];
}

impl LongRows {
    /// The words of the option that chooses it.
    pub const WORDS: &[(&str, Self)] = &[("error", Self::Error), ("drop", Self::Drop)];
}

impl ReadOptions {
    /// Refuses signs that cannot be told apart.
    ///
    /// # Errors
    /// Names the option.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.nulls.is_empty() {
            self.nulls.push(String::new());
        }
        self.dialect.check(&self.nulls)
    }

    /// What separates fields and records.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            delimiter: self.dialect.delimiter,
            quote: self.dialect.quote,
            comment: self.lines.comment.as_ref().map(|comment| comment.as_bytes().to_vec()),
            short_rows_are_filled: self.lines.short_rows == ShortRows::Null,
            long_rows_are_cut: self.lines.long_rows == LongRows::Drop,
        }
    }
}
