//! Memory for encoded pages until their row group is written: small blocks that are reused.
//!
//! Pages live as long as their row group, among buffers that live only as long as one page. On the
//! heap, the two fragment each other: with 16 MiB read ahead, nine mixed columns took 83, 105 and
//! 118 MiB for 2, 20 and 60 million rows, of which 74 were in use. In blocks on the heap they took
//! 87 and 97 MiB for 2 and 20 million rows, in blocks outside the heap 84 and 87. Larger blocks
//! that hold whole pages need more (130 to 230 MiB if small pages fill the gaps that large ones
//! leave, otherwise as much as the heap). Each page is copied twice; the cost is not measurable,
//! because the buffers on both sides stay in the processor's cache.

use crate::io::Block;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Memory for the encoded pages of one file, or of several that share it: each reuses the blocks
/// that the others have released. A column that is being encoded has at least one block.
#[derive(Debug, Clone, Default)]
pub struct PageMemory {
    free: Arc<Mutex<Vec<Block>>>,
}

/// The number of free blocks kept for the next file, 4 MiB: a file of a tree has about 1 MiB of
/// pages at a time. A long row group frees more, while rows of other files wait for memory.
const KEPT: usize = (4 << 20) / Block::BYTES;

/// A finished column chunk of at most this size moves to the heap and frees its block for the next
/// column: 10,000 columns of 20 rows would take 640 MiB of nearly empty blocks.
const SMALL_BYTES: usize = Block::BYTES / 4;

impl PageMemory {
    /// Releases all but a few free blocks until more rows come.
    pub(crate) fn rest(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free.len().min(KEPT);
        let too_many = free.split_off(kept);
        // Unlock first: the system takes time to free the blocks.
        drop(free);
        drop(too_many);
    }

    /// An empty store of bytes in this memory.
    pub(crate) fn bytes(&self) -> StoredBytes {
        StoredBytes { memory: self.clone(), blocks: Vec::new(), small: Vec::new(), length: 0 }
    }

    fn block(&self) -> io::Result<Block> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(Block::try_new, Ok)
    }

    fn take_back(&self, blocks: &mut Vec<Block>) {
        blocks.iter_mut().for_each(Block::clear);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).append(blocks);
    }
}

/// The encoded pages of a column chunk, one after another.
#[derive(Debug, Default)]
pub(crate) struct StoredBytes {
    memory: PageMemory,
    blocks: Vec<Block>,
    /// Holds the bytes instead of `blocks` once a short chunk is finished.
    small: Vec<u8>,
    length: usize,
}

impl StoredBytes {
    /// Appends bytes.
    ///
    /// # Errors
    /// Out of memory.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            let mut block = match self.blocks.pop_if(|block| !block.is_full()) {
                Some(block) => block,
                None => self.memory.block()?,
            };
            left = block.fill(left);
            self.blocks.push(block);
        }
        self.length += bytes.len();
        Ok(())
    }

    /// Ends appending. A short chunk moves to the heap.
    pub(crate) fn finish(&mut self) {
        if self.length <= SMALL_BYTES
            && let Some(block) = self.blocks.first()
        {
            self.small = block.as_slice().to_vec();
            self.memory.take_back(&mut self.blocks);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The first contiguous bytes of a range.
    pub(crate) fn first_of(&self, range: &Range<usize>) -> &[u8] {
        let bytes = if self.small.is_empty() {
            let (number, start) = (range.start / Block::BYTES, range.start % Block::BYTES);
            self.blocks.get(number).and_then(|block| block.as_slice().get(start..))
        } else {
            self.small.get(range.start..)
        };
        let bytes = bytes.unwrap_or_default();
        &bytes[..bytes.len().min(range.len())]
    }
}

impl Drop for StoredBytes {
    fn drop(&mut self) {
        self.memory.take_back(&mut self.blocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &StoredBytes, mut range: Range<usize>) -> Vec<u8> {
        let mut read = Vec::new();
        while !range.is_empty() {
            let first = bytes.first_of(&range);
            assert!(!first.is_empty());
            read.extend_from_slice(first);
            range.start += first.len();
        }
        read
    }

    #[test]
    fn bytes_are_read_back_and_their_blocks_reused() {
        let memory = PageMemory::default();
        let lengths = [0, 1, 70_000, Block::BYTES, 3 * Block::BYTES + 5, 30, 0, Block::BYTES - 1];
        let total: usize = lengths.iter().sum();
        for round in 0..3_u8 {
            let (mut one, mut other) = (memory.bytes(), memory.bytes());
            let page = |number: usize, store: u8| {
                let bytes = (0..lengths[number]).map(|i| (i * 7 + number) as u8 ^ round ^ store);
                bytes.collect::<Vec<_>>()
            };
            for number in 0..lengths.len() {
                one.append(&page(number, 0)).unwrap();
                other.append(&page(number, 9)).unwrap();
            }
            one.finish();
            other.finish();
            let mut start = 0;
            for (number, length) in lengths.into_iter().enumerate() {
                assert_eq!(read(&other, start..start + length), page(number, 9));
                assert_eq!(read(&one, start..start + length), page(number, 0));
                start += length;
            }
            assert!(one.first_of(&(total..total + 1)).is_empty());
            drop((one, other));
            assert_eq!(memory.free.lock().unwrap().len(), 2 * total.div_ceil(Block::BYTES));
        }
        let mut long = memory.bytes();
        long.append(&vec![1; (KEPT + 1) * Block::BYTES]).unwrap();
        drop(long);
        memory.rest();
        assert_eq!(memory.free.lock().unwrap().len(), KEPT);
    }

    #[test]
    fn short_chunks_free_their_blocks() {
        let memory = PageMemory::default();
        let chunks = (0..100_u8).map(|number| {
            let mut bytes = memory.bytes();
            bytes.append(&[number; 100]).unwrap();
            bytes.finish();
            bytes
        });
        let chunks: Vec<_> = chunks.collect();
        assert_eq!(memory.free.lock().unwrap().len(), 1);
        for (number, bytes) in chunks.iter().enumerate() {
            assert_eq!(read(bytes, 0..bytes.len()), [number as u8; 100]);
        }
    }
}
