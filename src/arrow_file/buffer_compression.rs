//! Compression of the buffers of messages, as files and streams may have it.

use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::error::ArrowError;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::IpcWriteOptions;

/// How each buffer of a message is compressed; not at all by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BufferCompression(Option<(CompressionType, Option<i32>)>);

impl BufferCompression {
    /// Reads `none`, `lz4`, `zstd` or `zstd:LEVEL`. Without a level it is 1: buffers are compressed
    /// to pass a slow link, where the levels above cost more time than they spare bytes.
    ///
    /// # Errors
    /// Another name, a level out of range or where there is none (faults of the command line).
    pub fn parse(text: &str) -> Result<Self> {
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        match (name, level) {
            ("none", None) => Ok(Self(None)),
            ("lz4", None) => Ok(Self(Some((CompressionType::LZ4_FRAME, None)))),
            ("zstd", level) => {
                let level = level.unwrap_or("1").parse().ok();
                match level.filter(|level| (1..=22).contains(level)) {
                    Some(level) => Ok(Self(Some((CompressionType::ZSTD, Some(level))))),
                    None => Err(Error::usage(format!(
                        "\"{}\": levels of zstd are 1 to 22",
                        escaped(text)
                    ))),
                }
            }
            ("none" | "lz4", Some(_)) => {
                Err(Error::usage(format!("\"{}\": {name} has no levels", escaped(text))))
            }
            _ => Err(Error::usage(format!("no codec \"{}\" (none, lz4, zstd)", escaped(name)))),
        }
    }

    /// Adds the compression to the options of an encoder.
    ///
    /// # Errors
    /// None in practice: the level was looked at before.
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
        assert_eq!(message("zstd:0"), "\"zstd:0\": levels of zstd are 1 to 22");
        assert_eq!(message("zstd:x"), "\"zstd:x\": levels of zstd are 1 to 22");
        assert_eq!(message("gzip"), "no codec \"gzip\" (none, lz4, zstd)");
    }
}
