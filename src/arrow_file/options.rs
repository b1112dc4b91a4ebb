//! Options for writing a file, as plain data; compression of buffers also in streams.

use crate::error::{Error, Result};
use crate::schema::map_types;
use crate::text::escaped;
use arrow::datatypes::{DataType, Schema};
use arrow::error::ArrowError;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;

/// Options for writing a file.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// The compression of all buffers.
    pub compression: BufferCompression,
    /// Key-value pairs for the footer.
    pub metadata: Vec<(String, String)>,
    /// The keys of dictionary-encoded columns.
    pub dictionary_keys: DictionaryKeys,
}

/// How the keys of dictionary-encoded columns are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DictionaryKeys {
    /// With the type that they have in the input.
    #[default]
    Kept,
    /// At least 32 bits.
    Int32,
    /// Without dictionaries, as plain values.
    None,
}

impl DictionaryKeys {
    /// The changes, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("int32", Self::Int32), ("none", Self::None)];
}

impl DictionaryKeys {
    /// The schema of a file for this input schema.
    pub(super) fn applied(self, schema: &Schema) -> Schema {
        let fields = schema.fields().iter().map(|field| {
            field.as_ref().clone().with_data_type(self.applied_type(field.data_type()))
        });
        Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
    }

    fn applied_type(self, data_type: &DataType) -> DataType {
        use DataType as T;
        match (self, data_type) {
            (Self::Kept, other) => other.clone(),
            (Self::None, T::Dictionary(_, values)) => self.applied_type(values),
            (Self::Int32, T::Dictionary(keys, values)) => {
                let is_narrow = matches!(**keys, T::Int8 | T::Int16 | T::UInt8 | T::UInt16);
                let keys = if is_narrow { Box::new(T::Int32) } else { keys.clone() };
                T::Dictionary(keys, Box::new(self.applied_type(values)))
            }
            (_, other) => map_types(other, |inner| self.applied_type(inner)),
        }
    }
}

/// The compression of each buffer of a message; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BufferCompression(Option<(CompressionType, Option<i32>)>);

impl BufferCompression {
    /// The codecs, by their names on the command line.
    pub const NAMES: [&str; 3] = ["none", "lz4", "zstd"];

    /// Parses `none`, `lz4`, `zstd` or `zstd:LEVEL`. The default level is 1: buffers are compressed
    /// for slow links, where higher levels cost more time than they save by sending fewer bytes.
    ///
    /// # Errors
    /// An unknown name; a level that is out of range, or for a codec without levels. All are usage
    /// errors.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = text.split_once(':');
        let (name, level) = parts.map_or((text, None), |(name, level)| (name, Some(level)));
        let wrong = |why: &str| Err(Error::usage(format!("\"{}\": {why}", escaped(text))));
        match (name, level) {
            ("none", None) => Ok(Self(None)),
            ("lz4", None) => Ok(Self(Some((CompressionType::LZ4_FRAME, None)))),
            ("zstd", level) => {
                let level = level.unwrap_or("1").parse().ok();
                match level.filter(|level| (1..=22).contains(level)) {
                    Some(level) => Ok(Self(Some((CompressionType::ZSTD, Some(level))))),
                    None => wrong("zstd levels are 1 to 22"),
                }
            }
            ("none" | "lz4", Some(_)) => wrong(&format!("{name} has no levels")),
            _ => {
                let (name, known) = (escaped(name), Self::NAMES.join(", "));
                Err(Error::usage(format!("unknown codec \"{name}\" ({known})")))
            }
        }
    }

    /// Adds the compression to the options of an encoder.
    ///
    /// # Errors
    /// None in practice: the level was checked before.
    pub(crate) fn apply(self, options: IpcWriteOptions) -> Result<IpcWriteOptions, ArrowError> {
        let Some((codec, level)) = self.0 else { return Ok(options) };
        options.try_with_compression(Some(codec))?.try_with_compression_level(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_codec() {
        for good in [&BufferCompression::NAMES[..], &["zstd:1", "zstd:22"]].concat() {
            let options = BufferCompression::parse(good).unwrap().apply(IpcWriteOptions::default());
            assert!(options.is_ok(), "{good}");
        }
        let message = |text: &str| BufferCompression::parse(text).unwrap_err().to_string();
        assert_eq!(message("lz4:3"), "\"lz4:3\": lz4 has no levels");
        assert_eq!(message("zstd:0"), "\"zstd:0\": zstd levels are 1 to 22");
        assert_eq!(message("zstd:x"), "\"zstd:x\": zstd levels are 1 to 22");
        assert_eq!(message("gzip"), "unknown codec \"gzip\" (none, lz4, zstd)");
    }
}
