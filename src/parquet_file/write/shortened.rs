//! The size of a shortened min and max, the next text after one, and the order of those of pages.

use parquet::basic::BoundaryOrder;

/// The largest stored min or max in bytes: the crate's default.
pub(crate) const STORED_BYTES: usize = 64;

/// The order of pages by their stored min and max. If multi-byte characters are cut off, it may
/// differ from the order of the values.
pub(crate) fn boundary_order(stored: &[(Vec<u8>, Vec<u8>)]) -> BoundaryOrder {
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

/// The text with its last character incremented, after removing characters whose successor has
/// another length.
pub(crate) fn next_text(text: &str) -> Option<Vec<u8>> {
    text.char_indices().rev().find_map(|(place, character)| {
        let next = char::from_u32(u32::from(character) + 1)?;
        let same = next.len_utf8() == character.len_utf8();
        same.then(|| [&text[..place], next.encode_utf8(&mut [0; 4])].concat().into_bytes())
    })
}
