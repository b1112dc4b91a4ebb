//! The bytes of values that are hashed.

use arrow::datatypes::i256;
use twox_hash::XxHash3_64;

pub(crate) fn whole(value: i128, bytes: &mut Vec<u8>) {
    bytes.extend(value.to_le_bytes());
}

pub(crate) fn integer(value: i128, bytes: &mut Vec<u8>) {
    bytes.push(Tag::Integer as u8);
    whole(value, bytes);
}

/// The hash of the bytes of [`integer`], without a buffer to append them to.
pub(crate) fn integer_hash(value: i128) -> u64 {
    let mut bytes = [Tag::Integer as u8; 17];
    bytes[1..].copy_from_slice(&value.to_le_bytes());
    XxHash3_64::oneshot(&bytes)
}

/// Without trailing zeros, so that 1.50 and 1.5 are one value, and 2.0 equals the integer.
pub(crate) fn decimal(mut units: i256, scale: i8, bytes: &mut Vec<u8>) {
    let ten = i256::from_i128(10);
    let mut scale = if units == i256::ZERO { 0 } else { scale };
    while scale > 0 && units % ten == i256::ZERO {
        (units, scale) = (units / ten, scale - 1);
    }
    while scale < 0
        && let Some(wider) = units.checked_mul(ten)
    {
        (units, scale) = (wider, scale + 1);
    }
    match units.to_i128() {
        Some(value) if scale == 0 => integer(value, bytes),
        _ => {
            bytes.extend([Tag::Decimal as u8, scale as u8]);
            bytes.extend(units.to_le_bytes());
        }
    }
}

/// A whole number equals the integer, so that -0 is 0 and identifiers that became floats keep their
/// hash.
pub(crate) fn float(value: f64, bytes: &mut Vec<u8>) {
    const HUGE: f64 = 1e38;
    if value.fract() == 0.0 && value.abs() < HUGE {
        return integer(value as i128, bytes);
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    bytes.push(Tag::Float as u8);
    bytes.extend(value.to_bits().to_le_bytes());
}

/// The kind of value that the following bytes represent.
#[derive(Clone, Copy)]
pub(crate) enum Tag {
    Null = 0,
    Integer = 1,
    Decimal = 2,
    Float = 3,
    Text = 4,
    Binary = 5,
    Boolean = 6,
    Instant = 7,
    Time = 8,
    Duration = 9,
    Interval = 10,
    List = 11,
    Struct = 12,
    Map = 13,
}
