//! The pages of a Parquet file, from their headers and the page indexes. No page is decompressed:
//! its bytes are not even touched.
//!
//! Pages are found by walking from header to header, so those of files without a page index are
//! found too, and dictionaries, which no page index lists.

use super::page_chunk::Chunk;
use super::page_header::PageKind;
use super::value::Value;
use super::{open, parquet};
use crate::endpoint::Operand;
use crate::error::{Result, guard};
use crate::io::{Input, MappedFile};
use crate::parquet_file::{KeyFile, footer};
use ::parquet::file::metadata::ParquetMetaData;

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
    /// A lower bound of its values, from the header or the page index.
    pub min: Option<Value>,
    /// An upper bound, likewise.
    pub max: Option<Value>,
}

/// How many pages are given together: enough for batches and tables, few enough for memory.
const TOGETHER: usize = 4096;

/// The pages of a file, some thousand at a time, row group by row group and column by column.
pub struct Pages {
    path: String,
    operand: Operand,
    file: MappedFile,
    metadata: ParquetMetaData,
    /// The next column chunk: its row group, and its place there.
    next: (usize, usize),
    chunk: Option<Chunk>,
    /// At the end, or after an error.
    is_done: bool,
}

impl Pages {
    /// Opens a Parquet file; one that comes through a pipe is kept in a temporary file.
    ///
    /// # Errors
    /// What [`super::report`] refuses, and formats without pages. Errors name the operand.
    pub fn open(operand: &Operand, keys: Option<&KeyFile>) -> Result<Self> {
        let input = Input::open(operand)?;
        Self::try_open(operand, input, keys).map_err(|error| error.with(operand.name()))
    }

    /// The operand, as the user wrote it.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn try_open(operand: &Operand, input: Input, keys: Option<&KeyFile>) -> Result<Self> {
        let file = open::parquet(input)?;
        let bytes = file.bytes();
        footer::footer_bytes(&bytes)?;
        // The page indexes are read chunk by chunk: together they may be as large as all else.
        let metadata = guard(footer::CANNOT_READ, || parquet::metadata(&bytes, keys))?.0;
        Ok(Self {
            path: open::shown_path(operand),
            operand: operand.clone(),
            file,
            metadata,
            next: (0, 0),
            chunk: None,
            is_done: false,
        })
    }

    /// Up to [`TOGETHER`] pages; fewer only at the end of the file.
    fn some(&mut self) -> Result<Vec<Page>> {
        let mut pages = Vec::new();
        while pages.len() < TOGETHER {
            if self.chunk.is_none() {
                self.chunk = self.next_chunk()?;
            }
            let Some(chunk) = &mut self.chunk else { break };
            match chunk.next_page()? {
                Some(page) => pages.push(page),
                None => self.chunk = None,
            }
        }
        // Headers lie all over the file, and the system maps what is around them, too.
        self.file.release(0..self.file.len());
        Ok(pages)
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        while let Some(row_group) = self.metadata.row_groups().get(self.next.0) {
            let (number, place) = self.next;
            if let Some(column) = row_group.columns().get(place) {
                self.next.1 += 1;
                let order = self.metadata.file_metadata().column_order(place);
                let rows = row_group.num_rows();
                return Chunk::start(self.file.bytes(), column, order, number, rows).map(Some);
            }
            self.next = (number + 1, 0);
        }
        Ok(None)
    }
}

impl Iterator for Pages {
    type Item = Result<Vec<Page>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let pages = self.some().map_err(|error| error.with(self.operand.name()));
        self.is_done = pages.as_ref().map_or(true, Vec::is_empty);
        match pages {
            Ok(pages) if pages.is_empty() => None,
            pages => Some(pages),
        }
    }
}
