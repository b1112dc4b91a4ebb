//! The bytes that are on their way to stores, of all uploads of the process: they are bounded, so that
//! memory is.

use std::sync::{Condvar, Mutex, PoisonError};

/// At 100 MB/s and 30 ms of latency, eight parts of the smallest size keep the link busy.
const MOST_BYTES: u64 = 64 << 20;

/// The size of the first parts. Stores refuse parts of less than 5 MiB that are not the last one.
const FIRST_PART_BYTES: usize = 8 << 20;

/// The parts of each size. Some stores (R2) want parts of one size, so the first 7.8 GiB have it.
const PARTS_OF_A_SIZE: usize = 1000;

/// Doublings of the size: ten sizes are 7.8 TiB in 10,000 parts, and stores allow 5 TiB in as many.
const DOUBLINGS: usize = 9;

static IN_FLIGHT: Mutex<u64> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// Bytes that are in flight until this is dropped.
#[derive(Debug)]
pub(super) struct InFlight(u64);

impl InFlight {
    /// Waits until there is room for a part. Of large parts, two are in flight.
    pub(super) fn wait(bytes: usize) -> Self {
        let bytes = bytes as u64;
        let most = MOST_BYTES.max(2 * bytes);
        let mut sum = IN_FLIGHT.lock().unwrap_or_else(PoisonError::into_inner);
        while most < *sum + bytes && *sum > 0 {
            sum = ENDED.wait(sum).unwrap_or_else(PoisonError::into_inner);
        }
        *sum += bytes;
        Self(bytes)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        *IN_FLIGHT.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
        ENDED.notify_all();
    }
}

/// The size of a part by its number.
pub(super) fn part_bytes(number: usize) -> usize {
    FIRST_PART_BYTES << (number / PARTS_OF_A_SIZE).min(DOUBLINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_parts_suffice_for_the_largest_object() {
        let sum: u64 = (0..10_000).map(|number| part_bytes(number) as u64).sum();
        assert!(5 << 40 <= sum);
        let largest = part_bytes(9_999) as u64;
        assert!(5 << 20 <= part_bytes(0) && largest <= 5 << 30);
    }
}
