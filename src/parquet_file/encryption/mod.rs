//! Encrypted files (Parquet Modular Encryption): key files, and decryption of footers and pages.
//!
//! An encrypted footer is turned into the bytes of a plain one, so that the other modules read it
//! like any footer; `pages` decrypts the modules of a column chunk as they are read. Source:
//! Encryption.md of parquet-format 2.12. The `parquet` crate can decrypt too (feature
//! `encryption`), but only inside its own readers of whole row groups, and without AES-GCM-CTR.

mod cipher;
mod columns;
mod footer;
mod key_file;
mod module;
mod pages;

pub(crate) use footer::{DecryptedFooter, open_footer};
pub use key_file::KeyFile;
pub(crate) use pages::DecryptedChunk;

use cipher::Cipher;
use module::{FileAad, Ordinals};
use std::collections::HashMap;
use std::sync::Arc;

/// How the column chunks of a file are encrypted.
#[derive(Debug)]
pub(crate) struct Encryption {
    aad: FileAad,
    /// Whether pages are encrypted with AES-CTR, which has no authentication tag.
    is_ctr: bool,
    /// The encrypted chunks whose key is known, by row group and leaf.
    chunks: HashMap<(usize, usize), ChunkKey>,
}

/// The key of a column chunk, and the chunk's place in the file.
#[derive(Debug, Clone)]
pub(crate) struct ChunkKey {
    cipher: Arc<Cipher>,
    ordinals: Ordinals,
}

impl Encryption {
    /// The decrypter of a chunk that begins at `start`; none if the chunk is not encrypted.
    pub(crate) fn chunk(
        &self,
        row_group: usize,
        leaf: usize,
        start: u64,
    ) -> Option<DecryptedChunk> {
        let key = self.chunks.get(&(row_group, leaf))?.clone();
        Some(DecryptedChunk::new(key, self.aad.clone(), self.is_ctr, start))
    }

    /// Whether the pages of a chunk are encrypted.
    pub(crate) fn has(&self, row_group: usize, leaf: usize) -> bool {
        self.chunks.contains_key(&(row_group, leaf))
    }
}
