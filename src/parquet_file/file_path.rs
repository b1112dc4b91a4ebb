//! Checks that the rows of a footer are in the same file: a column chunk may name another file
//! (`file_path` of `ColumnChunk` in parquet.thrift), as in summary files.

use crate::error::{Error, Result};
use crate::text::escaped;
use parquet::file::metadata::ParquetMetaData;
use std::collections::BTreeMap;

/// Summary files of a directory: the footers of all its files, or only their schema.
const SUMMARY_NAMES: [&str; 2] = ["_metadata", "_common_metadata"];

/// The top-level columns whose data is in another file, by index, with the reason. `name` is the
/// name of the file in messages.
///
/// # Errors
/// A summary file: it has no rows of its own.
pub(crate) fn columns_elsewhere(
    metadata: &ParquetMetaData,
    name: &str,
) -> Result<BTreeMap<usize, String>> {
    let schema = metadata.file_metadata().schema_descr();
    let mut elsewhere = BTreeMap::new();
    let mut first = None;
    for (number, row_group) in metadata.row_groups().iter().enumerate() {
        for (leaf, chunk) in row_group.columns().iter().enumerate() {
            // Some writers set an empty path.
            let Some(path) = chunk.file_path().filter(|path| !path.is_empty()) else { continue };
            first.get_or_insert(path);
            elsewhere.entry(schema.get_column_root_idx(leaf)).or_insert_with(|| {
                format!("the data of row group {number} is in another file: {}", escaped(path))
            });
        }
    }
    let is_summary = name.rsplit('/').next().is_some_and(|last| SUMMARY_NAMES.contains(&last));
    match first {
        Some(first) if is_summary => Err(Error::failed(format!(
            "this is a summary file; its rows are in other files (the first is {}): name the \
             directory instead",
            escaped(first)
        ))),
        None if is_summary && metadata.num_row_groups() == 0 => Err(Error::failed(
            "this is a summary file with a schema and no rows: name the directory instead",
        )),
        _ => Ok(elsewhere),
    }
}
