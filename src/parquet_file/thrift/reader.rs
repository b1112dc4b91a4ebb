//! Reads structures field by field: page headers, bloom filter headers, the counts in a footer.
//!
//! Every length is checked against the bytes that remain; nothing is allocated.

/// The wire type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireType(pub(super) u8);

impl WireType {
    pub(crate) const TRUE: Self = Self(1);
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const I8: Self = Self(3);
    pub(crate) const I16: Self = Self(4);
    pub(crate) const I32: Self = Self(5);
    pub(crate) const I64: Self = Self(6);
    const DOUBLE: Self = Self(7);
    pub(crate) const BINARY: Self = Self(8);
    pub(crate) const LIST: Self = Self(9);
    const SET: Self = Self(10);
    const MAP: Self = Self(11);
    pub(crate) const STRUCT: Self = Self(12);

    /// Whether this is an integer of 16, 32 or 64 bits: all three are encoded the same way.
    pub(crate) fn is_integer(self) -> bool {
        (4..=6).contains(&self.0)
    }
}

/// The deepest nesting that is read; Parquet's own structures have four levels.
const MOST_DEPTH: usize = 16;

/// A reader of bytes in the compact protocol. Its methods return `None` if the bytes are damaged or
/// end early.
#[derive(Debug, Clone)]
pub(crate) struct CompactReader<'a> {
    bytes: &'a [u8],
    place: usize,
    depth: usize,
    skipped_booleans: bool,
}

/// A field of a structure: its number and its type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldHead {
    pub(crate) id: i64,
    pub(crate) kind: WireType,
}

impl FieldHead {
    /// The value of a boolean, which a structure keeps in the type of the field.
    pub(crate) fn boolean(self) -> Option<bool> {
        matches!(self.kind, WireType::TRUE | WireType::FALSE).then_some(self.kind == WireType::TRUE)
    }
}

impl<'a> CompactReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0, depth: 0, skipped_booleans: false }
    }

    /// The number of bytes read so far.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// Whether a list of booleans was skipped. The `parquet` crate takes its elements for the fields
    /// that follow, and loops as often as the list claims to have elements.
    pub(crate) fn has_skipped_booleans(&self) -> bool {
        self.skipped_booleans
    }

    /// Reads a structure. `take` is given each field's head, and returns whether it read the value.
    pub(crate) fn structure(
        &mut self,
        mut take: impl FnMut(&mut Self, FieldHead) -> Option<Taken>,
    ) -> Option<()> {
        let mut id = 0;
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        loop {
            let head = self.byte()?;
            let kind = WireType(head & 0x0f);
            if kind.0 == 0 {
                self.depth -= 1;
                return Some(());
            }
            // Field numbers increase by up to 15, or are written in full.
            id = match head >> 4 {
                0 => self.integer()?,
                step => id + i64::from(step),
            };
            let head = FieldHead { id, kind };
            if let Taken::No = take(self, head)? {
                self.skip(kind)?;
            }
        }
    }

    /// Reads a structure of which only the field `id` matters, with `take`.
    pub(crate) fn field(
        &mut self,
        id: i64,
        mut take: impl FnMut(&mut Self, FieldHead) -> Option<()>,
    ) -> Option<()> {
        self.structure(|reader, head| {
            if head.id != id {
                return Some(Taken::No);
            }
            take(reader, head).map(|()| Taken::Yes)
        })
    }

    /// An integer of 16, 32 or 64 bits.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let folded = self.unsigned()?;
        Some((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    /// A length or count, which must not be negative.
    pub(crate) fn count(&mut self) -> Option<u64> {
        self.integer()?.try_into().ok()
    }

    pub(crate) fn binary(&mut self, head: FieldHead) -> Option<&'a [u8]> {
        if head.kind == WireType::BINARY { self.bytes() } else { None }
    }

    /// The bytes of a binary, which are preceded by their length.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let end = self.place.checked_add(length)?;
        let binary = self.bytes.get(self.place..end)?;
        self.place = end;
        Some(binary)
    }

    /// Reads a list of structures, each with `take`, and returns their number.
    pub(crate) fn structures(
        &mut self,
        head: FieldHead,
        mut take: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<u64> {
        if head.kind != WireType::LIST {
            return None;
        }
        let (kind, count) = self.list_head()?;
        if kind != WireType::STRUCT && count > 0 {
            return None;
        }
        (0..count).try_for_each(|_| take(self))?;
        Some(count)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.place)?;
        self.place += 1;
        Some(byte)
    }

    /// The length of a binary or a map, which is not zigzag-encoded.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Skips the value of a field of this type.
    pub(crate) fn skip(&mut self, kind: WireType) -> Option<()> {
        match kind {
            WireType::TRUE | WireType::FALSE => Some(()),
            WireType::I8 => self.byte().map(drop),
            WireType::I16 | WireType::I32 | WireType::I64 => self.unsigned().map(drop),
            WireType::DOUBLE => (0..8).try_for_each(|_| self.byte().map(drop)),
            WireType::BINARY => self.bytes().map(drop),
            WireType::LIST | WireType::SET => self.skip_list(),
            WireType::MAP => self.skip_map(),
            WireType::STRUCT => self.structure(|_, _| Some(Taken::No)),
            _ => None,
        }
    }

    fn skip_list(&mut self) -> Option<()> {
        let (kind, count) = self.list_head()?;
        // Each element takes at least one byte, so a false count ends when the bytes do.
        (0..count).try_for_each(|_| self.skip_element(kind))
    }

    /// The type of a list's elements, and their number.
    pub(crate) fn list_head(&mut self) -> Option<(WireType, u64)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        Some((WireType(head & 0x0f), count))
    }

    fn skip_map(&mut self) -> Option<()> {
        let count = self.unsigned()?;
        if count == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        (0..count).try_for_each(|_| {
            self.skip_element(WireType(kinds >> 4))?;
            self.skip_element(WireType(kinds & 0x0f))
        })
    }

    /// Skips an element of a list. A boolean takes a byte in a list; in a structure, the type of
    /// the field is its value.
    pub(crate) fn skip_element(&mut self, kind: WireType) -> Option<()> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        match kind {
            WireType::TRUE | WireType::FALSE => {
                self.skipped_booleans = true;
                self.byte().map(drop)?;
            }
            _ => self.skip(kind)?,
        }
        self.depth -= 1;
        Some(())
    }
}

/// Whether the bytes begin with a structure that the `parquet` crate reads in bounded time and
/// memory: its lengths and counts are those of the bytes, and it has no list of booleans, except in
/// the field `booleans`, which the crate knows.
pub(crate) fn is_bounded(bytes: &[u8], booleans: Option<i64>) -> bool {
    let mut reader = CompactReader::new(bytes);
    let structure = reader.structure(|reader, head| {
        if booleans != Some(head.id) {
            return Some(Taken::No);
        }
        let skipped = reader.skipped_booleans;
        reader.skip(head.kind)?;
        reader.skipped_booleans = skipped;
        Some(Taken::Yes)
    });
    structure.is_some() && !reader.skipped_booleans
}

/// Whether a field's value was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of all fields.
    fn ids(bytes: &[u8]) -> Option<Vec<i64>> {
        let mut ids = Vec::new();
        let mut reader = CompactReader::new(bytes);
        reader.structure(|_, head| {
            ids.push(head.id);
            Some(Taken::No)
        })?;
        (reader.place() == bytes.len()).then_some(ids)
    }

    #[test]
    fn every_type_of_field_is_skipped() {
        // i32, true, binary "ab", double, list of two booleans, empty map, map of one, a structure,
        // a field numbered 100, a byte.
        let bytes = [
            &[0x15, 0x80, 0x01][..],
            &[0x11],
            &[0x18, 2, b'a', b'b'],
            &[0x17, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x19, 0x21, 1, 2],
            &[0x1b, 0],
            &[0x1b, 1, 0x58, 2, 1, b'x'],
            &[0x1c, 0x15, 2, 0],
            &[0x05, 0xc8, 0x01, 2],
            &[0x13, 7],
            &[0],
        ]
        .concat();
        assert_eq!(ids(&bytes), Some(vec![1, 2, 3, 4, 5, 6, 7, 8, 100, 101]));
        for length in 0..bytes.len() {
            assert_eq!(ids(&bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn false_counts_and_depths_end() {
        assert_eq!(ids(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
        assert_eq!(ids(&[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), None);
        assert_eq!(ids(&[0x1c; 100_000]), None);
        assert_eq!(ids(&[0x19; 100_000]), None);
    }

    #[test]
    fn lists_of_booleans_are_bounded_only_where_they_are_known() {
        // Field 1, a list of two booleans; field 2, an integer.
        let bytes = [0x19, 0x21, 1, 2, 0x15, 2, 0];
        assert!(is_bounded(&bytes, Some(1)));
        assert!(!is_bounded(&bytes, None) && !is_bounded(&bytes, Some(2)));
        // 2^31 - 1 of them.
        assert!(!is_bounded(&[0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 7, 1, 2, 0], Some(1)));
        assert!(is_bounded(&[0x11, 0x19, 0x01, 0], None));
    }

    #[test]
    fn integers_fold_their_sign() {
        let read = |bytes: &[u8]| CompactReader::new(bytes).integer();
        assert_eq!((read(&[0]), read(&[1]), read(&[2])), (Some(0), Some(-1), Some(1)));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some(i64::from(i32::MIN)));
        assert_eq!(read(&[0xff; 11]), None);
    }
}
