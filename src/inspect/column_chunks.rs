//! Walks the column chunks of a Parquet file, skipping damaged ones, for views that look into
//! pages.

use super::open;
use super::parquet::file_path;
use crate::error::{Error, Result};
use crate::io::RangedBytes;
use crate::options::Operand;
use crate::parquet_file::statistics_validity::FileTrust;
use crate::parquet_file::{KeyFile, footer};
use crate::text::{count, escaped};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::sync::Arc;

/// An open file, and the position of the walk.
pub(super) struct ColumnChunks {
    /// The operand, as the user wrote it.
    pub(super) path: String,
    operand: Operand,
    pub(super) file: Arc<dyn RangedBytes>,
    /// The footer without page indexes: together they may be as large as the rest of it, so they
    /// are read chunk by chunk.
    pub(super) metadata: ParquetMetaData,
    pub(super) trust: FileTrust,
    /// The next column chunk: its row group, and its position there.
    next: (usize, usize),
    /// The error of the first damaged column chunk, and the number of further damaged ones.
    error: Option<Error>,
    more_damaged: u64,
}

impl ColumnChunks {
    /// Opens a Parquet file; one from a pipe is spooled to a temporary file.
    ///
    /// # Errors
    /// Those of [`open::report`]; a format without pages. Errors name the operand.
    pub(super) fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        let named = |error: Error| error.with(operand.name());
        let file = open::parquet(operand)?;
        let metadata = footer::read(&*file, keys).map_err(named)?.metadata;
        no_other_files(&metadata).map_err(named)?;
        Ok(Self {
            path: open::shown_path(operand),
            operand: operand.clone(),
            file,
            trust: FileTrust::of(metadata.file_metadata()),
            metadata,
            next: (0, 0),
            error: None,
            more_damaged: 0,
        })
    }

    /// The next column chunk: the number of its row group, and its position there.
    pub(super) fn next(&mut self) -> Option<(usize, usize)> {
        while let Some(row_group) = self.metadata.row_groups().get(self.next.0) {
            let (number, place) = self.next;
            if place < row_group.num_columns() {
                self.next.1 += 1;
                return Some((number, place));
            }
            self.next = (number + 1, 0);
        }
        None
    }

    /// Keeps the error of a column chunk until the end: the other chunks may be readable.
    pub(super) fn keep(&mut self, error: Error) {
        match &self.error {
            None => self.error = Some(error),
            Some(_) => self.more_damaged += 1,
        }
    }

    /// Takes one error for all damaged column chunks, if there are any: that of the first, with the
    /// number of the others.
    pub(super) fn take_error(&mut self) -> Option<Error> {
        let first = self.error.take()?;
        let error = match self.more_damaged {
            0 => first,
            1 => Error::failed(format!("{first}; another column chunk is also damaged")),
            more => {
                Error::failed(format!("{first}; {} more column chunks are damaged", count(more)))
            }
        };
        Some(error.with(self.operand.name()))
    }
}

/// Refuses a `_metadata` file, whose row groups are in other files.
pub(super) fn no_other_files(metadata: &ParquetMetaData) -> Result<()> {
    let chunks = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let Some(other) = chunks().find_map(file_path) else { return Ok(()) };
    if chunks().any(|chunk| file_path(chunk).is_none()) {
        return Ok(());
    }
    let other = escaped(other);
    Err(Error::failed(format!(
        "it has no pages: its row groups are in other files, such as \"{other}\""
    )))
}
