//! Compressed inputs: recognised when the first bytes arrive, and decompressed from then on.

use super::{Input, Raw};
use crate::error::{Error, Result};
use crate::io::compressed::{
    Compressed, Compression, Decompressor, DetectedCompression, MARK_BYTES,
};
use crate::io::mapped_file::Copied;
use arrow::buffer::MutableBuffer;

impl Input {
    /// Determines whether the input is compressed.
    pub(super) fn recognise(&mut self) -> Result<()> {
        self.is_recognised = true;
        let mut start = Vec::new();
        if let Some((map, position)) = &self.mapped {
            start.extend(map.bytes()[*position..].iter().take(MARK_BYTES));
        } else {
            // Waits for no more bytes than necessary: a slow producer may not write more.
            let mut bytes = [0; MARK_BYTES];
            while Compression::shown_by(&start) == DetectedCompression::Undecided {
                let most = MARK_BYTES - start.len();
                let length = self.read_file(&mut bytes[..most])?;
                if length == 0 {
                    break;
                }
                start.extend_from_slice(&bytes[..length]);
            }
        }
        let DetectedCompression::Compressed(compression) = Compression::shown_by(&start) else {
            if self.mapped.is_none() {
                self.peeked = start;
            }
            return Ok(());
        };
        let cannot = |e| Error::io(format_args!("cannot read {}", self.name), &e);
        let compressed = match self.mapped.take() {
            Some((map, position)) => Compressed::Mapped(map, position, Copied::default()),
            None => match std::mem::replace(&mut self.raw, Raw::Taken) {
                Raw::File(file) => {
                    let again = file.try_clone().map_err(cannot)?;
                    self.raw = Raw::File(file);
                    Compressed::Piped(start, again)
                }
                Raw::Object(object) => Compressed::Fetched(start, object),
                Raw::Taken => return Ok(()),
            },
        };
        self.decompressor = Some(Decompressor::new(compression, compressed).map_err(cannot)?);
        Ok(())
    }

    /// Whether it is compressed, as far as was read.
    pub fn is_compressed(&self) -> bool {
        self.decompressor.is_some()
    }

    /// Decompresses into the spare capacity of a buffer, up to a total of `most` bytes.
    pub(super) fn decompress_more(
        &mut self,
        buffer: &mut MutableBuffer,
        most: usize,
    ) -> Result<usize> {
        const STEP_BYTES: usize = 1 << 16;
        let filled = buffer.len();
        let room = (most.min(buffer.capacity()) - filled).min(STEP_BYTES);
        buffer.resize(filled + room, 0);
        let length = self.read(&mut buffer.as_slice_mut()[filled..])?;
        buffer.truncate(filled + length);
        Ok(length)
    }
}
