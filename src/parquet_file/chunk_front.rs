//! The front of a column chunk that is not read: its dictionary comes first, and then rows that are
//! skipped without looking at their pages.

use super::checked_pages::CheckedPages;
use super::page_places::FirstPage;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// The dictionary and the rows before the first page that is read.
pub(crate) struct ChunkFront {
    dictionary: Option<SerializedPageReader<CheckedPages>>,
    /// The rows that are still to be skipped, all at once.
    rows: usize,
    pages: usize,
}

impl ChunkFront {
    /// Divides a chunk before a page; returns its front, and the metadata of the rest.
    ///
    /// # Errors
    /// An unsupported codec.
    pub(crate) fn divide(
        bytes: &Arc<CheckedPages>,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        first: FirstPage,
    ) -> Result<(Self, ColumnChunkMetaData)> {
        let (start, length) = chunk.byte_range();
        let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let dictionary = if start < first.first_offset {
            let builder = chunk.clone().into_builder();
            let alone = builder.set_total_compressed_size(size(first.first_offset - start));
            Some(SerializedPageReader::new(Arc::clone(bytes), &alone.build()?, rows, None)?)
        } else {
            None
        };
        let rest = (start + length).saturating_sub(first.offset);
        let rest = chunk
            .clone()
            .into_builder()
            .set_dictionary_page_offset(None)
            .set_data_page_offset(size(first.offset))
            .set_total_compressed_size(size(rest))
            .build()?;
        Ok((Self { dictionary, rows: first.rows, pages: first.page }, rest))
    }

    /// The next part of the front; `None` if all of it was passed.
    pub(crate) fn peek(&mut self) -> Result<Option<PageMetadata>> {
        if let Some(dictionary) = &mut self.dictionary
            && let Some(page) = dictionary.peek_next_page()?
        {
            return Ok(Some(page));
        }
        let rows = Some(self.rows).filter(|rows| *rows > 0);
        Ok(rows.map(|_| PageMetadata { num_rows: rows, num_levels: rows, is_dict: false }))
    }

    /// Skips what comes next; returns the number of pages.
    pub(crate) fn skip(&mut self) -> Result<usize> {
        if let Some(dictionary) = &mut self.dictionary
            && dictionary.peek_next_page()?.is_some()
        {
            dictionary.skip_next_page()?;
            return Ok(1);
        }
        self.rows = 0;
        Ok(std::mem::take(&mut self.pages))
    }

    /// The dictionary; `None` if it was passed and nothing is to be skipped.
    ///
    /// # Errors
    /// Rows that were to be skipped.
    pub(crate) fn next(&mut self) -> Result<Option<Page>> {
        if let Some(dictionary) = &mut self.dictionary
            && let Some(page) = dictionary.get_next_page()?
        {
            return Ok(Some(page));
        }
        if self.rows == 0 {
            return Ok(None);
        }
        Err(ParquetError::General("internal error: rows were to be skipped".to_owned()))
    }

    /// The dictionary, if it was skipped.
    pub(crate) fn take_deferred(&mut self) -> Result<Option<Page>> {
        self.dictionary.as_mut().map_or(Ok(None), PageReader::take_deferred_dictionary)
    }
}
