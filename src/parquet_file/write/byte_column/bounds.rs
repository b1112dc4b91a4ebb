//! The min and max of byte strings.

use super::super::bounds::{next_text, whole_characters};
use super::values::Slot;

/// The min and max of values, and as numbers their first bytes: most values are between both, and
/// are not compared byte by byte.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    found: Option<(Vec<u8>, Vec<u8>)>,
}

/// A min and a max as they are stored, and whether each is a value of the column.
pub(super) struct Stored {
    pub(super) min: (Vec<u8>, bool),
    pub(super) max: (Vec<u8>, bool),
}

impl Bounds {
    /// The min and max; none without values.
    pub(super) fn get(&self) -> Option<(&[u8], &[u8])> {
        self.found.as_ref().map(|(min, max)| (&min[..], &max[..]))
    }

    /// Adds the min and max of other values.
    pub(super) fn add(&mut self, (min, max): (&[u8], &[u8])) {
        let Some((least, most)) = &mut self.found else {
            self.found = Some((min.to_vec(), max.to_vec()));
            return;
        };
        if min < &least[..] {
            least.clear();
            least.extend_from_slice(min);
        }
        if &most[..] < max {
            most.clear();
            most.extend_from_slice(max);
        }
    }

    pub(super) fn clear(&mut self) {
        self.found = None;
    }
}

/// The min and max of values.
pub(super) fn bounds_of<'a>(
    mut values: impl Iterator<Item = Slot<'a>>,
) -> Option<(&'a [u8], &'a [u8])> {
    let first = values.next()?;
    let (mut min, mut max) = (first, first);
    let (mut low, mut high) = (first.prefix(), first.prefix());
    for value in values {
        let prefix = value.prefix();
        if low < prefix && prefix < high {
            continue;
        }
        if prefix <= low && value.value() < min.value() {
            (min, low) = (value, prefix);
        }
        if high <= prefix && max.value() < value.value() {
            (max, high) = (value, prefix);
        }
    }
    Some((min.value(), max.value()))
}

/// Shortens a min and max to at most `most` bytes, if that is possible.
pub(super) fn shortened((min, max): (&[u8], &[u8]), most: Option<usize>, is_text: bool) -> Stored {
    let most = most.unwrap_or(usize::MAX);
    let cut =
        |bound: &[u8]| bound.get(..most).filter(|cut| cut.len() < bound.len()).map(<[u8]>::to_vec);
    let text = |cut: &[u8]| whole_characters(cut).as_bytes().to_vec();
    let min_cut = cut(min).map(|cut| if is_text { text(&cut) } else { cut });
    let max_cut = cut(max)
        .and_then(|cut| if is_text { next_text(whole_characters(&cut)) } else { next_bytes(cut) });
    let stored = |cut: Option<Vec<u8>>, bound: &[u8]| {
        let is_exact = cut.is_none();
        (cut.unwrap_or_else(|| bound.to_vec()), is_exact)
    };
    Stored { min: stored(min_cut, min), max: stored(max_cut, max) }
}

/// The first byte string of this length that is greater.
fn next_bytes(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return Some(bytes);
        }
    }
    None
}
