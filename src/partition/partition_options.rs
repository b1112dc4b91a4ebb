//! Options of partitioning, and how its memory is divided.

use super::files::FileLimits;
use crate::error::{Error, Result};
use crate::parquet_file::{DictionaryColumns, EncodeOptions};
use crate::schema::Order;
use crate::text::escaped;
use std::path::PathBuf;

/// Options for distributing rows among files.
#[derive(Debug, Clone)]
pub struct PartitionOptions {
    /// The partition columns; without any, there is one partition.
    pub by: Vec<String>,
    /// Whether those columns are also stored in the files.
    pub keep_columns: bool,
    /// The maximum size of files.
    pub limits: FileLimits,
    /// The maximum number of open files, in addition to one per thread.
    pub most_open_files: usize,
    /// The approximate amount of memory to use.
    pub memory_bytes: usize,
    /// The directory for rows that do not fit in memory, or `None` for the default.
    pub temporary_directory: Option<PathBuf>,
    /// How files are encoded, and the number of threads.
    pub encode: EncodeOptions,
}

/// How the memory is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// The number of bytes of rows that are sorted at a time.
    pub(crate) chunk_bytes: usize,
    /// The number of bytes of sorted rows that are held.
    pub(crate) held_bytes: usize,
}

/// The memory that the program needs without waiting rows, including an input batch.
pub(crate) const OWN_BYTES: usize = 24 << 20;

/// A smaller chunk is not worth moving.
pub(crate) const LEAST_CHUNK_BYTES: usize = 64 << 10;

impl Budget {
    pub(crate) fn of(memory_bytes: usize) -> Self {
        Self {
            chunk_bytes: (memory_bytes / 32).max(LEAST_CHUNK_BYTES),
            held_bytes: (memory_bytes.saturating_sub(OWN_BYTES) / 3 * 2).max(memory_bytes / 4),
        }
    }
}

/// Refuses options for columns of the files that name a partition column.
pub(crate) fn refuse_left_out(by: &[String], encode: &EncodeOptions) -> Result<()> {
    let sorted: Vec<String> = encode.sorted_by.iter().flat_map(Order::names).cloned().collect();
    let dictionary = match &encode.dictionary {
        DictionaryColumns::Named(names) => &names[..],
        _ => &[],
    };
    let encoded: Vec<String> = encode.encodings.iter().map(|(name, _)| name.clone()).collect();
    let options = [
        ("--sorted-by", &sorted[..]),
        ("--encode", &encoded),
        ("--bloom", &encode.bloom),
        ("--encode-dictionary", dictionary),
    ];
    for (option, names) in options {
        if let Some(name) = names.iter().find(|name| by.contains(name)) {
            return Err(Error::usage(format!(
                "{option}: \"{}\" is a --partition-by column and not in the files \
                 (--keep-partition-columns stores it there)",
                escaped(name)
            )));
        }
    }
    Ok(())
}
