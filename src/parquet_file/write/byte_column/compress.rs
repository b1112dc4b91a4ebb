//! Compression of pages. A thread keeps one context and one buffer for all columns.

use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
use std::cell::RefCell;
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

/// A codec of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    None,
    Zstd(i32),
}

/// A larger buffer is not kept: a page is that large only if a value is.
const KEPT_BYTES: usize = 4 << 20;

#[derive(Default)]
struct Context {
    /// The compressor, and its level.
    compressor: Option<(i32, Compressor<'static>)>,
    buffer: Vec<u8>,
}

thread_local! {
    static CONTEXT: RefCell<Context> = RefCell::default();
}

impl Codec {
    /// The codec, if it is one of those.
    pub(crate) fn of(codec: Compression) -> Option<Self> {
        match codec {
            Compression::UNCOMPRESSED => Some(Self::None),
            Compression::ZSTD(level) => Some(Self::Zstd(level.compression_level())),
            _ => None,
        }
    }

    /// Calls `store` with the compressed bytes.
    ///
    /// # Errors
    /// Those of `store`; out of memory.
    pub(super) fn compressed<T>(
        self,
        bytes: &[u8],
        store: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let Self::Zstd(level) = self else { return store(bytes) };
        CONTEXT.with_borrow_mut(|Context { compressor, buffer }| {
            let failed = |e| ParquetError::General(format!("cannot compress a page: {e}"));
            let compressor = match compressor {
                Some((same, compressor)) if *same == level => compressor,
                other => &mut other.insert((level, Compressor::new(level).map_err(failed)?)).1,
            };
            buffer.clear();
            buffer.reserve(compress_bound(bytes.len()));
            compressor.compress_to_buffer(bytes, buffer).map_err(failed)?;
            let stored = store(buffer);
            if KEPT_BYTES < buffer.capacity() {
                *buffer = Vec::new();
            }
            stored
        })
    }
}
