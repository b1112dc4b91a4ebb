//! Compression of pages. A thread keeps one context and one buffer for all columns.

use super::raw_frame::write_raw_frame;
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnDescriptor;
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

/// A page that shrinks by a smaller part than this is not worth the time to read and write it.
const LEAST_GAIN: usize = 64;

/// The parts of a page that are tried, and their length.
const SAMPLES: usize = 2;
const SAMPLE_BYTES: usize = 4 << 10;

/// A page for which a sample would not be much shorter is always compressed.
const LEAST_SAMPLED_BYTES: usize = 2 * SAMPLES * SAMPLE_BYTES;

/// After this number of pages that were not compressed, one is: some shrink only as a whole.
const MOST_RAW_PAGES: u32 = 15;

/// Tells whether the pages of a column chunk shrink. Random numbers in packed bits do not, and the
/// attempt takes time for each page.
#[derive(Debug, Default)]
pub(super) struct Shrinking {
    /// The last page that was compressed stayed about as long.
    is_vain: bool,
    raw_pages: u32,
}

#[derive(Default)]
struct Context {
    /// The compressor, and its level.
    compressor: Option<(i32, Compressor<'static>)>,
    buffer: Vec<u8>,
    sample: Vec<u8>,
}

thread_local! {
    static CONTEXT: RefCell<Context> = RefCell::default();
}

impl Codec {
    /// The codec, if it is one of those.
    fn of(codec: Compression) -> Option<Self> {
        match codec {
            Compression::UNCOMPRESSED => Some(Self::None),
            Compression::ZSTD(level) => Some(Self::Zstd(level.compression_level())),
            _ => None,
        }
    }

    /// The codec of a column, unless only the crate can encode it: it is nested, has another codec, or
    /// pages of version 2.
    pub(crate) fn of_flat(
        column: &ColumnDescriptor,
        properties: &WriterProperties,
    ) -> Option<Self> {
        let path = column.path();
        let is_flat = column.max_rep_level() == 0 && path.parts().len() == 1;
        let is_supported = is_flat && properties.writer_version() == WriterVersion::PARQUET_1_0;
        Self::of(properties.compression(path)).filter(|_| is_supported)
    }

    /// Calls `store` with the compressed bytes of the next page. `shrinking` tells of the pages
    /// before.
    ///
    /// # Errors
    /// Those of `store`; out of memory.
    pub(super) fn compressed<T>(
        self,
        bytes: &[u8],
        shrinking: &mut Shrinking,
        store: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let Self::Zstd(level) = self else { return store(bytes) };
        CONTEXT.with_borrow_mut(|context| {
            if shrinking.may_be_vain(bytes.len()) && !context.sample_shrinks(bytes, level)? {
                shrinking.raw_pages += 1;
                context.buffer.clear();
                write_raw_frame(bytes, &mut context.buffer);
            } else {
                context.compress(bytes, level)?;
                *shrinking = Shrinking::after(bytes.len(), context.buffer.len());
            }
            let stored = store(&context.buffer);
            if KEPT_BYTES < context.buffer.capacity() {
                context.buffer = Vec::new();
            }
            stored
        })
    }
}

impl Shrinking {
    /// The state after a page that was compressed.
    fn after(bytes: usize, compressed: usize) -> Self {
        let is_vain = bytes.saturating_sub(compressed) < bytes / LEAST_GAIN;
        Self { is_vain, raw_pages: 0 }
    }

    /// Whether a sample of the next page decides.
    fn may_be_vain(&self, bytes: usize) -> bool {
        self.is_vain && self.raw_pages < MOST_RAW_PAGES && LEAST_SAMPLED_BYTES <= bytes
    }
}

impl Context {
    /// Compresses bytes to the buffer.
    fn compress(&mut self, bytes: &[u8], level: i32) -> Result<()> {
        let Self { compressor, buffer, .. } = self;
        let failed = |e| ParquetError::General(format!("cannot compress a page: {e}"));
        let compressor = match compressor {
            Some((same, compressor)) if *same == level => compressor,
            other => &mut other.insert((level, Compressor::new(level).map_err(failed)?)).1,
        };
        buffer.clear();
        buffer.reserve(compress_bound(bytes.len()));
        compressor.compress_to_buffer(bytes, buffer).map_err(failed)?;
        Ok(())
    }

    /// Whether some parts of a page shrink at all.
    fn sample_shrinks(&mut self, bytes: &[u8], level: i32) -> Result<bool> {
        let mut sample = std::mem::take(&mut self.sample);
        sample.clear();
        for part in 0..SAMPLES {
            // Neither the levels at the start nor the padding at the end.
            let start = (2 * part + 1) * bytes.len() / (2 * SAMPLES) - SAMPLE_BYTES / 2;
            sample.extend_from_slice(&bytes[start..start + SAMPLE_BYTES]);
        }
        let done = self.compress(&sample, level);
        self.sample = sample;
        done?;
        Ok(self.buffer.len() < SAMPLES * SAMPLE_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of pages as they are stored, which must be read back as they were.
    fn stored<'a>(pages: impl IntoIterator<Item = &'a [u8]>) -> Vec<usize> {
        let mut shrinking = Shrinking::default();
        let each = pages.into_iter().map(|page| {
            let store = |bytes: &[u8]| {
                assert!(zstd::bulk::decompress(bytes, page.len()).unwrap() == page);
                Ok(bytes.len())
            };
            Codec::Zstd(1).compressed(page, &mut shrinking, store).unwrap()
        });
        each.collect()
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn pages_that_do_not_shrink_hardly_grow() {
        let noise = noise(300_000);
        for length in stored(std::iter::repeat_n(&noise[..], 40)) {
            assert!(length < noise.len() + 30, "{length}");
        }
    }

    #[test]
    fn pages_that_shrink_are_compressed_after_others() {
        let noise = noise(100_000);
        let text = b"some text ".repeat(10_000);
        let lengths = stored([&noise[..], &noise, &text, &noise, &text, &noise[..50], &text]);
        assert!(lengths[2] < 1000 && lengths[4] < 1000 && lengths[6] < 1000, "{lengths:?}");
        // Its parts are noise.
        let twice = noise.repeat(2);
        let mut pages = vec![&noise[..]];
        pages.resize(20, &twice);
        let lengths = stored(pages);
        assert!(
            lengths[16] < 110_000 && lengths[17..].iter().all(|it| *it < 110_000),
            "{lengths:?}"
        );
    }
}
