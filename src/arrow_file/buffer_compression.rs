//! Compression of message buffers, in files and streams.

use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::error::ArrowError;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;

/// The compression of each buffer of a message; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BufferCompression(Option<(CompressionType, Option<i32>)>);

impl BufferCompression {
    /// Parses `none`, `lz4`, `zstd` or `zstd:LEVEL`. The default level is 1: buffers are compressed
    /// for slow links, where higher levels cost more time than they save by sending fewer bytes.
    ///
    /// # Errors
    /// An unknown name; a level that is out of range, or for a codec without levels. All are usage
    /// errors.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
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
                Err(Error::usage(format!("unknown codec \"{}\" (none, lz4, zstd)", escaped(name))))
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
        for good in ["none", "lz4", "zstd", "zstd:1", "zstd:22"] {
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
