//! A hint as bytes, in little-endian order:
//!
//! | bytes | content |
//! |---|---|
//! | 4 | checksum of the version of these tools: another version may read an expression otherwise |
//! | 8 | fingerprint of the schema to which the hint refers |
//! | 1 | what follows: 1 columns, 2 a limit, 4 a predicate; 8 runs, 16 dictionaries, too |
//! | 2 + 4 each | the number of columns, and their positions |
//! | 8 | the limit |
//! | the rest | the predicate |

use super::{Encodings, Hint};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

const HAS_COLUMNS: u8 = 1;
const HAS_LIMIT: u8 = 2;
const HAS_PREDICATE: u8 = 4;
const RUNS: u8 = 8;
const DICTIONARIES: u8 = 16;
const NUMBERS: u8 = 32;

/// Tells schemas apart, given as the metadata of their messages.
pub(crate) fn fingerprint(metadata: &[u8]) -> u64 {
    FixedState::default().hash_one(metadata)
}

/// Tells messages apart.
pub(crate) fn identity(message: &[u8]) -> u64 {
    FixedState::default().hash_one(message)
}

fn version() -> u32 {
    crc32fast::hash(concat!("1 ", env!("CARGO_PKG_VERSION")).as_bytes())
}

impl Hint {
    /// The message for a writer, if it fits into `most` bytes; a predicate that does not fit is
    /// left out, then a list of columns.
    pub(crate) fn to_bytes(&self, schema: u64, most: usize) -> Vec<u8> {
        let whole = self.all_bytes(schema);
        if whole.len() <= most {
            return whole;
        }
        let without = Self { predicate: None, ..self.clone() };
        let bytes = without.all_bytes(schema);
        if bytes.len() <= most {
            return bytes;
        }
        Self { columns: None, ..without }.all_bytes(schema)
    }

    fn all_bytes(&self, schema: u64) -> Vec<u8> {
        let mut bytes = version().to_le_bytes().to_vec();
        bytes.extend_from_slice(&schema.to_le_bytes());
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let columns =
            self.columns.as_ref().filter(|columns| columns.len() <= usize::from(u16::MAX));
        bytes.push(
            flag(columns.is_some(), HAS_COLUMNS)
                | flag(self.limit.is_some(), HAS_LIMIT)
                | flag(self.predicate.is_some(), HAS_PREDICATE)
                | flag(self.encodings != Encodings::None, RUNS)
                | flag(matches!(self.encodings, Encodings::Texts | Encodings::All), DICTIONARIES)
                | flag(self.encodings == Encodings::All, NUMBERS),
        );
        if let Some(columns) = columns {
            bytes.extend_from_slice(&(columns.len() as u16).to_le_bytes());
            bytes.extend(columns.iter().flat_map(|column| (*column as u32).to_le_bytes()));
        }
        bytes.extend(self.limit.iter().flat_map(|limit| limit.to_le_bytes()));
        bytes.extend_from_slice(self.predicate.as_deref().unwrap_or_default().as_bytes());
        bytes
    }

    /// Reads a message that refers to a schema with `columns` columns; `None` if it is of another
    /// version, refers to another schema, or is damaged.
    pub(crate) fn from_bytes(bytes: &[u8], schema: u64, columns: usize) -> Option<Self> {
        let mut rest = bytes;
        if number::<4>(&mut rest)? != u64::from(version()) || number::<8>(&mut rest)? != schema {
            return None;
        }
        Self::from_content(rest, columns)
    }

    /// Reads what follows the version and the fingerprint of a schema with `columns` columns;
    /// `None` if it is damaged.
    pub fn from_content(bytes: &[u8], columns: usize) -> Option<Self> {
        let mut rest = bytes;
        let flags = number::<1>(&mut rest)? as u8;
        let encodings = match [RUNS, DICTIONARIES, NUMBERS].map(|flag| flags & flag != 0) {
            [false, false, false] => Encodings::None,
            [true, false, false] => Encodings::Runs,
            [true, true, false] => Encodings::Texts,
            [true, true, true] => Encodings::All,
            _ => return None,
        };
        let mut hint = Self { encodings, ..Self::default() };
        if flags & HAS_COLUMNS != 0 {
            let count = number::<2>(&mut rest)?;
            let places = (0..count).map(|_| Some(number::<4>(&mut rest)? as usize));
            let places: Vec<usize> = places.collect::<Option<_>>()?;
            let is_ascending = places.windows(2).all(|pair| pair[0] < pair[1]);
            if !is_ascending || places.last().is_some_and(|last| columns <= *last) {
                return None;
            }
            hint.columns = Some(places);
        }
        if flags & HAS_LIMIT != 0 {
            hint.limit = Some(number::<8>(&mut rest)?);
        }
        if flags & HAS_PREDICATE != 0 {
            hint.predicate = Some(std::str::from_utf8(rest).ok()?.to_owned());
            rest = &[];
        }
        rest.is_empty().then_some(hint)
    }
}

fn number<const BYTES: usize>(rest: &mut &[u8]) -> Option<u64> {
    let (first, others) = rest.split_first_chunk::<BYTES>()?;
    *rest = others;
    Some(first.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints() -> Vec<Hint> {
        let columns = [None, Some(vec![]), Some(vec![0, 3, 299])];
        let predicates = [None, Some("city = 'Oslø'".to_owned())];
        let mut hints = Vec::new();
        for columns in columns {
            for predicate in predicates.clone() {
                for limit in [None, Some(u64::MAX)] {
                    let (columns, predicate) = (columns.clone(), predicate.clone());
                    let kinds =
                        [Encodings::None, Encodings::Runs, Encodings::Texts, Encodings::All];
                    let encodings = kinds[hints.len() % 4];
                    hints.push(Hint { columns, predicate, limit, encodings });
                }
            }
        }
        hints
    }

    #[test]
    fn a_hint_survives_and_refers_to_one_schema() {
        for hint in hints() {
            let bytes = hint.to_bytes(7, 4096);
            assert_eq!(Hint::from_bytes(&bytes, 7, 300), Some(hint.clone()));
            assert_eq!(Hint::from_bytes(&bytes, 8, 300), None);
        }
        let outside = Hint { columns: Some(vec![2]), ..Hint::default() }.to_bytes(7, 4096);
        assert_eq!(Hint::from_bytes(&outside, 7, 2), None);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let hint = Hint {
            columns: Some((0..40).collect()),
            predicate: Some("x".repeat(100)),
            limit: Some(5),
            encodings: Encodings::All,
        };
        let read = |most| Hint::from_bytes(&hint.to_bytes(7, most), 7, 300).unwrap();
        assert_eq!(read(4096), hint);
        assert_eq!(read(200), Hint { predicate: None, ..hint.clone() });
        assert_eq!(read(100), Hint { predicate: None, columns: None, ..hint });
    }

    #[test]
    fn damaged_bytes_are_no_other_hint_than_the_bytes_say() {
        for hint in hints() {
            let whole = hint.to_bytes(7, 4096);
            for length in 0..whole.len() {
                let read = Hint::from_bytes(&whole[..length], 7, 300);
                // A shorter predicate is told apart by the checksum of the message.
                assert!(read.is_none_or(|read| read.predicate.is_some()), "{length}: {hint:?}");
            }
            for place in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[place] ^= 0x80;
                let read = Hint::from_bytes(&damaged, 7, 300);
                let is_sound = |read: &Hint| {
                    let columns = read.columns.iter().flatten();
                    columns.is_sorted() && read.columns.iter().flatten().all(|column| *column < 300)
                };
                assert!(read.as_ref().is_none_or(is_sound), "{read:?}");
            }
        }
    }
}
