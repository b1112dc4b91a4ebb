//! What a command line says of inputs and outputs, as plain data: which ones, and how to treat
//! them. Not for opening anything: `io` does that.

mod dataset;
mod number_list;
mod selection;
mod text_signs;

use crate::text::escaped;
pub use dataset::DatasetOptions;
pub use number_list::{NumberList, missing};
pub use selection::Selection;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
pub use text_signs::{BinaryText, Delimiter, Dialect, GivenColumns, InferRows, TextEncoding};

/// What an operand names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// `-`, or no operand at all.
    Stdin,
    /// A file, a FIFO, or `/dev/fd/N`.
    Path(PathBuf),
}

/// What `-o` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Destination {
    /// No `-o`, or `-o -`.
    #[default]
    Stdout,
    /// A file to be replaced or made, a FIFO, a device, or `/dev/fd/N`.
    Path(PathBuf),
}

/// Where data come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputOptions {
    /// What is read, one after another; standard input if there is none.
    pub operands: Vec<Operand>,
    /// Take the end of the input for the end of a stream that has no end marker.
    pub allow_missing_end: bool,
    /// Read columns as if their schemas allowed nulls, whatever they say.
    pub allow_nulls: bool,
    /// Finish at the first end marker instead of at the end of the input.
    pub single: bool,
    /// The record batches to read of each input; all if none.
    pub record_batches: Option<NumberList>,
    /// How many threads may decompress at the same time; never more than there are processors. They
    /// work while the caller waits for a batch, beside those that do other work.
    pub threads: Option<NonZero<usize>>,
}

/// Where the result goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// What is written.
    pub destination: Destination,
    /// Write binary even to a terminal.
    pub force: bool,
    /// Do not wait until the disk has the data.
    pub no_sync: bool,
}

impl Operand {
    /// Reads an operand: `-` is standard input.
    pub fn from_argument(argument: OsString) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(argument.into()) }
    }

    /// The name to show in messages.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            // A variable of the shell that is not set, for example.
            Self::Path(path) if path.as_os_str().is_empty() => "\"\"".to_owned(),
            Self::Path(path) => escaped(&path.to_string_lossy()),
        }
    }
}

impl Destination {
    /// Reads the argument of `-o`: `-` is standard output.
    pub fn from_argument(argument: OsString) -> Self {
        if argument == "-" { Self::Stdout } else { Self::Path(argument.into()) }
    }

    /// The name to show in messages.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::Path(path) => escaped(&path.to_string_lossy()),
        }
    }
}
