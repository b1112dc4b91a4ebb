//! A pool of buffers: the bodies of messages reuse the same pages, one after another.
//!
//! A fresh large allocation costs a page fault for every 4 KiB (it fills at about 2 GB/s), and the
//! heap grows when bodies come and go between small objects that stay. When this was first
//! measured, `stream-to-parquet` took 74 MiB for ten million rows of three integers and 331 MiB for
//! a hundred million, and 14 MiB for both with reused memory.

use arrow::buffer::{Buffer, MutableBuffer};

/// The number of bodies in the pool: that of the current batch, and those that threads still use.
const REMEMBERED: usize = 16;

/// Free memory that was not used for this many bodies is released: it belonged to a body much
/// larger than all later ones.
const MOST_IDLE_TURNS: usize = 64;

/// The memory of a body is at most this many times as large as the body. Otherwise a short body
/// would keep memory that only a long one needed.
const MOST_ROOM: usize = 8;

/// The bodies handed out last. Those that are no longer in use are handed out again.
#[derive(Debug, Default)]
pub(super) struct BufferPool {
    lent: Vec<Buffer>,
    free: Vec<Free>,
}

/// Memory that is not in use.
#[derive(Debug)]
struct Free {
    memory: MutableBuffer,
    /// The number of bodies since then that were placed elsewhere.
    idle_turns: usize,
}

impl BufferPool {
    /// Returns empty memory for a body of `length` bytes: that of an earlier body, if one is free.
    /// Fresh memory has room for at most the first `most_fresh` bytes.
    ///
    /// It is the smallest that is large enough. If there is none, the largest is released in favour
    /// of fresh memory: if it grew instead, all of them would become as large as the largest body,
    /// one after another.
    pub(super) fn take(&mut self, length: usize, most_fresh: usize) -> MutableBuffer {
        let (all, fresh) = (with_room(length), with_room(length.min(most_fresh)));
        self.collect();
        let will_do = all..=all.saturating_mul(MOST_ROOM);
        let place = self.free.iter().position(|free| will_do.contains(&free.memory.capacity()));
        let found = match place {
            Some(place) => Some(self.free.remove(place)),
            // If the body would have to grow in any case, it may as well grow from there.
            None => self
                .free
                .pop_if(|free| free.memory.capacity() < all)
                .filter(|free| fresh <= free.memory.capacity()),
        };
        self.free.iter_mut().for_each(|free| free.idle_turns += 1);
        self.free.retain(|free| free.idle_turns <= MOST_IDLE_TURNS);
        found.map_or_else(|| MutableBuffer::with_capacity(fresh), |free| free.memory)
    }

    /// Hands out a filled buffer, and remembers it.
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

    /// Takes back buffers that are no longer in use, and sorts the free ones by size.
    fn collect(&mut self) {
        // A buffer gives up its memory only if no array shares it.
        for unused in self.lent.extract_if(.., |buffer| buffer.strong_count() == 1) {
            if let Ok(mut memory) = unused.into_mutable() {
                memory.clear();
                self.free.push(Free { memory, idle_turns: 0 });
            }
        }
        self.free.sort_by_key(|free| free.memory.capacity());
    }
}

/// Rounds capacities, so that bodies of similar size fit into the same memory. Otherwise each body
/// that is slightly longer than all before it moves, and leaves a hole that nothing fits into.
fn with_room(capacity: usize) -> usize {
    // A header may claim any length.
    capacity.checked_next_multiple_of((capacity / 8).next_power_of_two()).unwrap_or(capacity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_nobody_looks_at_is_used_again() {
        let mut recycled = BufferPool::default();
        let mut filled = |byte: u8| {
            let mut memory = recycled.take(1000, 1000);
            assert!(memory.is_empty());
            memory.extend_from_slice(&[byte; 1000]);
            recycled.lend(memory)
        };
        let first = filled(1);
        let first_place = first.as_ptr();
        let second = filled(2);
        assert_ne!(second.as_ptr(), first_place);
        // A slice keeps the memory in use, too.
        let kept = second.slice(500);
        drop((first, second));
        let third = filled(3);
        assert_eq!(third.as_ptr(), first_place);
        assert_eq!((kept[0], third[0]), (2, 3));
    }

    #[test]
    fn short_bodies_do_not_come_to_lie_in_as_much_memory_as_long_ones() {
        let mut recycled = BufferPool::default();
        for round in 0..10 {
            let lent: Vec<_> = [1_000, 2_000, 1_000_000, 1_500]
                .into_iter()
                .map(|length| {
                    let mut memory = recycled.take(length + round, usize::MAX);
                    memory.extend_zeros(length + round);
                    recycled.lend(memory)
                })
                .collect();
            let taken: usize = lent.iter().map(Buffer::capacity).sum();
            assert!(taken < 1_200_000, "{taken}");
            drop(lent);
            recycled.collect();
            let kept: usize = recycled.free.iter().map(|free| free.memory.capacity()).sum();
            assert!(kept < 1_200_000, "{kept}");
        }
    }
    #[test]
    fn a_body_larger_than_fresh_memory_takes_what_is_large_enough() {
        let mut recycled = BufferPool::default();
        let lent = [3_000, 9_000].map(|length| {
            let mut memory = recycled.take(length, 1_000);
            memory.extend_zeros(length);
            recycled.lend(memory)
        });
        let large = lent[1].as_ptr();
        drop(lent);
        assert_eq!(recycled.take(8_000, 1_000).as_ptr(), large);
        assert!(recycled.take(usize::MAX, 1_000).capacity() < 10_000);
    }

    #[test]
    fn one_that_was_much_larger_than_all_after_it_is_let_go() {
        let mut recycled = BufferPool::default();
        for length in [1_000_000].into_iter().chain([1_000; 2 * MOST_IDLE_TURNS]) {
            let mut memory = recycled.take(length, usize::MAX);
            memory.extend_zeros(length);
            // The previous one is in use until this one exists.
            drop(recycled.lend(memory));
        }
        recycled.collect();
        let kept: usize = recycled.free.iter().map(|free| free.memory.capacity()).sum();
        assert!(kept < 10_000, "{kept}");
    }
}
