//! What `file-inspect` shows of a file, as plain data: [`FileReport`].
//!
//! Three formats are told apart by content. Only what describes the data is read: the footer of a
//! Parquet or Arrow file, the message headers of a stream; for [`Pages`] their headers, too. [`Summary`] and
//! [`tables`] render reports for people, [`json`] and [`batches`] for programs. Not for decoding: no value of a column is ever looked at, except those
//! that a footer states as minimum and maximum.

pub mod arrow_file;
mod arrow_schema;
pub mod batches;
mod bloom_probe;
mod bounds;
mod cells;
mod column_chunks;
mod contents;
mod dictionary;
mod dictionary_page;
mod dictionary_table;
mod exactness;
mod fit;
mod footer_counts;
mod footer_warnings;
pub mod json;
mod notes;
mod open;
mod page_bounds;
mod page_chunk;
mod page_header;
mod page_index;
mod pages;
pub mod parquet;
mod parquet_type;
mod statistics;
mod stored_value;
pub mod stream;
mod summary;
pub mod tables;
mod value;
mod view;
mod view_columns;
mod view_parts;

use crate::error::{Error, Result};
use crate::text::escaped;
pub use bloom_probe::{Probe, Probed, ProbedRowGroup};
pub use bounds::{Bounds, Ignored};
pub use contents::{Contents, Indexes};
pub use dictionary::{Dictionaries, Dictionary, Entry};
pub use open::report;
pub use page_header::PageKind;
pub use pages::{Page, Pages};
pub use summary::Summary;
pub use value::{TimeUnit, Value};
pub use view::{Answer, Answers, Form, View};

/// What is in one file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// The operand, as the user wrote it.
    pub path: String,
    /// The format and what only that format has.
    pub format: Format,
    /// The size of the whole file in bytes; of a pipe, what came through it.
    pub bytes: u64,
    /// All rows, over all row groups or record batches.
    pub rows: u64,
    /// Row groups of Parquet, record batches of the others, in file order.
    pub parts: Vec<Part>,
    /// The schema as a tree: one entry per column as a user counts columns.
    pub fields: Vec<Field>,
    /// What is stored as a column of its own, with nested columns by dotted path. Empty where the
    /// format does not say.
    pub columns: Vec<Column>,
    /// Names of the codecs in use, `none` among them, sorted.
    pub codecs: Vec<&'static str>,
    /// Key and value pairs that the writer left; a key may stand alone.
    pub metadata: Vec<(String, Option<String>)>,
    /// What a user should know before trusting or using the file, each a clause without a full stop.
    pub warnings: Vec<String>,
}

/// A format, and what only that format has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet {
        /// The format version its writer claims (1 or 2).
        version: i32,
        /// The program that wrote it, in its own words.
        created_by: Option<String>,
        /// The size of the footer's metadata, which every reader must load first.
        footer_bytes: u64,
    },
    /// The Arrow IPC file format.
    ArrowFile(Ipc),
    /// The Arrow IPC streaming format.
    ArrowStream {
        /// What it shares with the file format.
        ipc: Ipc,
        /// How many streams lie one after the other.
        streams: u64,
        /// Whether each of them ends with an end marker: a producer that died writes none.
        end_marker: bool,
    },
}

/// What Arrow files and streams have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ipc {
    /// The version of the metadata (`V4`, `V5`).
    pub version: &'static str,
    /// Whether the bodies are in big-endian order, which the other tools refuse.
    pub big_endian: bool,
    /// How many dictionary batches there are, deltas and replacements among them.
    pub dictionaries: u64,
    /// What the dictionary batches take in the file, headers included.
    pub dictionary_bytes: u64,
}

/// A row group or a record batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its rows.
    pub rows: u64,
    /// What it takes in the file: compressed pages; a message with its header.
    pub stored_bytes: u64,
    /// The file that its column chunks lie in, if that is another one, as the footer names it.
    pub file: Option<String>,
    /// What it takes once decompressed, where the format says so.
    pub uncompressed_bytes: Option<u64>,
    /// One entry per entry of [`FileReport::columns`], in that order; empty where the format does
    /// not say.
    pub chunks: Vec<Contents>,
}

/// A column as it is stored: a leaf of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its names from the root, joined by dots.
    pub path: String,
    /// Its type in lower-case words (`decimal(9, 2)`), or as Arrow writes it.
    pub type_name: String,
    /// What all row groups or record batches together say of it.
    pub contents: Contents,
}

/// A field of the schema with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type in lower-case words, or as Arrow writes it.
    pub type_name: String,
    /// Whether it may be null, or come many times.
    pub occurs: Occurs,
    /// The fields of a struct, the element of a list.
    pub children: Vec<Field>,
    /// Key and value pairs of this field, extension types among them; sorted by key.
    pub metadata: Vec<(String, String)>,
}

/// How often a field has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Once: never null.
    Required,
    /// Once or null.
    Optional,
    /// Any number of times: the inside of a Parquet list.
    Repeated,
}

/// What `--count` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Row groups: only Parquet has them.
    RowGroups,
    /// Record batches: only Arrow files and streams have them.
    Batches,
    /// Rows.
    Rows,
    /// Columns at the top of the schema.
    Columns,
    /// The file's size in bytes.
    Bytes,
}

impl FileReport {
    /// One number, for scripts.
    ///
    /// # Errors
    /// Row groups of a format that has record batches, or the other way round. The error names the
    /// file.
    pub fn count(&self, counted: Counted) -> Result<u64> {
        let is_parquet = self.is_parquet();
        let other = |has: &str, option: &str| {
            let name = self.format.name();
            let why = format!("the format \"{name}\" has {has}: try --count {option}");
            Err(Error::failed(why).with(escaped(&self.path)))
        };
        if let Format::ArrowStream { end_marker: false, .. } = self.format {
            // A number for a script must not be that of a producer that died.
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
}

impl FileReport {
    fn is_parquet(&self) -> bool {
        matches!(self.format, Format::Parquet { .. })
    }

    /// Bloom filters and page indexes of all columns; only Parquet has them.
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

impl Part {
    /// A record batch, whose header says no more.
    fn of_batch(rows: u64, stored_bytes: u64) -> Self {
        let (file, uncompressed_bytes, chunks) = (None, None, Vec::new());
        Self { rows, stored_bytes, file, uncompressed_bytes, chunks }
    }

    /// Bloom filters and page indexes of all columns; nothing where the format has none.
    fn indexes(&self) -> Option<Indexes> {
        let all = || Indexes::of_all(self.chunks.iter().map(|chunk| chunk.indexes));
        (!self.chunks.is_empty()).then(all)
    }
}

impl Format {
    /// The name to show: `parquet`, `arrow file`, `arrow stream`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Parquet { .. } => "parquet",
            Self::ArrowFile(_) => "arrow file",
            Self::ArrowStream { .. } => "arrow stream",
        }
    }
}

impl Occurs {
    /// The word to show: `required`, `optional`, `repeated`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Repeated => "repeated",
        }
    }
}
