//! Options for writing Parquet files, and the reasons for their defaults.

use super::column_encoding::ColumnEncoding;
use super::compression::Compression;
use super::target::Target;
use crate::schema::Order;
use crate::threads::Threads;

/// Options for writing a Parquet file.
#[derive(Debug, Clone)]
pub struct EncodeOptions {
    /// The compression codec of all columns.
    pub compression: Compression,
    /// The number of rows at which a row group ends.
    pub row_group_rows: usize,
    /// The approximate stored size in bytes at which a row group ends, if that comes first.
    pub row_group_bytes: Option<usize>,
    /// The level of detail of statistics.
    pub statistics: Statistics,
    /// Whether pages get checksums.
    pub checksums: bool,
    /// The columns that are dictionary-encoded.
    pub dictionary: DictionaryColumns,
    /// The encodings of columns with these names, or below them (`a.b`).
    pub encodings: Vec<(String, ColumnEncoding)>,
    /// The program that will read the file; it determines encodings and time units.
    pub target: Option<Target>,
    /// The approximate size in bytes, before compression, at which a data page ends.
    pub data_page_bytes: usize,
    /// Whether data pages are content-defined, so that files with equal rows share pages.
    pub content_defined: bool,
    /// The largest dictionary in bytes; a column abandons a dictionary that grows beyond it.
    pub dictionary_page_bytes: usize,
    /// The columns that get a bloom filter: those with these names, or below them (`a.b`).
    pub bloom: Vec<String>,
    /// The order that the rows must have, which each row group declares.
    pub sorted_by: Option<Order>,
    /// The threads for encoding (default: one). The file does not depend on their number.
    pub threads: Threads,
    /// The key-value pairs of the schema to keep.
    pub keep_metadata: KeepMetadata,
    /// Key-value pairs for the footer; they replace pairs of the schema with the same key.
    pub metadata: Vec<(String, String)>,
    /// Whether fields without a field id get one.
    pub assign_field_ids: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            compression: Compression::default(),
            // pyarrow, arrow-rs and Spark's vectorized readers work well with this size.
            row_group_rows: 1 << 20,
            row_group_bytes: None,
            statistics: Statistics::Page,
            checksums: true,
            dictionary: DictionaryColumns::All,
            encodings: Vec::new(),
            target: None,
            data_page_bytes: PAGE_BYTES,
            content_defined: false,
            dictionary_page_bytes: DICTIONARY_BYTES,
            bloom: Vec::new(),
            sorted_by: None,
            threads: Threads::one(),
            keep_metadata: KeepMetadata::All,
            metadata: Vec::new(),
            assign_field_ids: false,
        }
    }
}

/// The level of detail of statistics, with which readers skip data that cannot match.
pub use parquet::file::properties::EnabledStatistics as Statistics;

/// The columns that are dictionary-encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DictionaryColumns {
    /// All columns; a column abandons its dictionary if its values do not repeat.
    #[default]
    All,
    /// None.
    None,
    /// Columns with these names, or below them (`a.b`).
    Named(Vec<String>),
}

/// The key-value pairs of a stream's schema that a file keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KeepMetadata {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// The pairs with these keys.
    Keys(Vec<String>),
}

/// A page ends at about this many bytes, or at `PAGE_ROWS`, whichever comes first.
///
/// Rows: readers skip whole pages, so small pages prune better, but each costs a header and an
/// entry in the page index. The main job's million rows (three Int64 columns, zstd:1) take 34,899
/// bytes at 20,000 rows, 16,973 at 50,000, 10,927 at 100,000; pyarrow's take 37,267.
///
/// Bytes: each thread holds several copies of a page while compressing it, so nine mixed columns
/// take 6 MiB less memory than with pages of 1 MiB. Twenty million rows are 735.66 MB instead of
/// 735.60, and are read as fast: by pyarrow in 0.73 s (0.73), DuckDB 0.84 (0.84),
/// `parquet-to-stream` 0.59 (0.60), medians of five alternating runs.
pub(crate) const PAGE_BYTES: usize = 512 << 10;

pub(crate) const PAGE_ROWS: usize = 50_000;

/// The largest dictionary: the limit that other writers have and readers expect.
pub(crate) const DICTIONARY_BYTES: usize = 1 << 20;
