//! The bytes of pages, with headers checked and repaired, decrypted and checksums verified.

use super::encryption::DecryptedChunk;
use super::page_budget::{Taken, Use};
use super::page_header::{PageHeader, PageLimits};
use super::pages::FilePages;
use crate::io::read_at;
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file whose page headers lack the fields that the crate refuses but rows do not depend on, and
/// whose pages are checked against the checksums in their headers. `get_read` reads headers only.
pub(crate) struct CheckedPages {
    pages: FilePages,
    limits: PageLimits,
    verifies_checksums: bool,
    /// Decrypts the chunk, if it is encrypted.
    decrypted: Option<DecryptedChunk>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The headers of pages that were not read yet, by the position where the bytes of the page
    /// begin: the last one, and that of a dictionary, which may be read later.
    headers: BTreeMap<u64, PageHeader>,
    /// The memory of the page that was read last, until it is decompressed.
    taken: Option<Taken>,
}

impl CheckedPages {
    pub(crate) fn new(
        pages: FilePages,
        chunk: &ColumnChunkMetaData,
        verifies_checksums: bool,
        decrypted: Option<DecryptedChunk>,
    ) -> Self {
        let limits = PageLimits::of(chunk);
        Self { pages, limits, verifies_checksums, decrypted, seen: Mutex::default() }
    }

    /// The memory of the page that was decompressed last.
    pub(crate) fn take_memory(&self) -> Option<Taken> {
        self.seen().taken.take()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_header(&self, start: u64) -> Result<Reader<Bytes>> {
        if let Some(chunk) = &self.decrypted {
            let mut refused = None;
            let whole = |bytes: &Bytes| {
                let header = chunk.header(start, bytes);
                header.map_err(|error| refused = Some(error)).ok()
            };
            let header = self.read_at(start, whole)?;
            let header = header.ok_or_else(|| refused.unwrap_or_else(no_header))?;
            let found = PageHeader::read(&header).ok_or_else(no_header)?;
            return Ok(self.checked(start, &header, found)?.map_or(header, Bytes::from).reader());
        }
        let found = self.read_at(start, |bytes| Some((PageHeader::read(bytes)?, bytes.clone())))?;
        let (found, bytes) = found.ok_or_else(no_header)?;
        match self.checked(start, &bytes, found)? {
            Some(header) => Ok(Bytes::from(header).reader()),
            None => {
                self.pages.touch_header();
                Ok(bytes.reader())
            }
        }
    }

    /// Reads a header; that at the end of the file has no bytes.
    fn read_at<T>(&self, start: u64, read: impl FnMut(&Bytes) -> Option<T>) -> Result<Option<T>> {
        let start = start.min(self.pages.file().size());
        read_at(self.pages.file(), start, read)
            .map_err(|error| ParquetError::General(error.to_string()))
    }

    /// The header at `start`, corrected if that is necessary.
    fn checked(&self, start: u64, bytes: &[u8], header: PageHeader) -> Result<Option<Vec<u8>>> {
        let failed = |why: &str| ParquetError::General(why.to_owned());
        let page = start.saturating_add(header.bytes as u64);
        let left = self.pages.file().size().saturating_sub(page);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        header.check(left, self.limits).map_err(|why| failed(&why))?;
        let corrected = header.corrected(bytes, self.limits.codec());
        let headers = &mut self.seen().headers;
        headers.retain(|_, header| header.is_dictionary());
        headers.insert(page, header);
        Ok(corrected)
    }
}

fn no_header() -> ParquetError {
    ParquetError::General("damaged: it does not begin with a header".to_owned())
}

impl Length for CheckedPages {
    fn len(&self) -> u64 {
        self.pages.file().size()
    }
}

impl ChunkReader for CheckedPages {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let is_empty = self.seen().headers.get(&start).map(PageHeader::is_empty);
        match is_empty {
            // The crate requests a header before each page, even if it has read it.
            Some(false) => Ok(Bytes::new().reader()),
            // After a page without bytes that was skipped, the next header begins in its place.
            Some(true) => Ok(self.read_header(start).unwrap_or_else(|_| Bytes::new().reader())),
            None => self.read_header(start),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.pages.get(start, length)?;
        let header = self.seen().headers.remove(&start);
        if let Some(header) = &header
            && !self.limits.is_uncompressed()
        {
            let taken = self
                .pages
                .budget()
                .take(header.uncompressed_bytes(self.limits.codec()), Use::Page)?;
            self.seen().taken = Some(taken);
        }
        if let Some(chunk) = &self.decrypted {
            return chunk.page(start, &bytes);
        }
        let stated = header.and_then(|header| header.checksum).filter(|_| self.verifies_checksums);
        if stated.is_some_and(|stated| stated != crc32fast::hash(&bytes)) {
            let why = "the page is damaged: its checksum differs from the one in its header";
            return Err(ParquetError::General(why.to_owned()));
        }
        Ok(bytes)
    }
}
