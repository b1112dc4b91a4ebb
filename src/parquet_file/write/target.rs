//! The programs that files can be written for, and the features that each of them can read.

use super::compression::Compression;
use crate::error::{Error, Result};
use parquet::basic::{Compression as Codec, Encoding};

/// A program that files are written for.
///
/// Support by version, with sources:
///
/// - Integers as DELTA_BINARY_PACKED: Spark since 3.3 with its vectorized reader (SPARK-36879),
///   DuckDB since 0.3, pyarrow since 6. Text as DELTA_LENGTH_BYTE_ARRAY: Spark since 3.3.1
///   (SPARK-40128), DuckDB since 0.7 (duckdb#5457). BYTE_STREAM_SPLIT: Spark since 4.0, DuckDB
///   since 0.10 (duckdb#9240). BigQuery and Athena document no encodings.
/// - Timestamps in nanoseconds: Spark refuses them (SPARK-40819), BigQuery has microseconds, Athena
///   milliseconds.
/// - Codecs: Spark reads zstd without a native library since 3.2 (SPARK-34880), lz4 (LZ4_RAW) since
///   3.5 and brotli only with another package; BigQuery documents gzip, LZO, snappy and zstd;
///   Athena gzip, snappy, zstd and an lz4 in frames of its own.
/// - Data pages of version 2: no program needs them, so files have pages of version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// All of the other programs.
    Any,
    /// Apache Spark since 3.0.
    Spark,
    /// DuckDB since 0.10.
    DuckDb,
    /// Google BigQuery.
    BigQuery,
    /// Amazon Athena.
    Athena,
}

impl Target {
    /// All targets, by their names on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("any", Self::Any),
        ("spark", Self::Spark),
        ("duckdb", Self::DuckDb),
        ("bigquery", Self::BigQuery),
        ("athena", Self::Athena),
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, target)| *target == self).map_or("", |(name, _)| name)
    }

    /// The default codec.
    pub fn compression(self) -> Compression {
        match self {
            Self::Any | Self::Spark => Compression::SNAPPY,
            Self::DuckDb | Self::BigQuery | Self::Athena => Compression::default(),
        }
    }

    /// Refuses a codec that some versions of the program cannot read.
    ///
    /// # Errors
    /// Such a codec (a usage error).
    pub fn check_compression(self, compression: Compression) -> Result<()> {
        let codec = match compression.0 {
            Codec::LZ4_RAW => "lz4",
            Codec::BROTLI(_) => "brotli",
            _ => return Ok(()),
        };
        if self == Self::DuckDb {
            return Ok(());
        }
        let name = self.name();
        Err(Error::usage(format!(
            "--for {name} cannot be combined with --compression {codec}, which not every version can \
             read: use snappy, gzip or zstd, or leave out --for"
        )))
    }

    /// Whether all versions of the program can read an encoding.
    pub(crate) fn reads(self, encoding: Encoding) -> bool {
        let is_old = matches!(encoding, Encoding::PLAIN | Encoding::RLE_DICTIONARY);
        self == Self::DuckDb || is_old
    }

    /// Whether the program can read timestamps and times in nanoseconds.
    pub(crate) fn reads_nanoseconds(self) -> bool {
        self == Self::DuckDb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_that_some_versions_do_not_read_is_refused() {
        for (name, target) in Target::ALL {
            for codec in ["none", "snappy", "gzip", "zstd:3"] {
                assert_eq!(target.check_compression(Compression::parse(codec).unwrap()), Ok(()));
            }
            for codec in ["lz4", "brotli"] {
                let checked = target.check_compression(Compression::parse(codec).unwrap());
                assert_eq!(checked.is_ok(), name == "duckdb", "{name} {codec}");
            }
            assert_eq!(target.check_compression(target.compression()), Ok(()));
            assert_eq!(target.name(), name);
        }
    }
}
