//! The codec of a Parquet file.

use crate::error::{Error, Result};
use crate::text::escaped;
use parquet::basic::{BrotliLevel, Compression as Codec, GzipLevel, ZstdLevel};

/// The codec of a file, and its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compression(pub(crate) Codec);

impl Default for Compression {
    /// zstd, level 1: smaller than snappy in every measurement, and hardly slower.
    fn default() -> Self {
        Self(Codec::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
    }
}

impl Compression {
    /// snappy, which all readers support.
    pub(crate) const SNAPPY: Self = Self(Codec::SNAPPY);

    /// The codecs, by their names on the command line.
    pub const NAMES: [&str; 6] = ["none", "snappy", "zstd", "lz4", "gzip", "brotli"];

    /// Parses `none`, `snappy`, `lz4`, `zstd[:1..22]`, `gzip[:0..9]` or `brotli[:0..11]`.
    ///
    /// # Errors
    /// An unknown codec; a level that is out of range; a level for a codec without levels (usage
    /// errors).
    pub fn parse(text: &str) -> Result<Self> {
        let (name, given) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        let wrong = |why: &str| Error::usage(format!("\"{}\": {why}", escaped(text)));
        let level = |default: u32, least: u32, most: u32| {
            let Some(level) = given else { return Ok(default) };
            let level = level.parse().ok().filter(|level| (least..=most).contains(level));
            level.ok_or_else(|| wrong(&format!("levels of {name} are {least} to {most}")))
        };
        let none = |codec| match given {
            None => Ok(codec),
            Some(_) => Err(wrong(&format!("{name} has no levels"))),
        };
        let codec = match name {
            "none" => none(Codec::UNCOMPRESSED)?,
            "snappy" => none(Codec::SNAPPY)?,
            // The format's LZ4 codec exists with two framings; LZ4_RAW has only one.
            "lz4" => none(Codec::LZ4_RAW)?,
            "zstd" => {
                let level = level(1, 1, 22)?.cast_signed();
                Codec::ZSTD(ZstdLevel::try_new(level).unwrap_or_default())
            }
            "gzip" => Codec::GZIP(GzipLevel::try_new(level(6, 0, 9)?).unwrap_or_default()),
            "brotli" => Codec::BROTLI(BrotliLevel::try_new(level(1, 0, 11)?).unwrap_or_default()),
            _ => {
                return Err(Error::usage(format!(
                    "no codec \"{}\" ({})",
                    escaped(name),
                    Self::NAMES.join(", ")
                )));
            }
        };
        Ok(Self(codec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_codec() {
        for name in Compression::NAMES {
            assert!(Compression::parse(name).is_ok(), "{name}");
        }
    }
}
