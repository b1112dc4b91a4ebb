//! A small generator of random numbers, the same on every machine.

/// SplitMix64, by Sebastiano Vigna: any seed is a good one.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound as u64).max(1)) as usize
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A number at which programs go wrong: around zero, around the ends of the integer types,
    /// around powers of two.
    pub(crate) fn extreme(&mut self) -> i64 {
        let near = self.below(3) as i64 - 1;
        match self.below(4) {
            0 => near,
            1 => near.wrapping_add(self.one_of(&[
                i64::from(i8::MAX),
                i64::from(i16::MAX),
                i64::from(i32::MAX),
                i64::from(i32::MIN),
                i64::from(u32::MAX),
                i64::MAX,
                i64::MIN,
            ])),
            2 => near.wrapping_add(1 << self.below(63)),
            _ => near.wrapping_sub(1 << self.below(63)),
        }
    }
}
