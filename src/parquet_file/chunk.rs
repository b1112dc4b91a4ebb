//! The pages of one column chunk, read by the `parquet` crate, with writer faults corrected: bytes
//! after the last page, page headers without counts, chunks that are longer than they say.

use bytes::Bytes;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bit_packed::with_rle_levels;
use super::cause::cause;
use super::encryption::DecryptedChunk;
use super::file::{ParquetFile, rows};
use super::page_header::{checksum, without_negative_nulls};
use super::pages::Pages;
use super::writer_bugs::chunk_size_lacks_dictionary_header;
use crate::text::escaped;

/// The pages of a chunk. Reading stops at the last value that the footer counts: some writers
/// (Impala) leave bytes after the last page that are not a page.
pub(super) struct ChunkPages {
    pages: SerializedPageReader<CheckedPages>,
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
    /// An unsupported codec.
    pub(super) fn open(
        file: &ParquetFile,
        pages: &Pages,
        row_group: usize,
        leaf: usize,
    ) -> Result<Self> {
        let number = row_group;
        let row_group = file.parquet().row_group(number);
        let chunk = row_group.column(leaf);
        let column = chunk.column_descr();
        let repaired = repaired(file, chunk, pages.len())?;
        let chunk = repaired.as_ref().unwrap_or(chunk);
        let encryption = file.encryption();
        let (start, _) = chunk.byte_range();
        let headers = Arc::new(CheckedPages {
            pages: pages.clone(),
            verifies_checksums: !file.options().ignores_checksums,
            checksums: Mutex::default(),
            decrypted: encryption.and_then(|encryption| encryption.chunk(number, leaf, start)),
        });
        Ok(Self {
            pages: SerializedPageReader::new(headers, chunk, rows(row_group) as usize, None)?,
            column: escaped(&column.path().string()),
            most_levels: [column.max_rep_level(), column.max_def_level()],
            values_left: chunk.num_values().unsigned_abs(),
            page: 0,
        })
    }

    /// Counts a page with this number of values.
    fn pass(&mut self, values: Option<usize>) {
        self.values_left = self.values_left.saturating_sub(values.unwrap_or(0) as u64);
        self.page += 1;
    }

    fn named(&self, error: &ParquetError) -> ParquetError {
        let (column, page) = (&self.column, self.page);
        ParquetError::General(format!("column \"{column}\": page {page}: {}", cause(error)))
    }
}

/// The first page of a chunk in a file that is still being opened.
///
/// # Errors
/// An unsupported codec, a damaged page, a key that does not fit.
pub(super) fn first_page(
    pages: Pages,
    chunk: &ColumnChunkMetaData,
    decrypted: Option<DecryptedChunk>,
) -> Result<Option<Page>> {
    let checksums = Mutex::default();
    let pages = CheckedPages { pages, verifies_checksums: false, checksums, decrypted };
    SerializedPageReader::new(Arc::new(pages), chunk, 0, None)?.get_next_page()
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
    let has_dictionary = chunk.dictionary_page_offset().is_none_or(|offset| 0 < offset);
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

impl PageReader for ChunkPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        if self.values_left == 0 {
            return Ok(None);
        }
        let mut page = self.pages.get_next_page().map_err(|error| self.named(&error))?;
        if let Some(page) = &page
            && page.is_data_page()
        {
            self.pass(Some(page.num_values() as usize));
        }
        // Not all writers count nulls correctly. As in pages of version 1, the levels decide.
        if let Some(Page::DataPageV2 { num_nulls, .. }) = &mut page {
            *num_nulls = 0;
        }
        page.map(|page| with_rle_levels(page, self.most_levels)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        if self.values_left == 0 {
            return Ok(None);
        }
        let page = self.pages.peek_next_page().map_err(|error| self.named(&error))?;
        Ok(page.map(|page| self.counted(page)))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let page = self.peek_next_page()?;
        self.pages.skip_next_page().map_err(|error| self.named(&error))?;
        if let Some(page) = page.filter(|page| !page.is_dict) {
            self.pass(page.num_levels);
        }
        Ok(())
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        self.pages.take_deferred_dictionary().map_err(|error| self.named(&error))
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        Ok(self.peek_next_page()?.is_none_or(|page| page.num_rows.is_some()))
    }
}

impl ChunkPages {
    /// Older versions of hangxie/parquet-go wrote 0 rows into the header of each page.
    fn counted(&self, page: PageMetadata) -> PageMetadata {
        if page.num_rows == Some(0) && page.num_levels != Some(0) {
            let num_rows = if 0 < self.most_levels[0] { None } else { page.num_levels };
            return PageMetadata { num_rows, ..page };
        }
        page
    }
}

impl Iterator for ChunkPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The single chunk of a column in a row group.
pub(super) struct OneChunk(pub(super) Option<Box<dyn PageReader>>);

impl Iterator for OneChunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneChunk {}

/// A file whose page headers lack the fields that the crate refuses but rows do not depend on, and
/// whose pages are checked against the checksums in their headers. `get_read` reads headers only.
struct CheckedPages {
    pages: Pages,
    verifies_checksums: bool,
    /// The checksums from the headers read so far, by the position where the bytes of the page
    /// begin.
    checksums: Mutex<BTreeMap<u64, u32>>,
    /// Decrypts the chunk, if it is encrypted.
    decrypted: Option<DecryptedChunk>,
}

impl CheckedPages {
    fn checksums(&self) -> MutexGuard<'_, BTreeMap<u64, u32>> {
        self.checksums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Length for CheckedPages {
    fn len(&self) -> u64 {
        self.pages.len()
    }
}

impl ChunkReader for CheckedPages {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        use bytes::Buf;
        let rest = self.pages.rest(start);
        if let Some(chunk) = &self.decrypted {
            let header = chunk.header(start, rest)?;
            return Ok(without_negative_nulls(&header).map_or(header, Bytes::from).reader());
        }
        if self.verifies_checksums
            && let Some((bytes, checksum)) = checksum(rest)
        {
            self.checksums().insert(start.saturating_add(bytes as u64), checksum);
        }
        match without_negative_nulls(rest) {
            Some(header) => Ok(Bytes::from(header).reader()),
            None => self.pages.get_read(start),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.pages.get_bytes(start, length)?;
        if let Some(chunk) = &self.decrypted {
            return chunk.page(start, &bytes);
        }
        let stated = self.checksums().remove(&start);
        if stated.is_some_and(|stated| stated != crc32fast::hash(&bytes)) {
            let why = "the page is damaged: its checksum differs from the one in its header";
            return Err(ParquetError::General(why.to_owned()));
        }
        Ok(bytes)
    }
}
