//! The encrypted parts of a file (modules): their layout, and the AAD that binds each to its place.

use super::cipher::{Cipher, NONCE_BYTES, Nonce, TAG_BYTES};
use std::sync::Arc;

/// The length field before a module.
const LENGTH_BYTES: usize = 4;

/// The kind of a module, numbered as in Encryption.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    Footer = 0,
    ColumnMetaData = 1,
    DataPage = 2,
    DictionaryPage = 3,
    DataPageHeader = 4,
    DictionaryPageHeader = 5,
}

/// The ordinals of a column chunk, as Encryption.md calls its row group and its column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ordinals {
    pub(crate) row_group: i16,
    pub(crate) column: i16,
}

/// The part of the AAD that all modules of a file share: its AAD prefix and its unique part.
#[derive(Debug, Clone)]
pub(crate) struct FileAad(Arc<[u8]>);

impl FileAad {
    pub(crate) fn new(prefix: &[u8], unique: &[u8]) -> Self {
        Self([prefix, unique].concat().into())
    }

    pub(crate) fn of_footer(&self) -> Vec<u8> {
        [&self.0[..], &[ModuleKind::Footer as u8]].concat()
    }

    /// The AAD of a module of a column chunk; data pages and their headers are numbered.
    pub(crate) fn of_chunk(&self, kind: ModuleKind, at: Ordinals, page: Option<i16>) -> Vec<u8> {
        let mut aad = [&self.0[..], &[kind as u8]].concat();
        aad.extend(at.row_group.to_le_bytes());
        aad.extend(at.column.to_le_bytes());
        aad.extend(page.into_iter().flat_map(i16::to_le_bytes));
        aad
    }
}

/// An encrypted module: its nonce, the rest, and its total size in bytes.
pub(crate) struct Module<'a> {
    nonce: Nonce,
    rest: &'a [u8],
    pub(crate) bytes: usize,
}

impl<'a> Module<'a> {
    /// The module at the start of the bytes. `None` if it extends beyond them.
    pub(crate) fn at_start_of(bytes: &'a [u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (nonce, rest) = rest.get(..length)?.split_first_chunk::<NONCE_BYTES>()?;
        Some(Self { nonce: *nonce, rest, bytes: LENGTH_BYTES + length })
    }

    /// Decrypts the module with GCM. `None` if the key or `aad` is wrong, or the bytes were
    /// modified.
    pub(crate) fn open(&self, cipher: &Cipher, aad: &[u8]) -> Option<Vec<u8>> {
        let (encrypted, tag) = self.rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = encrypted.to_vec();
        cipher.open(&self.nonce, aad, &mut plain, tag)?;
        Some(plain)
    }

    /// Decrypts the module with CTR.
    pub(crate) fn open_ctr(&self, cipher: &Cipher) -> Option<Vec<u8>> {
        let mut plain = self.rest.to_vec();
        cipher.apply_ctr(&self.nonce, &mut plain)?;
        Some(plain)
    }
}
