//! Options for scanning Parquet files.

use super::encoded::EncodedColumns;
use crate::io::SeenDirectory;
use crate::options::{NumberList, Operand};
use crate::parquet_file::columns::options::ReadOptions;
use crate::parquet_file::encryption::KeyFile;
use crate::parquet_file::file::ParquetFile;
use crate::schema::MergeSchema;
use crate::text::escaped;
use crate::threads::Threads;
use arrow::array::ArrayRef;
use arrow::datatypes::FieldRef;
use std::path::PathBuf;
use std::sync::Arc;

/// Options for reading the files.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The output columns, in order; `a.b` gives the struct `a` with only the field `b`. Default:
    /// all.
    pub columns: Option<Vec<String>>,
    /// An SQL expression that selects the rows for which it is true. It may use columns that are
    /// not output.
    pub predicate: Option<String>,
    /// The row groups to read of each file, in order. Default: all.
    pub row_groups: Option<NumberList>,
    /// Rows per batch. Default: about 2 MiB, at most 65,536 rows.
    pub batch_rows: Option<usize>,
    /// The number of rows to skip at the start, counted after the predicate.
    pub skip: u64,
    /// The maximum number of output rows.
    pub limit: Option<u64>,
    /// Columns to output dictionary-encoded, marked as such.
    pub dictionary: EncodedColumns,
    /// Columns to output run-end encoded, marked as such.
    pub runs: EncodedColumns,
    /// The threads for reading (default: one per core). The output does not depend on their number.
    pub threads: Threads,
    /// Which schemas can be read as one.
    pub merge_schema: MergeSchema,
    /// Whether columns of one name are numbered, `x` and `x_2`, as if the files had these names.
    pub unique_names: bool,
    /// Partition columns, with one value for all rows of a file. They follow the columns of the
    /// files, or replace a column of the same name.
    pub key_fields: Vec<FieldRef>,
    /// Their values, one row per file.
    pub key_columns: Vec<ArrayRef>,
    /// How columns of the files are read.
    pub read: ReadOptions,
    /// Whether everything is read, and filtered afterwards.
    pub no_pushdown: bool,
    /// Whether what is read and pruned is counted.
    pub is_counted: bool,
    /// The keys of encrypted files.
    pub decryption_keys: Option<Arc<KeyFile>>,
    /// The name of an additional last column with the name of the file.
    pub filename: Option<String>,
}

/// A file to be read.
#[derive(Debug, Clone)]
pub enum ScanFile {
    /// A regular file that is opened when its rows are needed, and the directory in which it was
    /// found.
    At(PathBuf, Option<Arc<SeenDirectory>>),
    /// An object that is opened when its rows are needed, or shortly before, and the directory for a
    /// copy of it if the server sends only whole objects.
    Url(String, Option<PathBuf>),
    /// A file that is already open.
    Open(ParquetFile),
}

impl ScanFile {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::At(path, _) => escaped(&path.to_string_lossy()),
            Self::Url(url, _) => Operand::Url(url.clone()).name(),
            Self::Open(file) => file.name().to_owned(),
        }
    }
}

impl From<ParquetFile> for ScanFile {
    fn from(file: ParquetFile) -> Self {
        Self::Open(file)
    }
}
