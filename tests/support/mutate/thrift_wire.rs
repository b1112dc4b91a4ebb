//! Thrift's compact protocol on the wire. Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.

use super::thrift::{Field, Value};

pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
pub(super) const I8: u8 = 3;
pub(super) const I16: u8 = 4;
pub(super) const I32: u8 = 5;
pub(super) const I64: u8 = 6;
pub(super) const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
pub(super) const STRUCT: u8 = 12;

/// Deeper structures are not read; those of Parquet have four levels.
const MOST_DEPTH: usize = 12;

/// The structure at the head of `bytes`, and the number of its bytes.
pub(super) fn read(bytes: &[u8]) -> Option<(Value, usize)> {
    let mut rest = bytes;
    let structure = read_value(&mut rest, STRUCT, 0)?;
    Some((structure, bytes.len() - rest.len()))
}

pub(super) fn write(structure: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_value(structure, &mut bytes);
    bytes
}

fn read_value(rest: &mut &[u8], kind: u8, depth: usize) -> Option<Value> {
    if depth > MOST_DEPTH {
        return None;
    }
    Some(match kind {
        I8 => Value::Byte(byte(rest)?),
        I16 | I32 | I64 => {
            let folded = varint(rest)?;
            Value::Integer(kind, (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
        }
        DOUBLE => Value::Double(take(rest, 8)?.try_into().ok()?),
        BINARY => {
            let length = varint(rest)?.try_into().ok()?;
            Value::Binary(take(rest, length)?.to_vec(), None)
        }
        LIST | SET => {
            let head = byte(rest)?;
            let count = if head >> 4 == 15 { varint(rest)? } else { u64::from(head >> 4) };
            let element = head & 0x0f;
            let elements = (0..count).map(|_| match element {
                TRUE | FALSE => byte(rest).map(|byte| Value::Boolean(byte == 1)),
                _ => read_value(rest, element, depth + 1),
            });
            Value::List(kind, element, elements.collect::<Option<_>>()?, None)
        }
        STRUCT => {
            let (mut fields, mut id) = (Vec::new(), 0);
            loop {
                let head = byte(rest)?;
                let kind = head & 0x0f;
                if kind == 0 {
                    break Value::Structure(fields);
                }
                id = match head >> 4 {
                    0 => {
                        let folded = varint(rest)?;
                        (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()
                    }
                    step => id + i64::from(step),
                };
                let value = match kind {
                    TRUE | FALSE => Value::Boolean(kind == TRUE),
                    _ => read_value(rest, kind, depth + 1)?,
                };
                fields.push(Field { id, value, long_id: false });
            }
        }
        _ => return None,
    })
}

fn write_value(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Boolean(_) => {}
        Value::Byte(value) => bytes.push(*value),
        Value::Integer(_, value) => write_varint(fold(*value), bytes),
        Value::Double(value) => bytes.extend(value),
        Value::Binary(value, claimed) => {
            write_varint(claimed.unwrap_or(value.len() as u64), bytes);
            bytes.extend(value);
        }
        Value::List(_, element, elements, claimed) => {
            let count = claimed.unwrap_or(elements.len() as u64);
            match u8::try_from(count) {
                Ok(count @ 0..15) => bytes.push(count << 4 | element),
                _ => {
                    bytes.push(0xf0 | element);
                    write_varint(count, bytes);
                }
            }
            for value in elements {
                match value {
                    Value::Boolean(value) => bytes.push(if *value { TRUE } else { FALSE }),
                    _ => write_value(value, bytes),
                }
            }
        }
        Value::Structure(fields) => {
            let mut before = 0;
            for field in fields {
                match field.id - before {
                    step @ 1..=15 if !field.long_id => {
                        bytes.push((step as u8) << 4 | field.value.kind())
                    }
                    _ => {
                        bytes.push(field.value.kind());
                        write_varint(fold(field.id), bytes);
                    }
                }
                before = field.id;
                write_value(&field.value, bytes);
            }
            bytes.push(0);
        }
    }
}

fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn write_varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = byte(rest)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    take(rest, 1).map(|bytes| bytes[0])
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}
