//! Where encoded pages wait for their row group to be written: in small blocks that are used again.
//!
//! Pages live for as long as a row group takes, between buffers that come and go with each page. On
//! the heap the two leave holes in each other: with 16 MiB read ahead, nine mixed columns took 83,
//! 105 and 118 MiB for 2, 20 and 60 million rows, of which 74 were in use. In blocks on the heap they
//! took 87 and 97 for 2 and 20 million, in blocks away from it 84 and 87. Larger blocks, in which
//! pages lie whole, take more (130 to 230 MiB where small pages fill what large ones leave, else as
//! much as the heap). A page is copied twice; that takes no time that could be measured, since the
//! buffers on both sides stay in the processor's cache.

use bytes::Bytes;
use parquet::arrow::arrow_writer::{PageKey, PageStore, PageStoreArgs, PageStoreFactory};
use parquet::errors::{ParquetError, Result};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::io::Block;

/// Memory for the encoded pages of a file, or of several that share it: each uses what others are done
/// with. It comes in blocks, of which half a one is lost for each column.
#[derive(Debug, Clone, Default)]
pub struct PageMemory {
    free: Arc<Mutex<Vec<Block>>>,
}

/// So many free blocks are kept for the next file, 4 MiB: a file of a tree has about 1 MiB of pages at a
/// time. A long row group leaves more, while rows of other files wait for memory.
const KEPT: usize = (4 << 20) / Block::BYTES;

impl PageMemory {
    /// Lets go of free blocks but for a few, until more rows come.
    pub(super) fn rest(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free.len().min(KEPT);
        let too_many = free.split_off(kept);
        // Others need not wait while the system takes them back.
        drop(free);
        drop(too_many);
    }
}

/// The pages of a column of a row group, one behind another.
struct ColumnPages {
    free: Arc<Mutex<Vec<Block>>>,
    blocks: Vec<Block>,
    /// Where each page lies, counted over all blocks.
    pages: Vec<Range<usize>>,
}

impl PageStoreFactory for PageMemory {
    fn create(&self, _: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        let free = self.free.clone();
        Ok(Box::new(ColumnPages { free, blocks: Vec::new(), pages: Vec::new() }))
    }
}

impl PageStore for ColumnPages {
    fn put(&mut self, page: Bytes) -> Result<PageKey> {
        let start = self.pages.last().map_or(0, |page| page.end);
        let mut left = &page[..];
        while !left.is_empty() {
            let mut block = match self.blocks.pop_if(|block| !block.is_full()) {
                Some(block) => block,
                None => self.free_block()?,
            };
            left = block.fill(left);
            self.blocks.push(block);
        }
        self.pages.push(start..start + page.len());
        Ok(PageKey::new(self.pages.len() as u64 - 1))
    }

    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        let Range { mut start, end } = usize::try_from(key.get())
            .ok()
            .and_then(|number| self.pages.get(number).cloned())
            .ok_or_else(|| ParquetError::General("a page is missing".to_owned()))?;
        let mut page = Vec::with_capacity(end - start);
        while start < end {
            let (block, from) =
                (self.blocks[start / Block::BYTES].as_slice(), start % Block::BYTES);
            let to = block.len().min(from + (end - start));
            page.extend_from_slice(&block[from..to]);
            start += to - from;
        }
        Ok(page.into())
    }
}

impl ColumnPages {
    fn free_block(&self) -> Result<Block> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let no_memory = |e| ParquetError::General(format!("no memory for its pages: {e}"));
        free.map_or_else(|| Block::try_new().map_err(no_memory), Ok)
    }
}

impl Drop for ColumnPages {
    fn drop(&mut self) {
        self.blocks.iter_mut().for_each(Block::clear);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.blocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_back_and_their_blocks_are_used_again() {
        let blocks = PageMemory::default();
        let free = blocks.free.clone();
        let lengths = [0, 1, 70_000, Block::BYTES, 3 * Block::BYTES + 5, 30, 0, Block::BYTES - 1];
        for round in 0..3_u8 {
            let store =
                || ColumnPages { free: free.clone(), blocks: Vec::new(), pages: Vec::new() };
            let (mut one, mut other) = (store(), store());
            let page = |number: usize, store: u8| {
                let bytes = (0..lengths[number]).map(|i| (i * 7 + number) as u8 ^ round ^ store);
                Bytes::from_iter(bytes)
            };
            let mut keys = Vec::new();
            for number in 0..lengths.len() {
                keys.push((one.put(page(number, 0)).unwrap(), other.put(page(number, 9)).unwrap()));
            }
            for (number, (one_key, other_key)) in keys.into_iter().enumerate().rev() {
                assert_eq!(other.take(other_key).unwrap(), page(number, 9));
                assert_eq!(one.take(one_key).unwrap(), page(number, 0));
            }
            assert!(one.take(PageKey::new(8)).is_err());
            drop((one, other));
            let total: usize = lengths.iter().sum();
            assert_eq!(free.lock().unwrap().len(), 2 * total.div_ceil(Block::BYTES));
        }
        let mut long = ColumnPages { free, blocks: Vec::new(), pages: Vec::new() };
        long.put(vec![1; (KEPT + 1) * Block::BYTES].into()).unwrap();
        drop(long);
        blocks.rest();
        assert_eq!(blocks.free.lock().unwrap().len(), KEPT);
    }
}
