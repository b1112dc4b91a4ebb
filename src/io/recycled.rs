//! Memory that is used again: the bodies of messages, one after another, in the same pages.
//!
//! A fresh large allocation costs a page fault for every 4 KiB (it fills at about 2 GB/s), and the
//! heap grows where bodies come and go between small things that stay: `stream-to-parquet` took
//! 74 MiB for ten million rows and 331 MiB for a hundred million that way, and takes 14 MiB for
//! both with memory that is used again.

use arrow::buffer::{Buffer, MutableBuffer};

/// So many bodies are remembered: that of the batch at work, and of those that threads still look at.
const REMEMBERED: usize = 16;

/// The bodies handed out last. Those that nobody looks at any more are handed out again.
#[derive(Debug, Default)]
pub(super) struct Recycled {
    lent: Vec<Buffer>,
    free: Vec<MutableBuffer>,
}

impl Recycled {
    /// Empty memory for about `capacity` bytes: an earlier body's, if one is free.
    ///
    /// It is the smallest that will do. If none does, the largest is let go for one that does: were it
    /// to grow instead, all would become as large as the largest body, one after another.
    pub(super) fn take(&mut self, capacity: usize) -> MutableBuffer {
        let capacity = with_room(capacity);
        self.collect();
        match self.free.iter().position(|memory| capacity <= memory.capacity()) {
            Some(place) => self.free.remove(place),
            None => {
                self.free.pop();
                MutableBuffer::with_capacity(capacity)
            }
        }
    }

    /// Hands a filled buffer out, and remembers it.
    pub(super) fn lend(&mut self, filled: MutableBuffer) -> Buffer {
        let buffer = Buffer::from(filled);
        if REMEMBERED <= self.lent.len() + self.free.len() {
            if self.free.is_empty() {
                self.lent.remove(0);
            } else {
                self.free.remove(0);
            }
        }
        self.lent.push(buffer.clone());
        buffer
    }

    /// Takes back what nobody looks at; the smallest are first.
    fn collect(&mut self) {
        for buffer in std::mem::take(&mut self.lent) {
            // A buffer gives up its memory only when no array shares it.
            match buffer.into_mutable() {
                Ok(mut memory) => {
                    memory.clear();
                    self.free.push(memory);
                }
                Err(in_use) => self.lent.push(in_use),
            }
        }
        self.free.sort_by_key(MutableBuffer::capacity);
    }
}

/// Bodies of like size fit into the same memory: else each that is a little longer than all before
/// it moves, and leaves a hole that nothing fits into.
fn with_room(capacity: usize) -> usize {
    capacity.next_multiple_of((capacity / 8).next_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_nobody_looks_at_is_used_again() {
        let mut recycled = Recycled::default();
        let mut filled = |byte: u8| {
            let mut memory = recycled.take(1000);
            assert!(memory.is_empty());
            memory.extend_from_slice(&[byte; 1000]);
            recycled.lend(memory)
        };
        let first = filled(1);
        let first_place = first.as_ptr();
        let second = filled(2);
        assert_ne!(second.as_ptr(), first_place);
        // A slice keeps the memory, too.
        let kept = second.slice(500);
        drop((first, second));
        let third = filled(3);
        assert_eq!(third.as_ptr(), first_place);
        assert_eq!((kept[0], third[0]), (2, 3));
    }

    #[test]
    fn short_bodies_do_not_come_to_lie_in_as_much_memory_as_long_ones() {
        let mut recycled = Recycled::default();
        for round in 0..10 {
            let lent: Vec<_> = [1_000, 2_000, 1_000_000, 1_500]
                .into_iter()
                .map(|length| {
                    let mut memory = recycled.take(length + round);
                    memory.extend_zeros(length + round);
                    recycled.lend(memory)
                })
                .collect();
            let taken: usize = lent.iter().map(Buffer::capacity).sum();
            assert!(taken < 1_200_000, "{taken}");
            drop(lent);
            recycled.collect();
            let kept: usize = recycled.free.iter().map(MutableBuffer::capacity).sum();
            assert!(kept < 1_200_000, "{kept}");
        }
    }
}
