//! Fixed-size memory outside the heap, for long-lived data that would otherwise sit among
//! short-lived heap buffers.

use memmap2::MmapMut;
use std::io;

/// Memory of a fixed size that is filled from the front. Its pages go back to the system when it is
/// dropped.
#[derive(Debug)]
pub struct Block {
    memory: MmapMut,
    filled: usize,
}

impl Block {
    /// The capacity of a block, a multiple of the page size.
    pub const BYTES: usize = 64 << 10;

    /// Returns an empty block.
    ///
    /// # Errors
    /// Out of memory.
    pub fn try_new() -> io::Result<Self> {
        Ok(Self { memory: MmapMut::map_anon(Self::BYTES)?, filled: 0 })
    }

    /// The filled part.
    pub fn as_slice(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// Copies as many of the bytes as there is room for, and returns the rest.
    pub fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (now, later) = bytes.split_at(bytes.len().min(Self::BYTES - self.filled));
        self.memory[self.filled..][..now.len()].copy_from_slice(now);
        self.filled += now.len();
        later
    }

    /// Whether the block is full.
    pub fn is_full(&self) -> bool {
        self.filled == Self::BYTES
    }

    /// Empties the block; the memory stays allocated.
    pub fn clear(&mut self) {
        self.filled = 0;
    }
}
