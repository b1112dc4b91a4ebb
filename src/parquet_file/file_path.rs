//! Whether the rows of a footer are in the same file: a column chunk may name another one
//! (`file_path` of `ColumnChunk` in parquet.thrift), as those of summary files do.

use crate::error::{Error, Result};
use crate::text::escaped;
use parquet::file::metadata::ParquetMetaData;

/// Summaries of a directory: the footers of all files, and their schema alone.
const SUMMARY_NAMES: [&str; 2] = ["_metadata", "_common_metadata"];

/// Checks that all column chunks are in the file that the footer belongs to, and that the file is
/// no summary of others. `name` is what messages call the file.
///
/// # Errors
/// A column chunk in another file, a summary file.
pub(super) fn check_rows_are_here(metadata: &ParquetMetaData, name: &str) -> Result<()> {
    let is_summary = name.rsplit('/').next().is_some_and(|last| SUMMARY_NAMES.contains(&last));
    let row_groups = metadata.row_groups().iter().enumerate();
    let mut chunks = row_groups.flat_map(|(number, row_group)| {
        row_group.columns().iter().map(move |chunk| (number, chunk))
    });
    // Some writers set an empty path.
    let elsewhere = chunks.find_map(|(number, chunk)| {
        let path = chunk.file_path().filter(|path| !path.is_empty())?;
        Some((number, chunk.column_path().string(), escaped(path)))
    });
    match elsewhere {
        Some((_, _, path)) if is_summary => Err(Error::failed(format!(
            "this file is a summary, its rows are in other files (the first is {path}): \
             name the directory instead"
        ))),
        None if is_summary && metadata.num_row_groups() == 0 => Err(Error::failed(
            "this file is a summary, it has a schema and no rows: name the directory instead",
        )),
        Some((number, column, path)) => Err(Error::failed(format!(
            "row group {number}, column \"{}\": file_path says that its data is in another file, \
             {path}; name that file instead",
            escaped(&column)
        ))),
        None => Ok(()),
    }
}
