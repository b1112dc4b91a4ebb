//! The names of mapped files by address, for a signal handler: it takes no locks.

use std::ops::Range;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// A mapping that is registered until this is dropped, which must happen before it is unmapped.
#[derive(Debug)]
pub(super) struct MappedName {
    /// `None` if there was no slot left: the file is then not named in the message.
    slot: Option<&'static Slot>,
    /// Read through the slot.
    _name: Box<[u8]>,
}

/// A mapping and the name of its file.
#[derive(Debug)]
struct Slot {
    /// The first address; [`FREE`] or [`CHANGING`] if there is no mapping.
    start: AtomicUsize,
    end: AtomicUsize,
    name: AtomicPtr<u8>,
    name_bytes: AtomicUsize,
}

const FREE: usize = 0;
const CHANGING: usize = 1;

/// More files are rarely mapped at the same time.
const SLOTS: usize = 256;

static MAPPED: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];

impl MappedName {
    /// Registers the addresses of a mapping.
    pub(super) fn new(addresses: Range<usize>, name: &str) -> Self {
        let name: Box<[u8]> = crate::text::escaped(name).into_bytes().into();
        let claim = |slot: &&Slot| {
            let (free, taken) = (Ordering::Relaxed, Ordering::Acquire);
            slot.start.compare_exchange(FREE, CHANGING, taken, free).is_ok()
        };
        let slot = if addresses.is_empty() { None } else { MAPPED.iter().find(claim) };
        if let Some(slot) = slot {
            slot.end.store(addresses.end, Ordering::Relaxed);
            slot.name.store(name.as_ptr().cast_mut(), Ordering::Relaxed);
            slot.name_bytes.store(name.len(), Ordering::Relaxed);
            slot.start.store(addresses.start, Ordering::Release);
        }
        Self { slot, _name: name }
    }
}

impl Drop for MappedName {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            slot.start.store(FREE, Ordering::Release);
        }
    }
}

impl Slot {
    const fn new() -> Self {
        Self {
            start: AtomicUsize::new(FREE),
            end: AtomicUsize::new(0),
            name: AtomicPtr::new(std::ptr::null_mut()),
            name_bytes: AtomicUsize::new(0),
        }
    }
}

/// The name of the file that is mapped at this address, as shown in messages. The calling thread
/// must be using the mapping, so that it cannot end at the same time.
pub(super) fn find(address: usize) -> Option<&'static [u8]> {
    MAPPED.iter().find_map(|slot| {
        let start = slot.start.load(Ordering::Acquire);
        let is_here =
            CHANGING < start && start <= address && address < slot.end.load(Ordering::Relaxed);
        is_here.then(|| {
            let (name, bytes) =
                (slot.name.load(Ordering::Relaxed), slot.name_bytes.load(Ordering::Relaxed));
            // SAFETY: both were stored before `start`, and stay valid while the mapping is
            // registered, which is as long as its user needs it.
            unsafe { std::slice::from_raw_parts(name, bytes) }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_found_until_they_are_dropped() {
        // Addresses that no mapping of other tests has.
        let names: Vec<MappedName> = (1..=SLOTS + 9)
            .map(|n| MappedName::new(4096 * n..4096 * n + 10, &format!("f{n}")))
            .collect();
        assert_eq!(find(4096), Some(&b"f1"[..]));
        assert_eq!(find(4105), Some(&b"f1"[..]));
        assert_eq!(find(4106), None);
        assert_eq!(find(4096 * 5 + 3), Some(&b"f5"[..]));
        assert_eq!(find(4096 * (SLOTS + 9)), None);
        drop(names);
        assert_eq!(find(4096), None);
        let again = MappedName::new(8192..8193, "new");
        assert_eq!(find(8192), Some(&b"new"[..]));
        drop(again);
    }
}
