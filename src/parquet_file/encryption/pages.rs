//! Decrypts the pages of an encrypted column chunk as they are read.

use super::ChunkKey;
use super::module::{FileAad, Module, ModuleKind};
use crate::parquet_file::thrift::Structure;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Decrypts the headers and pages of one chunk, which are read in order.
#[derive(Debug)]
pub(crate) struct DecryptedChunk {
    key: ChunkKey,
    aad: FileAad,
    is_ctr: bool,
    /// Where the chunk begins.
    start: u64,
    seen: Mutex<Seen>,
}

/// The pages whose headers have been read.
#[derive(Debug, Default)]
struct Seen {
    /// Where the last header begins, and the number of its page.
    last: Option<(u64, Number)>,
    /// The start of each page not yet read: a dictionary may be read later than its header.
    pages: BTreeMap<u64, Number>,
}

/// The number of a data page in its chunk; none for a dictionary page.
type Number = Option<i16>;

/// An undefined field of `PageHeader`. It takes up the bytes that encryption adds to a header, so
/// that the page follows the header as in the file.
const FILLING: i64 = 1000;
/// The bytes before the filling: one of type, two of field number, one of length.
const FILLING_HEAD_BYTES: usize = 4;
/// The checksum in `PageHeader`, computed over the encrypted page.
const CRC: i64 = 4;

impl DecryptedChunk {
    pub(crate) fn new(key: ChunkKey, aad: FileAad, is_ctr: bool, start: u64) -> Self {
        Self { key, aad, is_ctr, start, seen: Mutex::default() }
    }

    /// The plain header at `start`, padded to the length of the encrypted one; `bytes` are the file
    /// from there on. Empty if a page begins there: the crate requests a header before each page.
    ///
    /// # Errors
    /// A wrong key; a damaged file.
    pub(crate) fn header(&self, start: u64, bytes: &[u8]) -> Result<Bytes> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.pages.contains_key(&start) {
            return Ok(Bytes::new());
        }
        let module = Module::at_start_of(bytes).ok_or_else(|| failed("page header"))?;
        let numbers: &[Number] = match seen.last {
            Some((last, number)) if last == start => &[number],
            Some((_, Some(number))) => &[number.checked_add(1)],
            Some((_, None)) => &[Some(0)],
            // A dictionary page comes first, whether or not the footer mentions it.
            None if start == self.start => &[Some(0), None],
            None => &[],
        };
        let opened = numbers.iter().find_map(|number| {
            let kind = match number {
                Some(_) => ModuleKind::DataPageHeader,
                None => ModuleKind::DictionaryPageHeader,
            };
            let aad = self.aad.of_chunk(kind, self.key.ordinals, *number);
            Some((*number, module.open(&self.key.cipher, &aad)?))
        });
        let (number, header) = opened.ok_or_else(|| failed("page header"))?;
        seen.last = Some((start, number));
        seen.pages.insert(start.saturating_add(module.bytes as u64), number);
        filled(&header, module.bytes).ok_or_else(|| failed("page header"))
    }

    /// The plain page that begins at `start` with these bytes; its header has been read.
    ///
    /// # Errors
    /// A wrong key; a damaged file.
    pub(crate) fn page(&self, start: u64, bytes: &[u8]) -> Result<Bytes> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let number = seen.pages.remove(&start).ok_or_else(|| failed("page"))?;
        drop(seen);
        let module = Module::at_start_of(bytes).ok_or_else(|| failed("page"))?;
        let plain = if self.is_ctr {
            module.open_ctr(&self.key.cipher)
        } else {
            let kind =
                if number.is_some() { ModuleKind::DataPage } else { ModuleKind::DictionaryPage };
            module.open(&self.key.cipher, &self.aad.of_chunk(kind, self.key.ordinals, number))
        };
        plain.map(Bytes::from).ok_or_else(|| failed("page"))
    }
}

/// The header padded to `bytes` bytes, without the checksum, which the tag replaces.
fn filled(header: &[u8], bytes: usize) -> Option<Bytes> {
    let mut header = Structure::read(header)?;
    header.remove(CRC);
    let filling = bytes.checked_sub(header.to_bytes().len() + FILLING_HEAD_BYTES)?;
    header.set_binary(FILLING, &vec![0; filling]);
    let header = header.to_bytes();
    (header.len() == bytes).then(|| header.into())
}

fn failed(what: &str) -> ParquetError {
    let why = "the key does not match, or the file is damaged";
    ParquetError::General(format!("the {what} cannot be decrypted: {why}"))
}
