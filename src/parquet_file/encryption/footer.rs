//! Decrypts the footer of an encrypted file to the bytes of a plain footer.
//!
//! Field numbers are those of parquet.thrift.

use super::cipher::{Cipher, NONCE_BYTES, TAG_BYTES};
use super::columns::{EncryptedColumns, key_lines, leaf_types};
use super::module::{FileAad, Module};
use super::{Encryption, KeyFile};
use crate::error::{Error, Result};
use crate::parquet_file::thrift::{CompactReader, Structure, Taken, WireType, structure_list};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Fields of `FileMetaData`.
const ROW_GROUPS: i64 = 4;
const ENCRYPTION_ALGORITHM: i64 = 8;
const FOOTER_SIGNING_KEY_METADATA: i64 = 9;

/// The signature after a footer that is not encrypted: nonce and tag.
const SIGNATURE_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// A decrypted footer.
#[derive(Debug)]
pub(crate) struct DecryptedFooter {
    /// The footer of the file as if nothing were encrypted.
    pub(crate) footer: Vec<u8>,
    pub(crate) encryption: Encryption,
    /// Leaf columns that cannot be decrypted, and why.
    pub(crate) locked: BTreeMap<usize, String>,
}

/// Decrypts a footer; none if nothing in the file is encrypted. With a plain footer and no keys,
/// the encrypted columns cannot be read.
///
/// # Errors
/// A missing or wrong key; an unknown algorithm; a damaged footer.
pub(crate) fn open_footer(
    footer: &[u8],
    is_encrypted: bool,
    keys: Option<&KeyFile>,
) -> Result<Option<DecryptedFooter>> {
    if is_encrypted {
        let keys = keys.ok_or_else(|| {
            Error::failed("the file is encrypted, and no keys are given (--key-file)")
        })?;
        return open_encrypted(footer, keys).map(Some);
    }
    if !may_be_signed(footer) {
        return Ok(None);
    }
    // The caller reports a damaged footer when it reads it.
    let Some(file) = Structure::read(footer) else { return Ok(None) };
    let Some(algorithm) = file.get(ENCRYPTION_ALGORITHM, WireType::STRUCT) else { return Ok(None) };
    let encryption = Encryption::read(algorithm, keys)?;
    let key = keys.and_then(|keys| keys.of_footer(file.binary(FOOTER_SIGNING_KEY_METADATA)));
    if let Some(key) = key {
        check_signature(footer, key, &encryption.aad)?;
    }
    open_columns(footer, encryption, key, keys).map(Some)
}

fn open_encrypted(footer: &[u8], keys: &KeyFile) -> Result<DecryptedFooter> {
    let mut reader = CompactReader::new(footer);
    reader.structure(|_, _| Some(Taken::No)).ok_or_else(damaged)?;
    let crypto = Structure::read(footer).ok_or_else(damaged)?;
    let algorithm = crypto.get(1, WireType::STRUCT).ok_or_else(damaged)?;
    let encryption = Encryption::read(algorithm, Some(keys))?;
    let key_metadata = crypto.binary(2);
    let key = keys.of_footer(key_metadata).ok_or_else(|| {
        let lines = key_lines("footer KEY", key_metadata);
        Error::failed(format!(
            "the footer is encrypted, and the key file has no key for it {lines}"
        ))
    })?;
    let module = footer.get(reader.place()..).and_then(Module::at_start_of).ok_or_else(damaged)?;
    let plain = module.open(key, &encryption.aad.of_footer()).ok_or_else(|| {
        Error::failed(
            "the footer cannot be decrypted: its key or the AAD prefix does not match, or the file \
             is damaged",
        )
    })?;
    open_columns(&plain, encryption, Some(key), Some(keys))
}

impl Encryption {
    /// Reads `EncryptionAlgorithm`. The AAD prefix is stored in the file or supplied by the reader,
    /// or there is none.
    ///
    /// # Errors
    /// An unknown algorithm; a prefix that the key file lacks or contradicts.
    fn read(bytes: &[u8], keys: Option<&KeyFile>) -> Result<Self> {
        let union = Structure::read(bytes).ok_or_else(damaged)?;
        let (algorithm, is_ctr) = match (
            union.get(1, WireType::STRUCT),
            union.get(2, WireType::STRUCT),
        ) {
            (Some(gcm), _) => (gcm, false),
            (None, Some(ctr)) => (ctr, true),
            (None, None) => {
                let why =
                    "the file is encrypted with an algorithm that this version does not support";
                return Err(Error::failed(why));
            }
        };
        let algorithm = Structure::read(algorithm).ok_or_else(damaged)?;
        let given = keys.and_then(KeyFile::aad_prefix).map(str::as_bytes);
        let stored = algorithm.binary(1);
        let is_supplied = algorithm.ids().any(|field| field == (3, WireType::TRUE));
        if is_supplied && given.is_none() && keys.is_some() {
            return Err(Error::failed(
                "the file does not store its AAD prefix: add it to the key file \
                 (aad-prefix TEXT)",
            ));
        }
        if stored.is_some() && given.is_some() && stored != given {
            return Err(Error::failed(
                "the AAD prefix of the file differs from the one in the key file",
            ));
        }
        let prefix = stored.or(given.filter(|_| is_supplied)).unwrap_or_default();
        let unique = algorithm.binary(2).unwrap_or_default();
        Ok(Self { aad: FileAad::new(prefix, unique), is_ctr, chunks: HashMap::new() })
    }
}

/// Decrypts the column metadata that is encrypted in a plain footer.
fn open_columns(
    footer: &[u8],
    mut encryption: Encryption,
    footer_key: Option<&Arc<Cipher>>,
    keys: Option<&KeyFile>,
) -> Result<DecryptedFooter> {
    let mut file = Structure::read(footer).ok_or_else(damaged)?;
    let types = leaf_types(&file).ok_or_else(damaged)?;
    let (aad, found, locked) = (&encryption.aad, HashMap::new(), BTreeMap::new());
    let mut columns = EncryptedColumns { aad, footer_key, keys, types, found, locked };
    let list = file.get(ROW_GROUPS, WireType::LIST).ok_or_else(damaged)?.to_vec();
    let mut row_groups = structure_list(&list).ok_or_else(damaged)?;
    for (number, row_group) in row_groups.iter_mut().enumerate() {
        columns.open_row_group(number, row_group).ok_or_else(damaged)?;
    }
    let EncryptedColumns { found, locked, .. } = columns;
    encryption.chunks = found;
    file.set_structures(ROW_GROUPS, &row_groups);
    file.remove(ENCRYPTION_ALGORITHM);
    file.remove(FOOTER_SIGNING_KEY_METADATA);
    Ok(DecryptedFooter { footer: file.to_bytes(), encryption, locked })
}

/// Whether a plain footer may be followed by a signature: then the byte before the signature is the
/// stop of a structure. This check avoids reading the footer of most files twice.
fn may_be_signed(footer: &[u8]) -> bool {
    let end = footer.len().checked_sub(SIGNATURE_BYTES + 1);
    end.is_some_and(|end| footer[end] == 0)
}

fn check_signature(footer: &[u8], key: &Cipher, aad: &FileAad) -> Result<()> {
    let split = footer.split_last_chunk::<TAG_BYTES>().and_then(|(rest, tag)| {
        rest.split_last_chunk::<NONCE_BYTES>().map(|(plain, nonce)| (plain, nonce, tag))
    });
    let (plain, nonce, tag) = split.ok_or_else(damaged)?;
    if key.tag(nonce, &aad.of_footer(), plain).as_ref() == Some(tag) {
        return Ok(());
    }
    Err(Error::failed(
        "the signature of the footer is invalid: its key or the AAD prefix does not match, or \
         the file was modified",
    ))
}

fn damaged() -> Error {
    Error::failed("the footer of this encrypted file is damaged")
}
