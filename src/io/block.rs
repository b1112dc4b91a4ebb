//! Memory of its own, away from the heap: for what lives long while buffers come and go on the heap.

use memmap2::MmapMut;
use std::io;

/// Memory of a fixed size that is filled from the front. Its pages are the system's again when it is
/// dropped.
#[derive(Debug)]
pub struct Block {
    memory: MmapMut,
    filled: usize,
}

impl Block {
    /// How much fits into a block, a multiple of the size of a page.
    pub const BYTES: usize = 64 << 10;

    /// An empty block.
    ///
    /// # Errors
    /// A system that has no memory left.
    pub fn try_new() -> io::Result<Self> {
        Ok(Self { memory: MmapMut::map_anon(Self::BYTES)?, filled: 0 })
    }

    /// What was put in.
    pub fn as_slice(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// Puts in as much of the bytes as there is room for, and returns the rest.
    pub fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (now, later) = bytes.split_at(bytes.len().min(Self::BYTES - self.filled));
        self.memory[self.filled..][..now.len()].copy_from_slice(now);
        self.filled += now.len();
        later
    }

    /// Whether nothing more fits in.
    pub fn is_full(&self) -> bool {
        self.filled == Self::BYTES
    }

    /// Forgets what was put in; the memory stays.
    pub fn clear(&mut self) {
        self.filled = 0;
    }
}
