//! A finished column chunk: its pages as stored, with checksums, and its metadata for the footer.
//!
//! The crate gives no access to the pages of a chunk until they are written. They are kept here
//! instead, because a checksum makes a page's header longer, and so changes all page offsets.

use super::checksum::PlainHeader;
use super::page_memory::StoredBytes;
use bytes::Bytes;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, PageKey, PageStore, PageStoreArgs, PageStoreFactory,
};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::SerializedRowGroupWriter;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The pages of a column chunk that is being encoded. The encoder adds pages through its own
/// handle.
#[derive(Debug, Clone)]
pub(crate) struct PageBuffer(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    bytes: StoredBytes,
    checksums: bool,
    /// The header of the next page: the encoder adds the header first, then the page.
    header: Option<Bytes>,
    /// The place of the dictionary page, which is stored among the others.
    dictionary: Range<usize>,
    /// The lengths of the data pages, headers included.
    data_pages: Vec<usize>,
    /// The number of bytes by which checksums have lengthened the headers.
    growth: usize,
}

impl PageBuffer {
    /// Starts without pages; `checksums` says whether pages get a checksum.
    pub(crate) fn new(bytes: StoredBytes, checksums: bool) -> Self {
        Self(Arc::new(Mutex::new(State { bytes, checksums, ..State::default() })))
    }

    /// Adds a page.
    ///
    /// # Errors
    /// Out of memory.
    pub(crate) fn put_page(&self, header: &[u8], page: &[u8]) -> Result<()> {
        self.lock().put_page(header, page)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageStoreFactory for PageBuffer {
    fn create(&self, _: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        Ok(Box::new(self.clone()))
    }
}

impl PageStore for PageBuffer {
    fn put(&mut self, part: Bytes) -> Result<PageKey> {
        let key = PageKey::new(part.len() as u64);
        let mut state = self.lock();
        match state.header.take() {
            None => state.header = Some(part),
            Some(header) => state.put_page(&header, &part)?,
        }
        Ok(key)
    }

    /// Returns as many zero bytes as the part has, for a writer whose output is discarded.
    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        Ok(vec![0; key.get() as usize].into())
    }
}

impl State {
    fn put_page(&mut self, header: &[u8], page: &[u8]) -> Result<()> {
        let plain = PlainHeader::parse(header)?;
        let is_dictionary = plain.is_dictionary();
        let start = self.bytes.len();
        let no_memory =
            |e| ParquetError::General(format!("cannot allocate memory for its pages: {e}"));
        if self.checksums {
            let with_checksum = plain.with_checksum(page);
            self.growth += with_checksum.len() - header.len();
            self.bytes.append(&with_checksum).map_err(no_memory)?;
        } else {
            self.bytes.append(header).map_err(no_memory)?;
        }
        self.bytes.append(page).map_err(no_memory)?;
        if is_dictionary {
            self.dictionary = start..self.bytes.len()
        } else {
            self.data_pages.push(self.bytes.len() - start)
        }
        Ok(())
    }
}

/// The crate's metadata for a finished chunk; the crate's own way of writing pages is not used.
pub(crate) fn close_result(mut chunk: ArrowColumnChunk) -> ColumnCloseResult {
    let closed = chunk.close_mut();
    ColumnCloseResult {
        bytes_written: closed.bytes_written,
        rows_written: closed.rows_written,
        metadata: closed.metadata.clone(),
        bloom_filter: closed.bloom_filter.take(),
        column_index: closed.column_index.take(),
        offset_index: closed.offset_index.take(),
    }
}

/// A finished column chunk.
#[derive(Debug)]
pub(crate) struct ColumnChunk {
    bytes: StoredBytes,
    dictionary: Range<usize>,
    pub(crate) close: ColumnCloseResult,
}

impl ColumnChunk {
    /// The chunk whose pages are in `pages`.
    ///
    /// # Errors
    /// Metadata that the crate does not accept.
    pub(crate) fn try_new(mut close: ColumnCloseResult, pages: &PageBuffer) -> Result<Self> {
        let mut state = pages.lock();
        state.bytes.finish();
        state.place_pages(&mut close)?;
        let dictionary = state.dictionary.clone();
        Ok(Self { bytes: std::mem::take(&mut state.bytes), dictionary, close })
    }

    /// Writes the chunk as the next one of the row group.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn append_to<W: Write + Send>(
        self,
        row_group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        let (start, end) = (self.dictionary.start, self.dictionary.end);
        let parts = [start..end, 0..start, end..self.bytes.len()];
        row_group.append_column(&Stored { bytes: &self.bytes, parts }, self.close)
    }
}

impl State {
    /// Corrects the page offsets, which count from the start of the chunk: the dictionary page
    /// comes first, and headers are longer than the encoder knows.
    fn place_pages(&self, close: &mut ColumnCloseResult) -> Result<()> {
        let (growth, mut offset) = (self.growth as i64, self.dictionary.len() as i64);
        let metadata = &close.metadata;
        let builder = metadata.clone().into_builder();
        close.metadata = builder
            .set_total_compressed_size(metadata.compressed_size() + growth)
            .set_total_uncompressed_size(metadata.uncompressed_size() + growth)
            .set_dictionary_page_offset((offset > 0).then_some(0))
            .set_data_page_offset(offset)
            .build()?;
        close.bytes_written += self.growth as u64;
        let locations = close.offset_index.iter_mut().flat_map(|index| &mut index.page_locations);
        for (location, length) in locations.zip(&self.data_pages) {
            location.offset = offset;
            location.compressed_page_size = i32::try_from(*length)?;
            offset += *length as i64;
        }
        Ok(())
    }
}

/// The pages of a chunk, in the order in which they are written.
struct Stored<'a> {
    bytes: &'a StoredBytes,
    parts: [Range<usize>; 3],
}

impl Length for Stored<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl<'a> ChunkReader for Stored<'a> {
    type T = Self;

    fn get_read(&self, _: u64) -> Result<Stored<'a>> {
        Ok(Stored { bytes: self.bytes, parts: self.parts.clone() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut bytes = Vec::with_capacity(length);
        io::copy(&mut self.get_read(start)?.take(length as u64), &mut bytes)?;
        Ok(bytes.into())
    }
}

impl Read for Stored<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.parts.iter_mut().find(|part| part.start < part.end) else {
            return Ok(0);
        };
        let first = self.bytes.first_of(part);
        let length = first.len().min(buffer.len());
        buffer[..length].copy_from_slice(&first[..length]);
        part.start += length;
        Ok(length)
    }
}
