//! The runs of encoded levels, without unpacking them (Encodings.md, "RLE / bit-packing hybrid").

/// A run of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LevelRun<'a> {
    /// The same level, this many times.
    Same(u64, u64),
    /// Packed levels, and their number.
    Packed(&'a [u8], u64),
}

/// Reads levels of this width from bytes; ends where they end.
#[derive(Debug, Clone)]
pub(crate) struct LevelRuns<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl<'a> LevelRuns<'a> {
    /// Levels from 0 to `most`.
    pub(crate) fn new(bytes: &'a [u8], most: i16) -> Self {
        Self { bytes, width: width(most) }
    }

    fn header(&mut self) -> Option<u64> {
        let mut header = 0;
        for shift in (0..35).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            header |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(header);
            }
        }
        None
    }
}

/// The bits of a level from 0 to `most`.
fn width(most: i16) -> usize {
    16 - most.leading_zeros() as usize
}

impl<'a> Iterator for LevelRuns<'a> {
    type Item = LevelRun<'a>;

    fn next(&mut self) -> Option<LevelRun<'a>> {
        let header = self.header()?;
        let count = header >> 1;
        if header & 1 == 0 {
            let (level, rest) = self.bytes.split_at_checked(self.width.div_ceil(8))?;
            self.bytes = rest;
            let level = level.iter().rev().fold(0, |level, byte| level << 8 | u64::from(*byte));
            return Some(LevelRun::Same(level, count));
        }
        let bytes = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(self.width);
        // Some writers omit the last bytes of the last group if they hold no values.
        let (packed, rest) = self.bytes.split_at(bytes.min(self.bytes.len()));
        self.bytes = rest;
        let values = (packed.len() as u64 * 8).checked_div(self.width as u64).unwrap_or(0);
        Some(LevelRun::Packed(packed, values.min(count.saturating_mul(8))))
    }
}

impl LevelRun<'_> {
    pub(crate) fn len(self) -> u64 {
        match self {
            Self::Same(_, count) | Self::Packed(_, count) => count,
        }
    }
}

/// The level at this place of a packed run of levels from 0 to `most`.
pub(crate) fn packed_level(packed: &[u8], most: i16, place: usize) -> u32 {
    let (width, mut level) = (width(most), 0);
    for bit in (place * width..(place + 1) * width).rev() {
        let byte = packed.get(bit / 8).copied().unwrap_or(0);
        level = level << 1 | u32::from(byte >> (bit % 8) & 1);
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_the_levels_that_their_bytes_have() {
        // 300 times 2, then 8 packed levels of 2 bits, then 16 of which half are missing.
        let bytes = [0xd8, 4, 2, 3, 0b1110_0100, 0b0001_1011, 5, 0, 0];
        let runs: Vec<LevelRun<'_>> = LevelRuns::new(&bytes, 2).collect();
        let packed = &bytes[4..6];
        assert_eq!(runs[..2], [LevelRun::Same(2, 300), LevelRun::Packed(packed, 8)]);
        assert_eq!(runs[2..].iter().map(|run| run.len()).collect::<Vec<_>>(), [8]);
        let levels: Vec<u32> = (0..8).map(|place| packed_level(packed, 2, place)).collect();
        assert_eq!(levels, [0, 1, 2, 3, 3, 2, 1, 0]);
        assert_eq!(LevelRuns::new(&[0xff; 9], 1).count(), 0);
    }
}
