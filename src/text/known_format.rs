//! Names the format of bytes by their magic number, for errors of tools that do not read it.

/// The format of bytes with a known magic number, and a program that reads it; `None` for others.
pub fn known_format(start: &[u8]) -> Option<&'static str> {
    Some(match start {
        [b'P', b'A', b'R', b'1' | b'E', ..] => "a Parquet file (parquet-to-stream reads it)",
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => "an Arrow file (file-to-stream reads it)",
        [0xff, 0xff, 0xff, 0xff, ..] => "an Arrow stream (stream-print shows it)",
        // A format of its own, without record batches or messages, replaced in 2020; pyarrow 25
        // deprecates it, DuckDB and Polars do not read it.
        [b'F', b'E', b'A', b'1', ..] => {
            "a Feather file of version 1 (pyarrow.feather reads it and writes version 2)"
        }
        [0x1f, 0x8b, ..] => "gzip-compressed data (gunzip it first)",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd-compressed data (unzstd it first)",
        _ => return None,
    })
}
