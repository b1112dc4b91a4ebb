//! The column chunks of a row group that are fetched before they are read.

use crate::parquet_file::file::{ParquetFile, rows};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Announced ranges of a row group, which are forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct FetchedChunks {
    file: ParquetFile,
    row_group: usize,
    ranges: Mutex<Vec<Range<u64>>>,
}

/// If not all rows of a chunk are read, as many bytes are fetched more than their share: a page is
/// 1 MiB as a rule, and the dictionary comes first.
const MORE_BYTES: u64 = 2 << 20;

impl FetchedChunks {
    /// Announces the chunks of some leaves that are needed to read rows of a row group up to `end`.
    /// `None` for a file that does not fetch.
    pub(crate) fn announce(
        file: &ParquetFile,
        row_group: usize,
        leaves: &[usize],
        end: usize,
    ) -> Option<Arc<Self>> {
        if !file.bytes().fetches() || end == 0 {
            return None;
        }
        let fetched = Self { file: file.clone(), row_group, ranges: Mutex::default() };
        fetched.add(leaves, end);
        Some(Arc::new(fetched))
    }

    /// Announces more chunks of the row group.
    pub(crate) fn add(&self, leaves: &[usize], end: usize) {
        let metadata = self.file.parquet().row_group(self.row_group);
        let share = (end as f64 / rows(metadata).max(1) as f64).min(1.0);
        let ranges = leaves.iter().map(|leaf| {
            let (start, bytes) = metadata.column(*leaf).byte_range();
            let needed = (bytes as f64 * share).ceil() as u64;
            let more = if share < 1.0 { MORE_BYTES } else { 0 };
            start..start.saturating_add(needed.saturating_add(more).min(bytes))
        });
        let ranges: Vec<Range<u64>> = ranges.collect();
        self.file.bytes().fetch(&ranges);
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner).extend(ranges);
    }
}

impl Drop for FetchedChunks {
    fn drop(&mut self) {
        let ranges = self.ranges.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.file.bytes().forget(ranges);
    }
}
