//! Encrypted files (Parquet Modular Encryption): keys from a file, footers and pages decrypted.
//!
//! An encrypted footer becomes the bytes of a plain one, so that everything else reads it as it
//! reads any footer; `pages` decrypts the modules of a column chunk as they are read. Source:
//! Encryption.md of parquet-format 2.12. The `parquet` crate can decrypt too (feature
//! `encryption`), but only inside of its own readers of whole row groups, and without AES-GCM-CTR.

mod cipher;
mod columns;
mod footer;
mod key_file;
mod module;
mod pages;

pub(crate) use footer::{Opened, open_footer};
pub use key_file::KeyFile;
pub(super) use pages::DecryptedChunk;

use cipher::Cipher;
use module::{FileAad, Ordinals};
use std::collections::HashMap;
use std::sync::Arc;

/// How the column chunks of a file are encrypted.
#[derive(Debug)]
pub(crate) struct Encryption {
    aad: FileAad,
    /// Whether pages are encrypted by AES-CTR, which has no authentication tag.
    is_ctr: bool,
    /// By row group and leaf: the chunks that are encrypted and whose key is known.
    chunks: HashMap<(usize, usize), ChunkKey>,
}

/// What decrypts a column chunk.
#[derive(Debug, Clone)]
struct ChunkKey {
    cipher: Arc<Cipher>,
    ordinals: Ordinals,
}

impl Encryption {
    /// What decrypts the pages of a chunk that begins at `start`; none if it is not encrypted.
    pub(super) fn chunk(
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
