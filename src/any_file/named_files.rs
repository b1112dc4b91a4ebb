//! Parquet files among the inputs: those that are named, one after another.

use crate::error::Result;
use crate::io::{open_mapped, open_object};
use crate::options::Operand;
use crate::parquet_file::{ParquetFile, Scan, ScanFile, ScanOptions};
use crate::threads::Threads;

/// A file that is opened when its turn comes; `None` for standard input.
pub(super) fn scan_file(operand: &Operand) -> Option<ScanFile> {
    match operand {
        Operand::Path(path) => Some(ScanFile::At(path.clone(), None)),
        Operand::Url(url) => Some(ScanFile::Url(url.clone(), None)),
        Operand::Stdin => None,
    }
}

pub(super) fn scan(operands: &[Operand], columns: Option<Vec<String>>) -> Result<Scan> {
    let files = operands.iter().filter_map(scan_file).collect();
    // The tools for any file have no option for threads, and hold one batch in memory.
    let threads = Threads::one();
    Scan::try_new(files, ScanOptions { columns, threads, ..ScanOptions::default() })
}

pub(super) fn parquet_file(operand: &Operand) -> Result<ParquetFile> {
    let bytes = match operand {
        Operand::Url(url) => open_object(url, None)?,
        _ => open_mapped(operand, None)?.into(),
    };
    ParquetFile::open(bytes, operand.name())
}
