//! Lists the pages of a Parquet file from their headers and the page indexes. No page is
//! decompressed; its bytes are not even touched.
//!
//! Pages are found by walking from header to header. That includes pages of files without a page
//! index, and dictionary pages, which page indexes do not list.

use super::column_chunks::ColumnChunks;
use super::page_chunk::{Chunk, Page};
use crate::error::Result;
use crate::options::Operand;
use crate::parquet_file::KeyFile;
use std::sync::Arc;

/// The number of pages returned together: enough for batches and tables, few enough for memory.
const TOGETHER: usize = 4096;

/// The pages of a file, a few thousand at a time, row group by row group and column by column.
pub(super) struct Pages {
    chunks: ColumnChunks,
    chunk: Option<Chunk>,
}

impl Pages {
    /// Opens a Parquet file; one from a pipe is spooled to a temporary file.
    ///
    /// # Errors
    /// Those of [`ColumnChunks::open`].
    pub(super) fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        Ok(Self { chunks: ColumnChunks::open(operand, keys)?, chunk: None })
    }

    /// The operand, as the user wrote it.
    pub(super) fn path(&self) -> &str {
        &self.chunks.path
    }

    /// The next [`TOGETHER`] pages; fewer only at the end of the file.
    fn some(&mut self) -> Vec<Page> {
        let mut pages = Vec::new();
        while pages.len() < TOGETHER {
            match self.next_page() {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => break,
                Err(error) => {
                    self.chunk = None;
                    self.chunks.keep(error);
                }
            }
        }
        // Headers are spread over the file, and the system also maps the bytes around them.
        self.chunks.file.release(0..self.chunks.file.size());
        pages
    }

    fn next_page(&mut self) -> Result<Option<Page>> {
        loop {
            if let Some(chunk) = &mut self.chunk
                && let Some(page) = chunk.next_page()?
            {
                return Ok(Some(page));
            }
            let Some((row_group, place)) = self.chunks.next() else { return Ok(None) };
            let ColumnChunks { file, metadata, trust, .. } = &self.chunks;
            self.chunk = Some(Chunk::start(Arc::clone(file), metadata, trust, row_group, place)?);
        }
    }
}

impl Iterator for Pages {
    type Item = Result<Vec<Page>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = self.some();
        if pages.is_empty() { self.chunks.take_error().map(Err) } else { Some(Ok(pages)) }
    }
}
