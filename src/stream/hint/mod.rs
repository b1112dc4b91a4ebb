//! Hints from the reader of a pipe to its writer: which columns and rows it will not need.
//!
//! A hint is a promise, never an order: a writer that does not know of it, or cannot use it, writes
//! everything, and the result of the pipe is the same. It refers to a schema, which the writer has
//! sent before; a writer that uses it says so in a second schema ([`super::Writer::agree`]), which
//! only the reader that gave the hint accepts.
//!
//! - `agreement`: the second schema.
//! - `bytes`: a hint as a message, and back, with everything checked.
//! - `listen`: how long a writer waits for a hint.
//! - `through`: the hint of a reader, translated by a tool into its own.
//! - `used`: the hint of a reader, added to what a tool was told to read.

mod agreement;
mod bytes;
mod listen;
mod through;
mod used;

pub(super) use agreement::Agreement;
pub(super) use bytes::{fingerprint, identity};
pub(super) use listen::listen;
pub use through::{Rows, means_the_same};
pub use used::Used;

use crate::explain::NamedHint;
use arrow::datatypes::Schema;

/// The promise of a reader not to need some of a stream. The default promises nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint {
    /// The columns that it uses, as ascending positions in the schema; `None` for all.
    pub columns: Option<Vec<usize>>,
    /// An SQL expression over the schema that cannot raise an error: rows for which it is not true
    /// change nothing.
    pub predicate: Option<String>,
    /// Rows after this many change nothing.
    pub limit: Option<u64>,
    /// Columns that are encoded only in transit are read as if they were plain.
    pub encodings: Encodings,
}

/// The encodings that a reader has a use for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encodings {
    /// None.
    #[default]
    None,
    /// Run-end encoded columns.
    Runs,
    /// Run-end encoded columns, and dictionary-encoded text.
    Texts,
    /// Run-end encoded and dictionary-encoded columns.
    All,
}

impl Encodings {
    /// Those of them for a tool that sorts, which compares numbers faster if they are plain: by 20
    /// million numbers of one byte in 3.1 s of processor time instead of 3.7.
    #[must_use]
    pub(crate) fn to_sort(self) -> Self {
        if self == Self::All { Self::Texts } else { self }
    }
}

/// How far the reader that gives a hint will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// To the end of its last input.
    End,
    /// It may stop before. The hint then goes only to pipes without names: a FIFO may get another
    /// reader, for which the same writer goes on.
    Enough,
}

impl Hint {
    /// Whether the reader may need everything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The hint with the names of its columns.
    pub fn named(&self, schema: &Schema) -> NamedHint {
        let name = |column: &usize| schema.fields().get(*column).map(|field| field.name().clone());
        let names = |columns: &Vec<usize>| columns.iter().filter_map(name).collect();
        NamedHint {
            columns: self.columns.as_ref().map(names),
            predicate: self.predicate.clone(),
            limit: self.limit,
            encodings: self.encodings != Encodings::None,
        }
    }
}

/// Whether hints are given and used: `ARROW_PIPES_HINTS=off` turns them off.
pub(super) fn are_on() -> bool {
    std::env::var_os("ARROW_PIPES_HINTS").is_none_or(|value| value != "off")
}
