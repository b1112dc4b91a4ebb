//! The pages of a Parquet file, from their headers and the page indexes. No page is decompressed:
//! its bytes are not even touched.
//!
//! Pages are found by walking from header to header, so those of files without a page index are
//! found too, and dictionaries, which no page index lists.

use super::bounds::{Bounds, Ignored};
use super::column_chunks::ColumnChunks;
use super::page_chunk::Chunk;
use super::page_header::PageKind;
use crate::endpoint::Operand;
use crate::error::Result;
use crate::parquet_file::KeyFile;

/// A page of a column chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The number of the row group in the file.
    pub row_group: u64,
    /// The column's names from the root, joined by dots.
    pub column: String,
    /// The number of the page in the column chunk, a dictionary counted.
    pub number: u64,
    /// What it is.
    pub kind: PageKind,
    /// The encoding of its values as parquet.thrift calls it.
    pub encoding: Option<&'static str>,
    /// The codec of the column chunk.
    pub codec: &'static str,
    /// Rows that begin in it, where the header or the page index says so or no list can hide it.
    pub rows: Option<u64>,
    /// Values with nulls; of a dictionary, its entries.
    pub values: Option<u64>,
    /// Nulls among them, where the header or the page index says so.
    pub nulls: Option<u64>,
    /// Why a null count that the file states is left out.
    pub nulls_ignored: Option<Ignored>,
    /// Where its header begins in the file.
    pub offset: u64,
    /// What its header takes.
    pub header_bytes: u64,
    /// What it takes in the file, without its header.
    pub stored_bytes: u64,
    /// What it takes once decompressed.
    pub uncompressed_bytes: u64,
    /// Whether a checksum stands in the header.
    pub has_checksum: bool,
    /// The bounds of its values, from the header or the page index.
    pub bounds: Bounds,
    /// After the last page of a column chunk: bytes that the footer counts to the chunk and that are
    /// no page.
    pub trailing_bytes: Option<u64>,
}

/// How many pages are given together: enough for batches and tables, few enough for memory.
const TOGETHER: usize = 4096;

/// The pages of a file, some thousand at a time, row group by row group and column by column.
pub struct Pages {
    chunks: ColumnChunks,
    chunk: Option<Chunk>,
}

impl Pages {
    /// Opens a Parquet file; one that comes through a pipe is kept in a temporary file.
    ///
    /// # Errors
    /// What [`super::report`] refuses, and formats without pages. Errors name the operand.
    pub fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        Ok(Self { chunks: ColumnChunks::open(operand, keys)?, chunk: None })
    }

    /// The operand, as the user wrote it.
    pub fn path(&self) -> &str {
        &self.chunks.path
    }

    /// Up to [`TOGETHER`] pages; fewer only at the end of the file.
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
        // Headers lie all over the file, and the system maps what is around them, too.
        self.chunks.file.release(0..self.chunks.file.len());
        pages
    }

    fn next_page(&mut self) -> Result<Option<Page>> {
        loop {
            if self.chunk.is_none() {
                self.chunk = self.next_chunk()?;
            }
            let Some(chunk) = &mut self.chunk else { return Ok(None) };
            if let Some(page) = chunk.next_page()? {
                return Ok(Some(page));
            }
            self.chunk = None;
        }
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let Some((row_group, place)) = self.chunks.next() else { return Ok(None) };
        let ColumnChunks { file, metadata, trust, .. } = &self.chunks;
        Chunk::start(file.bytes(), metadata, trust, row_group, place).map(Some)
    }
}

impl Iterator for Pages {
    type Item = Result<Vec<Page>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = self.some();
        if pages.is_empty() { self.chunks.take_error().map(Err) } else { Some(Ok(pages)) }
    }
}
