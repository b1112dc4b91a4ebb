//! Odd fields in the flatbuffers of Arrow streams and files. Nothing of Arrow's schemas is known
//! here: tables, their fields and vectors are found by their shape, and all lengths are kept, so
//! that the messages around a changed field stay where they are.

use super::{Random, plain};

/// Tables are nested by the types of columns; deeper ones are left alone.
const MOST_DEPTH: usize = 16;

/// Damaged offsets can make a table the child of many; what is found by then is enough.
const MOST_SITES: usize = 20_000;

/// A place that can be changed, and the number of its bytes.
#[derive(Debug, Clone, Copy)]
struct Site {
    place: usize,
    width: usize,
}

/// Changes one to three fields, entries of vtables, lengths of vectors or their elements.
/// Bytes without messages are damaged like any others.
pub(super) fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut sites = Vec::new();
    let roots = roots(bytes);
    if roots.is_empty() {
        return plain::havoc(bytes, random);
    }
    let root = random.one_of(&roots);
    if let Some(place) = word(bytes, root).map(|offset| root + offset as usize) {
        table(bytes, place, 0, &mut sites);
    }
    if sites.is_empty() {
        return plain::havoc(bytes, random);
    }
    for _ in 0..=random.below(3) {
        let site = random.one_of(&sites);
        let other = random.one_of(&sites);
        let value = match random.below(3) {
            0 => random.below(32) as u64,
            1 => random.extreme().cast_unsigned(),
            // The value of another field.
            _ => number(bytes, other),
        };
        let little = value.to_le_bytes();
        bytes[site.place..site.place + site.width].copy_from_slice(&little[..site.width]);
    }
}

/// Where the flatbuffers begin: after a continuation marker and a length, and before the end of a
/// file.
fn roots(bytes: &[u8]) -> Vec<usize> {
    let mut found: Vec<usize> = (0..bytes.len().saturating_sub(12))
        .step_by(4)
        .filter(|place| bytes[*place..].starts_with(&[0xff; 4]))
        .filter(|place| word(bytes, place + 4).is_some_and(|length| length > 0))
        .map(|place| place + 8)
        .collect();
    let footer = bytes.strip_suffix(b"ARROW1").and_then(|rest| {
        let (rest, length) = rest.split_last_chunk()?;
        rest.len().checked_sub(u32::from_le_bytes(*length) as usize)
    });
    found.extend(footer);
    found
}

/// Collects the fields of the table at `place`, if one is there, and of those below it.
fn table(bytes: &[u8], place: usize, depth: usize, sites: &mut Vec<Site>) -> bool {
    let Some((entries, vtable)) = vtable(bytes, place) else { return false };
    if depth > MOST_DEPTH || sites.len() > MOST_SITES {
        return true;
    }
    for entry in 0..entries {
        let at = vtable + 4 + 2 * entry;
        let offset = usize::from(half(bytes, at));
        sites.push(Site { place: at, width: 2 });
        let field = place + offset;
        if offset == 0 || field + 8 > bytes.len() {
            continue;
        }
        sites.extend([1, 2, 4, 8].map(|width| Site { place: field, width }));
        let Some(target) = word(bytes, field).map(|distance| field + distance as usize) else {
            continue;
        };
        if !table(bytes, target, depth + 1, sites) {
            vector(bytes, target, depth + 1, sites);
        }
    }
    true
}

/// The number of entries of the vtable of a table at `place`, and where it is.
fn vtable(bytes: &[u8], place: usize) -> Option<(usize, usize)> {
    let distance = word(bytes, place)?.cast_signed();
    let vtable = usize::try_from(i64::try_from(place).ok()? - i64::from(distance)).ok()?;
    let length = usize::from(half(bytes, vtable));
    let fits = vtable.checked_add(length)? <= bytes.len() && vtable % 2 == 0;
    (fits && length >= 4 && length % 2 == 0 && length < 64).then(|| ((length - 4) / 2, vtable))
}

/// Collects the length and the elements of the vector at `place`: offsets of tables, or numbers.
fn vector(bytes: &[u8], place: usize, depth: usize, sites: &mut Vec<Site>) {
    let Some(length) = word(bytes, place).map(|length| length as usize) else { return };
    if length == 0 || length > (bytes.len() - place) / 4 {
        return;
    }
    sites.push(Site { place, width: 4 });
    for element in (place + 4..).step_by(4).take(length) {
        let target = word(bytes, element).map(|distance| element + distance as usize);
        if !target.is_some_and(|target| table(bytes, target, depth, sites)) {
            // Field nodes and buffers: structures of eight-byte numbers.
            let places = (element..bytes.len().saturating_sub(8)).step_by(8).take(2 * length);
            sites.extend(places.map(|place| Site { place, width: 8 }));
            return;
        }
    }
}

fn number(bytes: &[u8], site: Site) -> u64 {
    let mut little = [0; 8];
    little[..site.width].copy_from_slice(&bytes[site.place..site.place + site.width]);
    u64::from_le_bytes(little)
}

fn word(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// 0 outside of `bytes`.
fn half(bytes: &[u8], place: usize) -> u16 {
    let found = bytes.get(place..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |bytes| u16::from_le_bytes(*bytes))
}
