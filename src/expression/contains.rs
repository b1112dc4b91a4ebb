//! Which texts of a column contain another: all of them searched as one.
//!
//! Text lies in an array end to end, so that one search goes over it at the speed of memory, and only
//! where it finds something is it asked whose text that is. Text by text the search of 20 million names
//! of 4 to 20 letters took 2.7 s, nearly all of it to begin.

use arrow::array::{Array, AsArray, GenericStringArray, OffsetSizeTrait};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use memchr::memmem::Finder;

/// For each text whether it contains `wanted`, which is not empty; null ones have any answer. None
/// where the array's text does not lie end to end.
pub(super) fn contains(array: &dyn Array, wanted: &str) -> Option<BooleanBuffer> {
    match array.data_type() {
        DataType::Utf8 => Some(search(array.as_string::<i32>(), wanted)),
        DataType::LargeUtf8 => Some(search(array.as_string::<i64>(), wanted)),
        _ => None,
    }
}

fn search<O: OffsetSizeTrait>(array: &GenericStringArray<O>, wanted: &str) -> BooleanBuffer {
    let (bytes, offsets) = (array.value_data(), array.value_offsets());
    let mut ends = offsets.iter().skip(1).map(|end| end.as_usize());
    let (mut place, last) = match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (first.as_usize(), last.as_usize()),
        _ => (0, 0),
    };
    let finder = Finder::new(wanted);
    let mut found = vec![false; array.len()];
    let (mut row, mut end) = (0, ends.next().unwrap_or(last));
    while let Some(start) = finder.find(&bytes[place..last]).map(|start| place + start) {
        while end <= start {
            (row, end) = (row + 1, ends.next().unwrap_or(usize::MAX));
        }
        // What begins in one text and ends in the next is in neither.
        found[row] |= start + wanted.len() <= end;
        place = if found[row] { end } else { start + 1 };
    }
    BooleanBuffer::from(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringArray;

    #[test]
    fn each_text_is_searched_for_itself() {
        let texts = [
            Some("ab"),
            Some(""),
            None,
            Some("a"),
            Some("b"),
            Some("xxabab"),
            Some("aab"),
            Some("aa"),
            Some("ba"),
            Some("éab"),
            Some("abé"),
            Some(""),
        ];
        let array = StringArray::from(texts.to_vec());
        for offset in 0..texts.len() {
            for length in 0..=texts.len() - offset {
                let slice = array.slice(offset, length);
                for wanted in ["a", "ab", "aab", "ba", "é", "b"] {
                    let found: Vec<bool> = contains(&slice, wanted).unwrap().iter().collect();
                    let expected: Vec<bool> = texts[offset..offset + length]
                        .iter()
                        .map(|text| text.is_some_and(|text| text.contains(wanted)))
                        .collect();
                    assert_eq!(found, expected, "{wanted} {offset} {length}");
                }
            }
        }
    }
}
