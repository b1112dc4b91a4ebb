//! The inputs and outputs of a command line and their options, as plain data. Opening them is the
//! job of `io`.

mod number_list;
mod object_url;
mod pushdown;
mod text_signs;

use crate::text::escaped;
use crate::threads::Threads;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use number_list::{NumberList, missing};
pub use object_url::{is_http_url, is_object_url, url_scheme};
pub use pushdown::{ExplainForm, Pushdown};
pub use text_signs::{BinaryText, Delimiter, Dialect, GivenColumns, InferRows, TextEncoding};

/// The input that an operand names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// `-`, or no operand at all.
    Stdin,
    /// A file, a FIFO, or `/dev/fd/N`.
    Path(PathBuf),
    /// An object in a store or behind HTTP.
    Url(String),
}

/// The output that `-o` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Destination {
    /// No `-o`, or `-o -`.
    #[default]
    Stdout,
    /// A file to be created or replaced, a FIFO, a device, or `/dev/fd/N`.
    Path(PathBuf),
    /// An object in a store or behind HTTP, to be created or replaced.
    Url(String),
}

/// The inputs and how to read them.
#[derive(Debug, Clone, Default)]
pub struct InputOptions {
    /// The inputs, read one after another; standard input if there is none.
    pub operands: Vec<Operand>,
    /// Accept the end of the input as the end of a stream that has no end marker.
    pub allow_missing_end: bool,
    /// Read all columns as nullable, whatever the schema says.
    pub allow_nulls: bool,
    /// Stop at the first end marker instead of at the end of the input.
    pub single: bool,
    /// The most bytes of a message in memory; the default is that of `--max-message-bytes`.
    pub max_message_bytes: Option<u64>,
    /// The record batches to read of each input; all if none.
    pub record_batches: Option<NumberList>,
    /// Tell no writer of a pipe what is needed.
    pub no_hints: bool,
    /// The threads for decompression, but no more than there are processors; default: one per core.
    pub threads: Option<Threads>,
}

/// Options for operands that are directories, patterns or lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetOptions {
    /// A list of more files and directories.
    pub files_from: Option<Operand>,
    /// Path components such as `year=2024` are partition keys in all paths, even of files that are
    /// operands.
    pub hive: bool,
    /// No path component is a partition key.
    pub no_hive: bool,
    /// The types of some keys, or a file that contains them: `year int16, day date`.
    pub hive_types: Option<String>,
}

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

/// The output and how to write it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// The destination.
    pub destination: Destination,
    /// Write binary data even to a terminal.
    pub force: bool,
    /// Do not wait until the data is on disk.
    pub no_sync: bool,
    /// A file or an object that exists is an error.
    pub must_be_new: bool,
}

impl Operand {
    /// Parses an operand: `-` is standard input. An existing path is never a URL, and neither is
    /// anything in a program without the feature `remote`.
    pub fn from_argument(argument: OsString) -> Self {
        if argument == "-" { Self::Stdin } else { Self::of_name(argument) }
    }

    /// A URL or a path, even if it is `-`.
    pub fn of_name(name: OsString) -> Self {
        match name.to_str() {
            Some(text)
                if cfg!(feature = "remote")
                    && is_object_url(text)
                    && Path::new(text).symlink_metadata().is_err() =>
            {
                Self::Url(text.to_owned())
            }
            _ => Self::Path(name.into()),
        }
    }

    /// The name to show in messages.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            // From an unset shell variable, for example.
            Self::Path(path) if path.as_os_str().is_empty() => "\"\"".to_owned(),
            Self::Path(path) => escaped(&path.to_string_lossy()),
            Self::Url(url) => object_url::shown_url(url),
        }
    }
}

impl Destination {
    /// Parses the argument of `-o`: `-` is standard output.
    pub fn from_argument(argument: OsString) -> Self {
        if argument == "-" { Self::Stdout } else { Self::Path(argument.into()) }
    }

    /// The name to show in messages.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::Path(path) => escaped(&path.to_string_lossy()),
            Self::Url(url) => object_url::shown_url(url),
        }
    }
}
