//! The pages of one column chunk, read by the `parquet` crate, with writer faults corrected: bytes
//! after the last page, page headers without counts, chunks that are longer than they say.

use super::bit_packed::with_rle_levels;
use super::cause::cause;
use super::checked_pages::CheckedPages;
use super::chunk_front::ChunkFront;
use super::file::{ParquetFile, rows};
use super::page_budget::Taken;
use super::page_check::{Decoding, PageCheck};
use super::pages::FilePages;
use super::row_values::values_in;
use super::writer_bugs::chunk_size_lacks_dictionary_header;
use crate::text::escaped;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// The pages of a chunk. Reading stops at the last value that the footer counts: some writers
/// (Impala) leave bytes after the last page that are not a page.
pub(crate) struct ChunkPages {
    /// The part before the first page of `pages`, unless they are those of the whole chunk.
    front: Option<ChunkFront>,
    pages: SerializedPageReader<CheckedPages>,
    bytes: Arc<CheckedPages>,
    check: PageCheck,
    /// The values of lists that the memory for pages would hold.
    values_in_memory: u64,
    /// The name of the column in messages.
    column: String,
    /// The maximum repetition level and definition level.
    most_levels: [i16; 2],
    values_left: u64,
    /// The number of the next data page.
    page: usize,
}

impl ChunkPages {
    /// Opens the pages of a leaf column in a row group.
    ///
    /// # Errors
    /// An unsupported codec; a chunk that does not begin in the file.
    pub(crate) fn open(
        file: &ParquetFile,
        pages: &FilePages,
        row_group: usize,
        leaf: usize,
        decoding: Decoding,
    ) -> Result<Self> {
        let number = row_group;
        let row_group = file.parquet().row_group(number);
        let chunk = row_group.column(leaf);
        let column = chunk.column_descr();
        let name = escaped(&column.path().string());
        let file_bytes = pages.file().size();
        if !begins_in(chunk, file_bytes) {
            let why = format!("column \"{name}\": damaged: its pages are outside the file");
            return Err(ParquetError::General(why));
        }
        let repaired = repaired(file, chunk, file_bytes)?;
        let chunk = repaired.as_ref().unwrap_or(chunk);
        let encryption = file.encryption();
        let (start, _) = chunk.byte_range();
        let decrypted = encryption.and_then(|encryption| encryption.chunk(number, leaf, start));
        let verifies_checksums = !file.options().ignores_checksums;
        let first_page = decoding.first_page.filter(|_| decrypted.is_none() && repaired.is_none());
        let bytes = CheckedPages::new(pages.clone(), chunk, verifies_checksums, decrypted);
        let (bytes, rows) = (Arc::new(bytes), rows(row_group) as usize);
        let divided = first_page.map(|first| ChunkFront::divide(&bytes, chunk, rows, first));
        let (front, rest) = divided.transpose()?.unzip();
        let read = rest.as_ref().unwrap_or(chunk);
        Ok(Self {
            front,
            pages: SerializedPageReader::new(Arc::clone(&bytes), read, rows, None)?,
            bytes,
            check: PageCheck::new(chunk, decoding, pages.budget()),
            values_in_memory: values_in(pages.budget().most(), chunk),
            column: name,
            most_levels: [column.max_rep_level(), column.max_def_level()],
            values_left: chunk.num_values().unsigned_abs(),
            page: 0,
        })
    }

    /// The number of values in lists that the memory for the pages of the file would hold.
    pub(crate) fn values_in_memory(&self) -> u64 {
        self.values_in_memory
    }

    fn next_page(&mut self) -> Result<Option<Page>> {
        match self.front.as_mut().map_or(Ok(None), ChunkFront::next)? {
            Some(dictionary) => Ok(Some(dictionary)),
            None => self.pages.get_next_page(),
        }
    }

    /// Skips a page, or those of the front; returns their number.
    fn skip_page(&mut self) -> Result<usize> {
        if let Some(front) = &mut self.front
            && front.peek()?.is_some()
        {
            return front.skip();
        }
        self.pages.skip_next_page().map(|()| 1)
    }

    /// Counts a page with this number of values.
    fn pass(&mut self, values: Option<usize>) {
        self.values_left = self.values_left.saturating_sub(values.unwrap_or(0) as u64);
        self.page += 1;
    }

    /// Older versions of hangxie/parquet-go wrote 0 rows into the header of each page.
    fn counted(&self, page: PageMetadata) -> PageMetadata {
        if page.num_rows == Some(0) && page.num_levels != Some(0) {
            let num_rows = if self.most_levels[0] > 0 { None } else { page.num_levels };
            return PageMetadata { num_rows, ..page };
        }
        page
    }

    fn named(&self, error: &ParquetError) -> ParquetError {
        let (column, page) = (&self.column, self.page);
        let text = format!("column \"{column}\": page {page}: {}", cause(error));
        // Whether the page is damaged or only not supported.
        match error {
            ParquetError::NYI(_) => ParquetError::NYI(text),
            _ => ParquetError::General(text),
        }
    }
}

/// Whether a chunk begins in a file of this many bytes, and claims no negative size. A size that is
/// too large does not matter: each page is checked.
fn begins_in(chunk: &ColumnChunkMetaData, file_bytes: u64) -> bool {
    // Some writers mean 0 or less as "none".
    let dictionary = chunk.dictionary_page_offset().filter(|start| *start > 0);
    let starts = [dictionary, Some(chunk.data_page_offset())];
    let is_there = |start: i64| u64::try_from(start).is_ok_and(|start| start <= file_bytes);
    starts.into_iter().flatten().all(is_there) && chunk.compressed_size() >= 0
}

/// The chunk with corrected metadata, if the metadata in the file is wrong.
///
/// The dictionary page is dropped if it starts at the magic bytes of the file: some writers mean
/// "none" by an offset of 0. The size is extended by the header of the dictionary page if the
/// writer left it out (PARQUET-816): a header takes less than 100 bytes, and nothing after the last
/// page is read.
fn repaired(
    file: &ParquetFile,
    chunk: &ColumnChunkMetaData,
    file_bytes: u64,
) -> Result<Option<ColumnChunkMetaData>> {
    const HEADER_BYTES: u64 = 100;
    let has_dictionary = chunk.dictionary_page_offset().is_none_or(|offset| offset > 0);
    if !has_dictionary {
        return chunk.clone().into_builder().set_dictionary_page_offset(None).build().map(Some);
    }
    let writer = file.parquet().file_metadata().created_by();
    if !chunk_size_lacks_dictionary_header(writer) {
        return Ok(None);
    }
    let (start, bytes) = chunk.byte_range();
    let bytes = bytes.saturating_add(HEADER_BYTES).min(file_bytes.saturating_sub(start));
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    chunk.clone().into_builder().set_total_compressed_size(bytes).build().map(Some)
}

/// The page, whose memory counts until nothing uses it any more.
fn held(mut page: Page, memory: Option<Taken>) -> Page {
    let (Page::DataPage { buf, .. }
    | Page::DataPageV2 { buf, .. }
    | Page::DictionaryPage { buf, .. }) = &mut page;
    if let Some(memory) = memory {
        *buf = memory.with(std::mem::take(buf));
    }
    page
}

impl PageReader for ChunkPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        if self.values_left == 0 {
            return Ok(None);
        }
        let mut page = self.next_page().map_err(|error| self.named(&error))?;
        let memory = self.bytes.take_memory();
        // Not all writers count nulls correctly. As in pages of version 1, the levels decide.
        if let Some(Page::DataPageV2 { num_nulls, .. }) = &mut page {
            *num_nulls = 0;
        }
        let Some(page) = page else { return Ok(None) };
        let page = with_rle_levels(held(page, memory), self.most_levels)?;
        let lengths = self.check.check(&page).map_err(|error| self.named(&error))?;
        let page = held(page, lengths);
        if page.is_data_page() {
            self.pass(Some(page.num_values() as usize));
        }
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        if self.values_left == 0 {
            return Ok(None);
        }
        let front = self.front.as_mut().map_or(Ok(None), ChunkFront::peek);
        if let Some(page) = front.map_err(|error| self.named(&error))? {
            return Ok(Some(page));
        }
        let page = self.pages.peek_next_page().map_err(|error| self.named(&error))?;
        Ok(page.map(|page| self.counted(page)))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let page = self.peek_next_page()?;
        let pages = self.skip_page().map_err(|error| self.named(&error))?;
        if let Some(page) = page.filter(|page| !page.is_dict) {
            self.page += pages - 1;
            self.pass(page.num_levels);
            self.check.skip(page.num_rows.unwrap_or(0) as u64);
        }
        Ok(())
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = match &mut self.front {
            Some(front) => front.take_deferred(),
            None => self.pages.take_deferred_dictionary(),
        };
        let page = page.map_err(|error| self.named(&error))?;
        let memory = self.bytes.take_memory();
        Ok(page.map(|page| held(page, memory)))
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        Ok(self.peek_next_page()?.is_none_or(|page| page.num_rows.is_some()))
    }
}

impl Iterator for ChunkPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
