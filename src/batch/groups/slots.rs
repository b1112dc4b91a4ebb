//! The slots of a hash table: half of the hash of a value and the number of the value in each.
//!
//! The upper bits of a hash are the place where its slot is looked for first, and the next free slot
//! is taken. Slots are thus nearly in the order of the hashes, also in a table of twice the size:
//! a table grows where it is, from its end, and takes no memory for both sizes at the same time.

use crate::batch::size::vector_bytes;

/// The slots of a table.
#[derive(Debug)]
pub(super) struct Slots {
    /// A power of two of slots, and those after them that are needed for the values of the last
    /// ones: the very last slot is always free.
    slots: Vec<Slot>,
    /// The bits of a tag that do not belong to the place of its slot.
    shift: u32,
    used: usize,
}

/// Free (zero), or the tag of a value (the upper half of its hash), and its number plus one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slot(u64);

/// Up to this number of slots, only a quarter is used: almost every value is found in the slot where
/// it is looked for first, and the processor guesses no branch wrong. Free slots that are not
/// touched take no room in the cache.
const SPARSE_SLOTS: usize = 1 << 14;

/// The bits of the number of slots at first, and the slots after those.
const FIRST_BITS: u32 = 12;
const LAST_SLOTS: usize = 64;

impl Slots {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![Slot::FREE; (1 << FIRST_BITS) + LAST_SLOTS],
            shift: u32::BITS - FIRST_BITS,
            used: 0,
        }
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        vector_bytes(&self.slots)
    }

    /// The bytes of all slots.
    pub(super) fn touched_bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }

    /// The numbers in the slots.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().filter_map(|slot| slot.number())
    }

    /// The place of the first slot that a value with this tag may have.
    #[inline]
    pub(super) fn home(&self, tag: u32) -> usize {
        (u64::from(tag) >> self.shift) as usize
    }

    /// The slot in a place up to the first free one.
    #[inline]
    pub(super) fn at(&self, place: usize) -> Slot {
        self.slots[place]
    }

    /// Makes room for more values.
    #[inline]
    pub(super) fn make_room(&mut self, values: usize) {
        while self.is_full(values) {
            self.grow();
        }
    }

    /// Whether there is no room for more values. A table of as many slots as there are tags is
    /// never full: those after the last one take what is left.
    #[inline]
    pub(super) fn is_full(&self, values: usize) -> bool {
        let slots = 1_usize << (u32::BITS - self.shift);
        let most_used = if slots <= SPARSE_SLOTS { slots / 4 } else { slots / 8 * 5 };
        most_used < self.used + values && self.shift > 0
    }

    /// Fills the first free slot after the home of a value that has none.
    pub(super) fn add(&mut self, slot: Slot) {
        self.put(slot);
        self.used += 1;
    }

    /// Fills a free slot.
    pub(super) fn fill(&mut self, free: usize, slot: Slot) {
        self.take_slot(free, slot);
        self.used += 1;
    }

    fn take_slot(&mut self, free: usize, slot: Slot) {
        self.slots[free] = slot;
        if free + 1 == self.slots.len() {
            self.slots.resize(self.slots.len() + LAST_SLOTS, Slot::FREE);
        }
    }

    /// Puts a slot to the first free place for it.
    fn put(&mut self, slot: Slot) {
        let mut place = self.home(slot.tag());
        while self.slots[place] != Slot::FREE {
            place += 1;
        }
        self.take_slot(place, slot);
    }

    /// Doubles the slots. Those without a free one between them are taken out together, from the
    /// end: the places for them are after all that were not taken out yet.
    #[cold]
    fn grow(&mut self) {
        let before = self.slots.len();
        let added = 1 << (u32::BITS - self.shift);
        self.slots.reserve_exact(added);
        self.slots.resize(before + added, Slot::FREE);
        self.shift -= 1;
        let mut together = Vec::new();
        for place in (0..before).rev() {
            let slot = std::mem::take(&mut self.slots[place]);
            if slot != Slot::FREE {
                together.push(slot);
            }
            if slot == Slot::FREE || place == 0 {
                together.drain(..).rev().for_each(|slot| self.put(slot));
            }
        }
    }
}

impl Slot {
    pub(super) const FREE: Self = Self(0);

    /// The number must not be that of a value that has none.
    #[inline]
    pub(super) fn new(tag: u32, number: u32) -> Self {
        Self(u64::from(tag) << u32::BITS | (u64::from(number) + 1))
    }

    #[inline]
    pub(super) fn number(self) -> Option<u32> {
        (self.0 as u32).checked_sub(1)
    }

    #[inline]
    pub(super) fn number_or_absent(self) -> u32 {
        (self.0 as u32).wrapping_sub(1)
    }

    #[inline]
    pub(super) fn tag(self) -> u32 {
        (self.0 >> u32::BITS) as u32
    }
}
