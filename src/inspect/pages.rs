//! The pages of a Parquet file, from their headers and the page indexes. No page is decompressed:
//! its bytes are not even touched.
//!
//! Pages are found by walking from header to header, so those of files without a page index are
//! found too, and dictionaries, which no page index lists.

use super::bounds::{Bounds, Ignored};
use super::open;
use super::page_chunk::Chunk;
use super::page_header::PageKind;
use super::parquet::file_path;
use crate::endpoint::Operand;
use crate::error::{Error, Result};
use crate::io::{Input, MappedFile};
use crate::parquet_file::trust::FileTrust;
use crate::parquet_file::{KeyFile, footer};
use crate::text::{count, escaped};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

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
    path: String,
    operand: Operand,
    file: MappedFile,
    metadata: ParquetMetaData,
    trust: FileTrust,
    /// The next column chunk: its row group, and its place there.
    next: (usize, usize),
    chunk: Option<Chunk>,
    /// The error of the first damaged column chunk, and how many others are damaged.
    error: Option<Error>,
    more_damaged: u64,
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
        // The page indexes are read chunk by chunk: together they may be as large as all else.
        let metadata = footer::read(&bytes, keys)?.metadata;
        no_other_files(&metadata)?;
        Ok(Self {
            path: open::shown_path(operand),
            operand: operand.clone(),
            file,
            trust: FileTrust::of(metadata.file_metadata()),
            metadata,
            next: (0, 0),
            chunk: None,
            error: None,
            more_damaged: 0,
            is_done: false,
        })
    }

    /// Up to [`TOGETHER`] pages; fewer only at the end of the file.
    fn some(&mut self) -> Vec<Page> {
        let mut pages = Vec::new();
        while pages.len() < TOGETHER {
            match self.next_page() {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => break,
                // The other column chunks may be whole.
                Err(error) => {
                    self.chunk = None;
                    match &self.error {
                        None => self.error = Some(error),
                        Some(_) => self.more_damaged += 1,
                    }
                }
            }
        }
        // Headers lie all over the file, and the system maps what is around them, too.
        self.file.release(0..self.file.len());
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
        while let Some(row_group) = self.metadata.row_groups().get(self.next.0) {
            let (number, place) = self.next;
            if place < row_group.num_columns() {
                self.next.1 += 1;
                let bytes = self.file.bytes();
                return Chunk::start(bytes, &self.metadata, &self.trust, number, place).map(Some);
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
        let pages = self.some();
        if !pages.is_empty() {
            return Some(Ok(pages));
        }
        self.is_done = true;
        let error = damaged(self.error.take()?, self.more_damaged);
        Some(Err(error.with(self.operand.name())))
    }
}

/// One error for a file: that of the first damaged column chunk, and how many there are besides.
pub(super) fn damaged(first: Error, more: u64) -> Error {
    match more {
        0 => first,
        1 => Error::failed(format!("{first}; another column chunk is damaged, too")),
        more => Error::failed(format!("{first}; {} more column chunks are damaged", count(more))),
    }
}

/// The row groups of a `_metadata` file lie in other files.
pub(super) fn no_other_files(metadata: &ParquetMetaData) -> Result<()> {
    let chunks = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let Some(other) = chunks().find_map(file_path) else { return Ok(()) };
    if chunks().any(|chunk| file_path(chunk).is_none()) {
        return Ok(());
    }
    let other = escaped(other);
    Err(Error::failed(format!(
        "it has no pages: its row groups lie in other files, as \"{other}\""
    )))
}
