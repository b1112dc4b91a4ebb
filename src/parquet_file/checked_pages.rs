//! The bytes of pages, with headers repaired, decrypted and checksums verified.

use super::encryption::DecryptedChunk;
use super::page_header::{checksum, without_negative_nulls};
use super::pages::MappedPages;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file whose page headers lack the fields that the crate refuses but rows do not depend on, and
/// whose pages are checked against the checksums in their headers. `get_read` reads headers only.
pub(crate) struct CheckedPages {
    pages: MappedPages,
    verifies_checksums: bool,
    /// The checksums from the headers read so far, by the position where the bytes of the page
    /// begin.
    checksums: Mutex<BTreeMap<u64, u32>>,
    /// Decrypts the chunk, if it is encrypted.
    decrypted: Option<DecryptedChunk>,
}

impl CheckedPages {
    pub(crate) fn new(
        pages: MappedPages,
        verifies_checksums: bool,
        decrypted: Option<DecryptedChunk>,
    ) -> Self {
        Self { pages, verifies_checksums, checksums: Mutex::default(), decrypted }
    }

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
