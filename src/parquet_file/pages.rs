//! A file as its decoders see it: pages are returned in place, and released once enough of them were
//! touched, so that resident memory stays flat.

use super::page_budget::PageBudget;
use crate::io::RangedBytes;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The pages of one file, shared by all its decoders. Those of a mapped file that are still in use
/// when they are released are faulted in again from the page cache.
#[derive(Clone)]
pub(crate) struct FilePages {
    touched: Arc<Touched>,
    budget: Arc<PageBudget>,
}

struct Touched {
    file: Arc<dyn RangedBytes>,
    bytes: AtomicUsize,
}

/// Small compared with the memory a tool needs anyway, large compared with the cost of a release:
/// one system call, and a fault for every page still in use.
const RELEASE_BYTES: usize = 4 << 20;

/// A fault in a file mapping also brings in the surrounding pages (Linux: `fault_around_bytes`).
const FAULT_BYTES: usize = 64 << 10;

impl FilePages {
    pub(crate) fn new(file: Arc<dyn RangedBytes>) -> Self {
        let budget = Arc::new(PageBudget::of_file(file.size()));
        Self { touched: Arc::new(Touched { file, bytes: AtomicUsize::new(0) }), budget }
    }

    /// The memory that decompressed pages may take.
    pub(crate) fn budget(&self) -> &Arc<PageBudget> {
        &self.budget
    }

    pub(crate) fn file(&self) -> &dyn RangedBytes {
        &*self.touched.file
    }

    /// Counts a page header as read. Mostly the page is skipped.
    pub(crate) fn touch_header(&self) {
        self.touch(FAULT_BYTES);
    }

    /// The bytes of a page.
    ///
    /// # Errors
    /// Those of [`RangedBytes::read`].
    pub(crate) fn get(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.touch(length);
        let range = start..start.saturating_add(length as u64);
        self.file().read(range).map_err(|error| ParquetError::General(error.to_string()))
    }

    fn touch(&self, bytes: usize) {
        let before = self.touched.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) >= RELEASE_BYTES {
            self.touched.bytes.store(0, Ordering::Relaxed);
            self.touched.release();
        }
    }
}

impl Touched {
    fn release(&self) {
        self.file.release(0..self.file.size());
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        self.release();
    }
}
