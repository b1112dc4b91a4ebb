//! The codes of a dictionary's values that lie close together, such as days or small counts, by
//! value: one load instead of a hash and a search.

/// In place of a code: there is none.
pub(super) const FREE: u32 = u32::MAX;

/// Codes of the values from `start`.
#[derive(Debug, Default)]
pub(super) struct Window {
    start: i64,
    codes: Vec<u32>,
    /// The least and the greatest value of the dictionary, inside or not.
    bounds: Option<(i64, i64)>,
}

/// A window is at most 64 times as long as the dictionary, so that the first values of a wide range
/// do not ask for much, and at most 256 KiB, which stays in the processor's cache.
const MOST_PER_VALUE: u64 = 64;
const MOST_CODES: u64 = 1 << 16;

/// The hash table is fast enough for fewer values, and a file may have thousands of such columns.
const LEAST_VALUES: usize = 16;

impl Window {
    /// The code of a number, or `FREE` if it is not known here.
    pub(super) fn code(&self, number: i64) -> u32 {
        self.codes.get(self.place(number)).copied().unwrap_or(FREE)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.codes[..])
    }

    fn place(&self, number: i64) -> usize {
        usize::try_from(number.wrapping_sub(self.start) as u64).unwrap_or(usize::MAX)
    }

    /// Takes note of the newest of the dictionary's values. If it lies outside, the window may grow.
    pub(super) fn add(&mut self, number: i64, values: impl ExactSizeIterator<Item = i64>) {
        let (min, max) = self.bounds.unwrap_or((number, number));
        let (min, max) = (min.min(number), max.max(number));
        self.bounds = Some((min, max));
        let (place, count) = (self.place(number), values.len());
        match self.codes.get_mut(place) {
            Some(code) => *code = count as u32 - 1,
            None if count < LEAST_VALUES => (),
            None => self.grow(min, max, values),
        }
    }

    /// Grows to all values and to as much again, unless they lie too far apart.
    fn grow(&mut self, min: i64, max: i64, values: impl ExactSizeIterator<Item = i64>) {
        let span = max.abs_diff(min).saturating_add(1);
        if MOST_CODES < span || MOST_PER_VALUE * values.len() as u64 / 2 < span {
            return;
        }
        // Room on both sides, because values come in any order.
        let room = span.min(MOST_CODES - span) / 2;
        self.start = min.wrapping_sub(room as i64);
        self.codes.clear();
        self.codes.resize((span + 2 * room) as usize, FREE);
        for (code, value) in values.enumerate() {
            let place = self.place(value);
            if let Some(known) = self.codes.get_mut(place) {
                *known = code as u32;
            }
        }
    }
}
