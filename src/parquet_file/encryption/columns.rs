//! The column chunks of an encrypted file: their metadata decrypted, and the keys of their pages.
//!
//! Field numbers are those of parquet.thrift.

use super::cipher::Cipher;
use super::module::{FileAad, Module, ModuleKind, Ordinals};
use super::{ChunkKey, KeyFile};
use crate::parquet_file::thrift::{CompactReader, Structure, WireType, structure_list};
use crate::text::escaped;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Fields of `RowGroup`.
const COLUMNS: i64 = 1;
const ORDINAL: i64 = 7;
/// Fields of `ColumnChunk`.
const META_DATA: i64 = 3;
const PAGE_INDEX: std::ops::RangeInclusive<i64> = 4..=7;
const CRYPTO_METADATA: i64 = 8;
const ENCRYPTED_METADATA: i64 = 9;
/// Fields of `ColumnMetaData`.
const BLOOM_FILTER: std::ops::RangeInclusive<i64> = 14..=15;

/// The column chunks of a file during decryption.
pub(crate) struct EncryptedColumns<'a> {
    pub(crate) aad: &'a FileAad,
    pub(crate) footer_key: Option<&'a Arc<Cipher>>,
    pub(crate) keys: Option<&'a KeyFile>,
    /// The physical type of each leaf.
    pub(crate) types: Vec<i64>,
    /// The keys of encrypted chunks, by row group and leaf.
    pub(crate) found: HashMap<(usize, usize), ChunkKey>,
    /// Leaves that cannot be decrypted, and why.
    pub(crate) locked: BTreeMap<usize, String>,
}

impl EncryptedColumns<'_> {
    /// Decrypts the metadata of a row group's column chunks, and notes the keys of their pages.
    /// `None` if the row group is damaged.
    pub(crate) fn open_row_group(
        &mut self,
        number: usize,
        row_group: &mut Structure<'_>,
    ) -> Option<()> {
        let ordinal = row_group.integer(ORDINAL).or_else(|| i64::try_from(number).ok())?;
        let list = row_group.get(COLUMNS, WireType::LIST)?.to_vec();
        let mut chunks = structure_list(&list)?;
        for (leaf, chunk) in chunks.iter_mut().enumerate() {
            let Some(crypto) = chunk.get(CRYPTO_METADATA, WireType::STRUCT).map(<[u8]>::to_vec)
            else {
                continue;
            };
            let crypto = Crypto::read(&crypto)?;
            let ordinals = Ordinals {
                row_group: i16::try_from(ordinal).ok()?,
                column: i16::try_from(leaf).ok()?,
            };
            let opened = self.cipher(&crypto).and_then(|cipher| {
                let key = ChunkKey { cipher, ordinals };
                self.open_metadata(chunk, &key).map(|metadata| (key, metadata))
            });
            match opened {
                Ok((key, metadata)) => {
                    let mut metadata = Structure::read(&metadata)?;
                    BLOOM_FILTER.for_each(|field| metadata.remove(field));
                    chunk.set(META_DATA, WireType::STRUCT, metadata.to_bytes());
                    self.found.insert((number, leaf), key);
                }
                Err(why) => {
                    self.locked.insert(leaf, why);
                    if !chunk.has(META_DATA) {
                        let metadata = placeholder(*self.types.get(leaf)?, &crypto)?;
                        chunk.set(META_DATA, WireType::STRUCT, metadata);
                    }
                }
            }
            // Page indexes are encrypted too, and would be read as if they were plain.
            PAGE_INDEX.chain([CRYPTO_METADATA, ENCRYPTED_METADATA]).for_each(|f| chunk.remove(f));
        }
        row_group.set_structures(COLUMNS, &chunks);
        Some(())
    }

    fn cipher(&self, crypto: &Crypto) -> Result<Arc<Cipher>, String> {
        let no_keys = || "it is encrypted, and no keys are given (--key-file)".to_owned();
        let keys = self.keys.ok_or_else(no_keys)?;
        let (key, lines) = match crypto {
            Crypto::FooterKey => (self.footer_key, key_lines("footer KEY", None)),
            Crypto::ColumnKey { path, metadata, .. } => {
                let line = format!("column {} KEY", escaped(path));
                (keys.of_column(path, metadata.as_deref()), key_lines(&line, metadata.as_deref()))
            }
        };
        let missing = || format!("it is encrypted, and the key file has no key for it {lines}");
        key.cloned().ok_or_else(missing)
    }

    /// The metadata of a chunk whose key is known.
    fn open_metadata(&self, chunk: &Structure<'_>, key: &ChunkKey) -> Result<Vec<u8>, String> {
        let does_not_fit =
            || "it cannot be decrypted: its key does not match, or the file is damaged".to_owned();
        let Some(encrypted) = chunk.binary(ENCRYPTED_METADATA) else {
            let plain = chunk.get(META_DATA, WireType::STRUCT).map(<[u8]>::to_vec);
            return plain.ok_or_else(|| "its metadata is missing".to_owned());
        };
        let aad = self.aad.of_chunk(ModuleKind::ColumnMetaData, key.ordinals, None);
        let module = Module::at_start_of(encrypted).ok_or_else(does_not_fit)?;
        module.open(&key.cipher, &aad).ok_or_else(does_not_fit)
    }
}

/// How a column chunk is encrypted.
enum Crypto {
    FooterKey,
    ColumnKey {
        /// The names, separated by dots.
        path: String,
        /// The path as it is in the footer: a list of names.
        names: Vec<u8>,
        metadata: Option<Vec<u8>>,
    },
}

impl Crypto {
    fn read(bytes: &[u8]) -> Option<Self> {
        let union = Structure::read(bytes)?;
        let Some(column) = union.get(2, WireType::STRUCT) else { return Some(Self::FooterKey) };
        let column = Structure::read(column)?;
        let names = column.get(1, WireType::LIST)?.to_vec();
        let metadata = column.binary(2).map(<[u8]>::to_vec);
        Some(Self::ColumnKey { path: text_list(&names)?.join("."), names, metadata })
    }
}

/// The strings of an encoded list.
fn text_list(value: &[u8]) -> Option<Vec<String>> {
    let mut reader = CompactReader::new(value);
    let (_, count) = reader.list_head()?;
    (0..count).map(|_| Some(String::from_utf8_lossy(reader.bytes()?).into_owned())).collect()
}

/// An empty list of strings on the wire.
const NO_TEXTS: u8 = 0x08;

/// Metadata for a chunk that cannot be decrypted: no values, no bytes.
fn placeholder(physical_type: i64, crypto: &Crypto) -> Option<Vec<u8>> {
    let mut metadata = Structure::read(&[0])?;
    metadata.set_integer(1, WireType::I32, physical_type);
    metadata.set_integers(2, &[]);
    match crypto {
        Crypto::ColumnKey { names, .. } => metadata.set(3, WireType::LIST, names.clone()),
        Crypto::FooterKey => metadata.set(3, WireType::LIST, vec![NO_TEXTS]),
    }
    metadata.set_integer(4, WireType::I32, 0);
    for field in [5, 6, 7, 9] {
        metadata.set_integer(field, WireType::I64, 0);
    }
    Some(metadata.to_bytes())
}

/// The physical types of the leaves of the schema.
pub(crate) fn leaf_types(file: &Structure<'_>) -> Option<Vec<i64>> {
    const SCHEMA: i64 = 2;
    const TYPE: i64 = 1;
    const NUM_CHILDREN: i64 = 5;
    let elements = structure_list(file.get(SCHEMA, WireType::LIST)?)?;
    let leaves = elements.iter().skip(1).filter(|it| it.integer(NUM_CHILDREN).unwrap_or(0) == 0);
    Some(leaves.map(|leaf| leaf.integer(TYPE).unwrap_or(0)).collect())
}

/// The key file lines that would supply a missing key: the given line, or one that names the key by
/// its metadata in the file.
pub(crate) fn key_lines(line: &str, metadata: Option<&[u8]>) -> String {
    /// Part of the metadata that parquet-java, parquet-cpp and pyarrow store for a wrapped key.
    const WRAPPED: &str = "\"keyMaterialType\"";
    let id = metadata.and_then(|id| std::str::from_utf8(id).ok()).unwrap_or_default();
    match id {
        "" => format!("({line})"),
        id if id.contains(WRAPPED) => {
            format!("({line}); the key is wrapped: its key management service can unwrap it")
        }
        id if id.chars().any(char::is_control) || id.len() > 64 => format!("({line})"),
        id => format!("({line}, or id {} KEY)", escaped(id)),
    }
}
