//! Parquet files below a directory or a pattern, read as one table.

use super::format::Format;
use super::named_files::scan_file;
use crate::dataset::{Dataset, DatasetFile};
use crate::error::Result;
use crate::options::{DatasetOptions, InputOptions, Operand};
use crate::parquet_file::{ScanFile, ScanOptions};
use crate::threads::Threads;

/// The files of a single operand that is a directory, a pattern or a Parquet file, and how they are
/// read; `None` for other inputs.
///
/// # Errors
/// A directory or a pattern without files; other files below it; an operand that cannot be opened.
pub(super) fn tree(
    options: &InputOptions,
    threads: &Threads,
) -> Result<Option<(Vec<ScanFile>, ScanOptions)>> {
    let [operand] = &options.operands[..] else { return Ok(None) };
    let threads = threads.clone();
    let may_be_tree = match operand {
        Operand::Stdin => return Ok(None),
        Operand::Path(path) => !path.exists() || path.is_dir(),
        Operand::Url(_) => true,
    };
    if may_be_tree {
        let dataset = Dataset::list(&options.operands, &DatasetOptions::default())?;
        if dataset.files.iter().any(|file| file.operand != *operand) {
            let files = dataset.files.iter().filter_map(listed_file).collect();
            let Dataset { key_fields, key_columns, .. } = dataset;
            let options = ScanOptions { key_fields, key_columns, threads, ..Default::default() };
            return Ok(Some((files, options)));
        }
    }
    if Format::of(&options.operands)? != Format::Parquet {
        return Ok(None);
    }
    let files = scan_file(operand).into_iter().collect();
    Ok(Some((files, ScanOptions { threads, ..Default::default() })))
}

fn listed_file(file: &DatasetFile) -> Option<ScanFile> {
    match &file.operand {
        Operand::Path(path) => Some(ScanFile::At(path.clone(), file.directory.clone())),
        operand => scan_file(operand),
    }
}
