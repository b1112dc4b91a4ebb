//! A structure as a list of fields with encoded values, which can be edited and written back
//! without interpreting the other fields.

use super::reader::{CompactReader, Taken, WireType};
use std::borrow::Cow;

/// A structure, one level deep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Structure<'a> {
    fields: Vec<Field<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field<'a> {
    id: i64,
    kind: WireType,
    value: Cow<'a, [u8]>,
}

impl<'a> Structure<'a> {
    /// Reads the structure at the start of the bytes. `None` if it is damaged.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Vec::new();
        CompactReader::new(bytes).structure(|reader, head| {
            let start = reader.place();
            reader.skip(head.kind)?;
            let value = Cow::Borrowed(bytes.get(start..reader.place())?);
            fields.push(Field { id: head.id, kind: head.kind, value });
            Some(Taken::Yes)
        })?;
        Some(Self { fields })
    }

    /// The encoded value of a field, if it is present and of this type.
    pub(crate) fn get(&self, id: i64, kind: WireType) -> Option<&[u8]> {
        let field = self.fields.iter().find(|field| field.id == id)?;
        (field.kind == kind).then_some(&*field.value)
    }

    /// The integer in a field.
    pub(crate) fn integer(&self, id: i64) -> Option<i64> {
        let field = self.fields.iter().find(|field| field.id == id)?;
        if field.kind.is_integer() { CompactReader::new(&field.value).integer() } else { None }
    }

    /// The bytes in a field.
    pub(crate) fn binary(&self, id: i64) -> Option<&[u8]> {
        CompactReader::new(self.get(id, WireType::BINARY)?).bytes()
    }

    /// Whether a field is present, whatever its type.
    pub(crate) fn has(&self, id: i64) -> bool {
        self.fields.iter().any(|field| field.id == id)
    }

    /// The number and type of each field.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (i64, WireType)> {
        self.fields.iter().map(|field| (field.id, field.kind))
    }

    /// Removes a field, if present.
    pub(crate) fn remove(&mut self, id: i64) {
        self.fields.retain(|field| field.id != id);
    }

    /// Sets a field to an encoded value.
    pub(crate) fn set(&mut self, id: i64, kind: WireType, value: Vec<u8>) {
        self.remove(id);
        let place = self.fields.partition_point(|field| field.id < id);
        self.fields.insert(place, Field { id, kind, value: Cow::Owned(value) });
    }

    /// Sets a field to an integer.
    pub(crate) fn set_integer(&mut self, id: i64, kind: WireType, value: i64) {
        let mut bytes = Vec::new();
        write_varint(&mut bytes, fold(value));
        self.set(id, kind, bytes);
    }

    /// Sets a field to bytes.
    pub(crate) fn set_binary(&mut self, id: i64, value: &[u8]) {
        let mut bytes = Vec::with_capacity(value.len() + 5);
        write_varint(&mut bytes, value.len() as u64);
        bytes.extend_from_slice(value);
        self.set(id, WireType::BINARY, bytes);
    }

    /// Sets a field to a list of structures.
    pub(crate) fn set_structures(&mut self, id: i64, structures: &[Structure<'_>]) {
        let mut bytes = list_head(WireType::STRUCT, structures.len());
        structures.iter().for_each(|structure| structure.write(&mut bytes));
        self.set(id, WireType::LIST, bytes);
    }

    /// Sets a field to a list of 32-bit integers.
    pub(crate) fn set_integers(&mut self, id: i64, integers: &[i64]) {
        let mut bytes = list_head(WireType::I32, integers.len());
        integers.iter().for_each(|integer| write_varint(&mut bytes, fold(*integer)));
        self.set(id, WireType::LIST, bytes);
    }

    /// Appends the encoded structure to `bytes`.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let mut last = 0;
        for field in &self.fields {
            match field.id - last {
                step @ 1..=15 => bytes.push((step as u8) << 4 | field.kind.0),
                _ => {
                    bytes.push(field.kind.0);
                    write_varint(bytes, fold(field.id));
                }
            }
            bytes.extend_from_slice(&field.value);
            last = field.id;
        }
        bytes.push(0);
    }

    /// The encoded structure.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }
}

/// The structures of an encoded list. `None` if it is damaged or holds another type.
pub(crate) fn structure_list(value: &[u8]) -> Option<Vec<Structure<'_>>> {
    let mut reader = CompactReader::new(value);
    let (kind, count) = reader.list_head()?;
    if count == 0 {
        return Some(Vec::new());
    }
    if kind != WireType::STRUCT {
        return None;
    }
    let mut structures = Vec::new();
    for _ in 0..count {
        let start = reader.place();
        reader.skip(kind)?;
        structures.push(Structure::read(value.get(start..reader.place())?)?);
    }
    Some(structures)
}

/// The integers of an encoded list, of any width. `None` if it is damaged or holds another type.
pub(crate) fn integer_list(value: &[u8]) -> Option<Vec<i64>> {
    let mut reader = CompactReader::new(value);
    let (kind, count) = reader.list_head()?;
    if count == 0 {
        return Some(Vec::new());
    }
    if !kind.is_integer() {
        return None;
    }
    (0..count).map(|_| reader.integer()).collect()
}

/// The head of a list, which is followed by its elements.
pub(crate) fn list_head(kind: WireType, count: usize) -> Vec<u8> {
    if count < 15 {
        return vec![(count as u8) << 4 | kind.0];
    }
    let mut bytes = vec![0xf0 | kind.0];
    write_varint(&mut bytes, count as u64);
    bytes
}

/// Zigzag encoding: the sign is the lowest bit.
fn fold(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// Writes seven bits per byte, the lowest first.
pub(crate) fn write_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while 0x7f < value {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_is_written_as_it_was_read() {
        // i32 at 1, binary at 4, a list of two i32 at 5, a structure at 40.
        let bytes =
            [0x15, 0x81, 0x01, 0x38, 2, b'a', b'b', 0x19, 0x25, 2, 4, 0x0c, 80, 0x15, 2, 0, 0];
        let structure = Structure::read(&bytes).unwrap();
        assert_eq!(structure.to_bytes(), bytes);
        assert_eq!(structure.integer(1), Some(-65));
        assert_eq!(structure.binary(4), Some(&b"ab"[..]));
        assert_eq!(structure.get(5, WireType::LIST).and_then(integer_list), Some(vec![1, 2]));
        assert!(structure.has(40) && !structure.has(2));
    }

    #[test]
    fn fields_are_set_in_order_of_their_numbers() {
        let mut structure = Structure::read(&[0x15, 2, 0x68, 1, b'x', 0]).unwrap();
        structure.set_integer(3, WireType::I32, i64::MIN);
        structure.set_integers(5, &[7; 20]);
        structure.set_binary(1, b"yz");
        let bytes = structure.to_bytes();
        let again = Structure::read(&bytes).unwrap();
        assert_eq!(again.ids().map(|(id, _)| id).collect::<Vec<_>>(), [1, 3, 5, 7]);
        assert_eq!(again.integer(3), Some(i64::MIN));
        assert_eq!(again.get(5, WireType::LIST).and_then(integer_list), Some(vec![7; 20]));
        assert_eq!(again.binary(1), Some(&b"yz"[..]));
    }

    #[test]
    fn damaged_structures_are_none() {
        assert_eq!(Structure::read(&[0x15]), None);
        assert_eq!(Structure::read(&[0x18, 5, b'a', 0]), None);
        assert_eq!(structure_list(&[0x25, 1, 2]), None);
        assert_eq!(integer_list(&[0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
    }
}
