//! AES in the two modes that Parquet uses: GCM, with an authentication tag, and CTR, without one.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, KeyInit};
use ctr::Ctr32BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use std::fmt;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

pub(crate) type Nonce = [u8; NONCE_BYTES];
pub(crate) type Tag = [u8; TAG_BYTES];

/// A key that is ready for use.
pub(crate) struct Cipher {
    key: Vec<u8>,
    gcm: Gcm,
}

/// AES-GCM by key length: 16, 24 or 32 bytes.
enum Gcm {
    Aes128(Box<Aes128Gcm>),
    Aes192(Box<AesGcm<Aes192, U12>>),
    Aes256(Box<Aes256Gcm>),
}

impl Cipher {
    /// Prepares a key. `None` if it does not have the length of an AES key.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        let gcm = match key.len() {
            16 => Gcm::Aes128(Box::new(Aes128Gcm::new_from_slice(key).ok()?)),
            24 => Gcm::Aes192(Box::new(AesGcm::new_from_slice(key).ok()?)),
            32 => Gcm::Aes256(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
            _ => return None,
        };
        Some(Self { key: key.to_vec(), gcm })
    }

    /// Decrypts the buffer in place with GCM. `None` if the key is wrong or the bytes were
    /// modified.
    pub(crate) fn open(
        &self,
        nonce: &Nonce,
        aad: &[u8],
        buffer: &mut [u8],
        tag: &Tag,
    ) -> Option<()> {
        let (nonce, tag, buffer) = (nonce.into(), tag.into(), InOutBuf::from(buffer));
        match &self.gcm {
            Gcm::Aes128(gcm) => gcm.decrypt_inout_detached(nonce, aad, buffer, tag),
            Gcm::Aes192(gcm) => gcm.decrypt_inout_detached(nonce, aad, buffer, tag),
            Gcm::Aes256(gcm) => gcm.decrypt_inout_detached(nonce, aad, buffer, tag),
        }
        .ok()
    }

    /// The GCM tag of plain bytes, which signs a footer that is not encrypted.
    pub(crate) fn tag(&self, nonce: &Nonce, aad: &[u8], plain: &[u8]) -> Option<Tag> {
        let mut buffer = plain.to_vec();
        let (nonce, buffer) = (nonce.into(), InOutBuf::from(buffer.as_mut_slice()));
        let tag = match &self.gcm {
            Gcm::Aes128(gcm) => gcm.encrypt_inout_detached(nonce, aad, buffer),
            Gcm::Aes192(gcm) => gcm.encrypt_inout_detached(nonce, aad, buffer),
            Gcm::Aes256(gcm) => gcm.encrypt_inout_detached(nonce, aad, buffer),
        };
        tag.ok().map(Into::into)
    }

    /// Decrypts the buffer in place with CTR, counting from 1. A wrong key gives wrong bytes.
    pub(crate) fn apply_ctr(&self, nonce: &Nonce, buffer: &mut [u8]) -> Option<()> {
        let mut start = [0; 16];
        start[..NONCE_BYTES].copy_from_slice(nonce);
        start[15] = 1;
        let key = &self.key;
        match key.len() {
            16 => apply::<Ctr32BE<Aes128>>(key, &start, buffer),
            24 => apply::<Ctr32BE<Aes192>>(key, &start, buffer),
            _ => apply::<Ctr32BE<Aes256>>(key, &start, buffer),
        }
    }
}

fn apply<C: KeyIvInit + StreamCipher>(key: &[u8], start: &[u8], buffer: &mut [u8]) -> Option<()> {
    C::new_from_slices(key, start).ok()?.try_apply_keystream(buffer).ok()
}

/// Keys are never shown.
impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cipher").finish_non_exhaustive()
    }
}
