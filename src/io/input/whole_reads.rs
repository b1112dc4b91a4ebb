//! Reads of a fixed length, and skipping.

use super::{FIRST_BODY_BYTES, Input, Raw};
use crate::error::Result;
use crate::io::{bytes_read, pipe};
use arrow::buffer::{Buffer, MutableBuffer};
use rustix::fd::{AsFd, BorrowedFd};
use std::mem::MaybeUninit;

/// One `read` into the spare capacity of a buffer, up to a total of `most` bytes.
pub(crate) fn read_more(
    file: BorrowedFd<'_>,
    buffer: &mut MutableBuffer,
    most: usize,
) -> rustix::io::Result<usize> {
    let filled = buffer.len();
    let room = most.min(buffer.capacity()) - filled;
    // SAFETY: the pointer is valid for `capacity` bytes and `filled + room <= capacity`; the memory
    // is only offered as possibly uninitialised, to the kernel.
    let spare = unsafe {
        std::slice::from_raw_parts_mut(
            buffer.as_mut_ptr().add(filled).cast::<MaybeUninit<u8>>(),
            room,
        )
    };
    let length = pipe::read_patiently(file, || {
        rustix::io::read(file, &mut *spare).map(|(read, _)| read.len())
    })?;
    // SAFETY: the kernel has just initialised `length` bytes after `filled`, within the capacity.
    unsafe { buffer.set_len(filled + length) };
    bytes_read::add(length);
    Ok(length)
}

impl Input {
    /// Reads until the slice is full or the input ends; returns the number of bytes read.
    ///
    /// # Errors
    /// I/O errors.
    pub fn read_full(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < bytes.len() {
            let length = self.read(&mut bytes[filled..])?;
            if length == 0 {
                break;
            }
            filled += length;
        }
        Ok(filled)
    }

    /// Reads the next `length` bytes, or fewer if the input ends first. For a regular file they are
    /// the mapping's own memory; otherwise they are memory aligned to 64 bytes, which is reused
    /// once no one refers to it.
    ///
    /// # Errors
    /// I/O errors.
    pub fn read_buffer(&mut self, length: usize) -> Result<Buffer> {
        if let Some((map, position)) = &self.mapped {
            let length = length.min(map.len() - position);
            let bytes = map.lend(*position..*position + length);
            self.advance(length);
            return Ok(Buffer::from(bytes));
        }
        if !self.is_recognised {
            self.recognise()?;
        }
        let mut buffer = self.recycled.take(length, FIRST_BODY_BYTES);
        let peeked = self.peeked.len().min(length);
        buffer.extend_from_slice(&self.peeked[..peeked]);
        self.peeked.drain(..peeked);
        while buffer.len() < length {
            if buffer.len() == buffer.capacity() {
                buffer.reserve((length - buffer.len()).min(buffer.len().max(FIRST_BODY_BYTES)));
            }
            let read = match (&self.decompressor, &mut self.raw) {
                (None, Raw::File(file)) => {
                    read_more(file.as_fd(), &mut buffer, length).map_err(|e| self.cannot_read(e))?
                }
                (None, Raw::Object(object)) => {
                    object.read_more(&mut buffer, length).map_err(|e| e.with(&self.name))?
                }
                _ => self.decompress_more(&mut buffer, length)?,
            };
            if read == 0 {
                break;
            }
        }
        Ok(self.recycled.lend(buffer))
    }

    /// Skips the next `length` bytes; returns the number of bytes skipped, which is smaller at the
    /// end.
    ///
    /// # Errors
    /// I/O errors.
    pub fn skip(&mut self, length: u64) -> Result<u64> {
        if let Some((map, position)) = &self.mapped {
            let length = length.min((map.len() - position) as u64);
            self.advance(length as usize);
            return Ok(length);
        }
        let mut chunk = vec![0; length.min(1 << 16) as usize];
        let mut skipped = 0;
        while skipped < length {
            let most = (length - skipped).min(chunk.len() as u64) as usize;
            let read = self.read(&mut chunk[..most])?;
            if read == 0 {
                break;
            }
            skipped += read as u64;
        }
        Ok(skipped)
    }
}
