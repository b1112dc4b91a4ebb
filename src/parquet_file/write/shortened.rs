//! Bounds of text and bytes that are stored shortened.

use parquet::basic::BoundaryOrder;

/// How many bytes of a bound are stored at most: the crate's default.
pub(super) const STORED_BYTES: usize = 64;

/// The order of pages by the bounds that are stored for them: where characters of several bytes are
/// cut, it may be another than that of the values.
pub(super) fn boundary_order(stored: &[(Vec<u8>, Vec<u8>)]) -> BoundaryOrder {
    let all = |is_in_order: fn(&[u8], &[u8]) -> bool| {
        stored
            .windows(2)
            .all(|pair| is_in_order(&pair[0].0, &pair[1].0) && is_in_order(&pair[0].1, &pair[1].1))
    };
    if all(|before, after| before <= after) {
        BoundaryOrder::ASCENDING
    } else if all(|before, after| before >= after) {
        BoundaryOrder::DESCENDING
    } else {
        BoundaryOrder::UNORDERED
    }
}

/// The text with its last character one higher, without those that have none of the same length.
pub(super) fn next_text(text: &str) -> Option<Vec<u8>> {
    text.char_indices().rev().find_map(|(place, character)| {
        let next = char::from_u32(u32::from(character) + 1)?;
        let same = next.len_utf8() == character.len_utf8();
        same.then(|| [&text[..place], next.encode_utf8(&mut [0; 4])].concat().into_bytes())
    })
}

/// The bytes as a number, one higher.
pub(super) fn next_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let last = bytes.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut next = bytes.to_vec();
    next[last] += 1;
    next[last + 1..].fill(0);
    Some(next)
}
