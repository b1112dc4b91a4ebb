//! Describes a file for `file-inspect` as plain data: `FileReport`.
//!
//! `open` distinguishes three formats by content: `parquet`, `arrow_file` and `stream` read only
//! what describes the data, the footer or the message headers. `pages` also reads page headers and
//! the page index; `dictionary` decodes dictionary pages. `footer_counts` only counts.
//!
//! - Parts of the description: `contents`, `column_chunks`, `statistics` and `bounds` (with
//!   `exactness`), `page_chunk`, `page_header`, `page_index`, `bloom_probe`, `notes`,
//!   `footer_warnings`; for Arrow, `arrow_schema`.
//! - One value: `stored_value` decodes it by its `parquet_type`, `value` is what it means, `cells`
//!   is its text.
//! - A verdict: [`Verdicts`] (`verify`) decodes everything and lists the contradictions.
//! - The request: `requests` names the views and counts.
//! - Rendering: [`Answers`] (`view`) collects the reports of all operands. For people: `summary`,
//!   and `tables`, which `fit` into the width. For programs: `json`, and `batches` with the
//!   columns of `view_columns` and the parts of `view_parts`.

mod arrow_file;
mod arrow_schema;
mod batches;
mod bloom_probe;
mod bounds;
mod cells;
mod column_chunks;
mod contents;
mod dictionary;
mod exactness;
mod footer_counts;
mod footer_warnings;
mod json;
mod notes;
mod open;
mod page_chunk;
mod page_header;
mod page_index;
mod pages;
mod parquet;
mod parquet_type;
mod requests;
mod statistics;
mod stored_value;
mod stream;
mod summary;
mod tables;
mod value;
mod verify;
mod view;
mod view_columns;
mod view_parts;

use crate::error::{Error, Result};
use crate::text::escaped;
use contents::{Contents, Indexes, ratio};

pub use bloom_probe::Probe;
pub use open::InspectOptions;
pub use requests::{Counted, Show};
pub use verify::{Depth, Verdicts};
pub use view::{Answer, Answers, Form, RowSchema, View};

/// The description of one file.
#[derive(Debug, Clone, PartialEq)]
struct FileReport {
    /// The operand, as the user wrote it.
    path: String,
    /// The format, with facts that only that format has.
    format: Format,
    /// The size of the whole file in bytes; for a pipe, the number of bytes read.
    bytes: u64,
    /// The number of rows in all row groups or record batches.
    rows: u64,
    /// The row groups of a Parquet file, or the record batches of the other formats, in file order.
    parts: Vec<Part>,
    /// The schema as a tree: one entry per column as a user counts columns.
    fields: Vec<Field>,
    /// The stored columns; nested ones have dotted paths. Empty if the format does not list them.
    columns: Vec<Column>,
    /// The names of the codecs in use, including `none`, sorted.
    codecs: Vec<&'static str>,
    /// Key-value pairs from the writer; a key may have no value.
    metadata: Vec<(String, Option<String>)>,
    /// Warnings for the user, each a clause without a full stop.
    warnings: Vec<String>,
}

/// A format, with facts that only that format has.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    /// Apache Parquet.
    Parquet {
        /// The format version that the writer declares (1 or 2).
        version: i32,
        /// The writing program, as it names itself.
        created_by: Option<String>,
        /// The size of the footer's metadata, which every reader must load first.
        footer_bytes: u64,
    },
    /// The Arrow IPC file format.
    ArrowFile(Ipc),
    /// The Arrow IPC streaming format.
    ArrowStream {
        /// The facts that it shares with the file format.
        ipc: Ipc,
        /// The number of concatenated streams.
        streams: u64,
        /// Whether each stream ends with an end marker: a producer that died writes none.
        end_marker: bool,
    },
}

/// The facts that Arrow files and streams have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ipc {
    /// The version of the metadata (`V4`, `V5`).
    version: &'static str,
    /// Whether the bodies are in big-endian order, which the other tools swap.
    big_endian: bool,
    /// The number of dictionary batches, including deltas and replacements.
    dictionaries: u64,
    /// The size of the dictionary batches in the file, including headers.
    dictionary_bytes: u64,
}

/// A row group or a record batch.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    /// The number of rows.
    rows: u64,
    /// The size in the file: of the compressed pages, or of the message with its header.
    stored_bytes: u64,
    /// The file that has its column chunks, as named in the footer, if it is another file.
    file: Option<String>,
    /// The decompressed size, if the format states it.
    uncompressed_bytes: Option<u64>,
    /// One entry per entry of [`FileReport::columns`], in that order; empty if the format does not
    /// state them.
    chunks: Vec<Contents>,
}

/// A column as it is stored: a leaf of the schema.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    /// Its names from the root, joined by dots.
    path: String,
    /// The type of the column in lower-case words (`decimal(9, 2)`), or as Arrow writes it.
    type_name: String,
    /// The facts about the column in all row groups or record batches together.
    contents: Contents,
}

/// A field of the schema with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    /// Its name.
    name: String,
    /// The type of the field in lower-case words, or as Arrow writes it.
    type_name: String,
    /// Whether it may be null, or repeat.
    occurs: Occurs,
    /// The fields of a struct, or the element of a list.
    children: Vec<Field>,
    /// The key-value pairs of this field, including extension types, sorted by key.
    metadata: Vec<(String, String)>,
}

/// The number of values that a field may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurs {
    /// Exactly one: never null.
    Required,
    /// One or null.
    Optional,
    /// Any number: the inside of a Parquet list.
    Repeated,
}

impl FileReport {
    /// A single count, for scripts.
    ///
    /// # Errors
    /// Row groups of a format that has record batches, or vice versa; a stream without its end
    /// marker. The error names the file.
    fn count(&self, counted: Counted) -> Result<u64> {
        let is_parquet = self.is_parquet();
        let other = |has: &str, option: &str| {
            let name = self.format.name();
            let why = format!("the format \"{name}\" has {has}: try --count {option}");
            Err(Error::failed(why).with(escaped(&self.path)))
        };
        if let Format::ArrowStream { end_marker: false, .. } = self.format {
            // A script must not be given the count of an incomplete stream.
            let why = "the stream stops without its end marker: the producer stopped early";
            return Err(Error::failed(why).with(escaped(&self.path)));
        }
        match counted {
            Counted::RowGroups if !is_parquet => other("record batches", "batches"),
            Counted::Batches if is_parquet => other("row groups", "row-groups"),
            Counted::RowGroups | Counted::Batches => Ok(self.parts.len() as u64),
            Counted::Rows => Ok(self.rows),
            Counted::Columns => Ok(self.fields.len() as u64),
            Counted::Bytes => Ok(self.bytes),
        }
    }

    fn is_parquet(&self) -> bool {
        matches!(self.format, Format::Parquet { .. })
    }

    /// The bloom filters and page indexes of all columns; none for formats other than Parquet.
    fn indexes(&self) -> Option<Indexes> {
        let all = || Indexes::of_all(self.columns.iter().map(|column| column.contents.indexes));
        self.is_parquet().then(all)
    }

    fn ipc(&self) -> Option<&Ipc> {
        match &self.format {
            Format::Parquet { .. } => None,
            Format::ArrowFile(ipc) | Format::ArrowStream { ipc, .. } => Some(ipc),
        }
    }
}

impl Ipc {
    fn byte_order(&self) -> &'static str {
        if self.big_endian { "big-endian" } else { "little-endian" }
    }
}

impl Part {
    /// A record batch, whose header has no more facts.
    fn of_batch(rows: u64, stored_bytes: u64) -> Self {
        let (file, uncompressed_bytes, chunks) = (None, None, Vec::new());
        Self { rows, stored_bytes, file, uncompressed_bytes, chunks }
    }

    fn ratio(&self) -> Option<f64> {
        ratio(self.uncompressed_bytes?, self.stored_bytes)
    }

    /// The bloom filters and page indexes of all columns; none if the format has none.
    fn indexes(&self) -> Option<Indexes> {
        let all = || Indexes::of_all(self.chunks.iter().map(|chunk| chunk.indexes));
        (!self.chunks.is_empty()).then(all)
    }
}

impl Format {
    /// The name to show: `parquet`, `arrow file`, `arrow stream`.
    fn name(&self) -> &'static str {
        match self {
            Self::Parquet { .. } => "parquet",
            Self::ArrowFile(_) => "arrow file",
            Self::ArrowStream { .. } => "arrow stream",
        }
    }
}

impl Occurs {
    /// The word to show: `required`, `optional`, `repeated`.
    fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Repeated => "repeated",
        }
    }
}
