//! A search for single bytes in short texts.

/// The first position at or after `from` of any of the wanted bytes; the length if there is none.
///
/// Eight bytes at a time (Hacker's Delight, section 6-1): fields are short, and calling a
/// vectorised search costs more than looking at their few bytes.
#[inline]
pub(super) fn find<const N: usize>(bytes: &[u8], from: usize, wanted: [u8; N]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let patterns = wanted.map(|byte| u64::from(byte) * ONES);
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        // Sets the high bit of each equal byte; above the first one there may be false positives.
        let equal = |pattern: u64| {
            let difference = word ^ pattern;
            difference.wrapping_sub(ONES) & !difference & (ONES << 7)
        };
        let hits = patterns.iter().fold(0, |hits, pattern| hits | equal(*pattern));
        if hits != 0 {
            return at + hits.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| wanted.contains(byte)).map_or(bytes.len(), |place| at + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_in_any_place() {
        for place in 0..40 {
            for from in 0..=place {
                let mut bytes = vec![0x80; 40];
                bytes[place] = b'\n';
                assert_eq!(find(&bytes, from, [b',', b'\n', b'"']), place);
                bytes[place] = 0x0b;
                assert_eq!(find(&bytes, from, [b',', b'\n', b'"']), 40);
            }
        }
    }
}
