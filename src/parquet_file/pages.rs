//! A mapped file as the decoder sees it: pages are returned in place, and released to the operating
//! system once enough of them were touched, so that resident memory stays flat.

use super::page_budget::PageBudget;
use crate::io::MappedFile;
use bytes::Bytes;
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{ChunkReader, Length};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The pages of one file, shared by all its decoders. Those that are still in use when they are
/// released are faulted in again from the page cache.
#[derive(Clone)]
pub(crate) struct MappedPages {
    bytes: Bytes,
    touched: Arc<Touched>,
    budget: Arc<PageBudget>,
}

struct Touched {
    mapping: MappedFile,
    bytes: AtomicUsize,
}

/// Small compared with the memory a tool needs anyway, large compared with the cost of a release:
/// one system call, and a fault for every page still in use.
const RELEASE_BYTES: usize = 4 << 20;

/// A fault in a file mapping also brings in the surrounding pages (Linux: `fault_around_bytes`).
const FAULT_BYTES: usize = 64 << 10;

impl MappedPages {
    pub(crate) fn new(mapping: MappedFile) -> Self {
        let bytes = mapping.bytes();
        let budget = Arc::new(PageBudget::of_file(bytes.len() as u64));
        Self { bytes, touched: Arc::new(Touched { mapping, bytes: AtomicUsize::new(0) }), budget }
    }

    /// The memory that decompressed pages may take.
    pub(crate) fn budget(&self) -> &Arc<PageBudget> {
        &self.budget
    }

    /// The bytes of the file from `start` on; empty beyond its end.
    pub(crate) fn rest(&self, start: u64) -> &[u8] {
        let start = usize::try_from(start).ok().filter(|start| *start <= self.bytes.len());
        start.map_or(&[], |start| &self.bytes[start..])
    }

    fn touch(&self, bytes: usize) {
        let before = self.touched.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) >= RELEASE_BYTES {
            self.touched.bytes.store(0, Ordering::Relaxed);
            self.touched.mapping.release(0..self.touched.mapping.len());
        }
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        self.mapping.release(0..self.mapping.len());
    }
}

impl Length for MappedPages {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl ChunkReader for MappedPages {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        // Page headers are read this way, mostly just to skip the page.
        self.touch(FAULT_BYTES);
        self.bytes.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.touch(length);
        self.bytes.get_bytes(start, length)
    }
}
