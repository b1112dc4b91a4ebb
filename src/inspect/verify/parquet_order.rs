//! The order of a column's stored values, in which bounds are computed and rows are sorted.
//!
//! Source: parquet.thrift, `ColumnOrder`: numbers by their value, decimals as numbers, booleans with
//! false first, bytes without a sign, lexicographically. NaN has no place in the order, and the two
//! zeros are equal. INT96 and types whose order is not defined have none.

use crate::inspect::parquet_type::Meaning;
use arrow::datatypes::{ArrowPrimitiveType, Float16Type};
use bytes::Bytes;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use std::cmp::Ordering;

/// The order of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Integers with a sign, floats, booleans; of bytes, lexicographic.
    Natural,
    /// Integers without a sign.
    Unsigned,
    /// Bytes that are an integer with a sign, most significant byte first.
    Decimal,
    /// Bytes that are a float of 16 bits.
    Half,
    Undefined,
}

impl Order {
    pub(super) fn of(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Unsigned { .. } => Self::Unsigned,
            Meaning::Decimal { .. } => Self::Decimal,
            Meaning::Float16 => Self::Half,
            Meaning::Opaque("bson") => Self::Natural,
            Meaning::Opaque(_) => Self::Undefined,
            _ => Self::Natural,
        }
    }
}

/// A stored value.
pub(super) trait Stored: Sized + Clone {
    /// The order of two values; none if one of them has no place in it.
    fn compare(&self, other: &Self, order: Order) -> Option<Ordering>;

    /// The value with these bytes, as statistics store it; none if their number is wrong.
    fn from_stored(bytes: &[u8]) -> Option<Self>;

    /// The bytes as statistics store them.
    fn stored(&self) -> Vec<u8>;
}

impl Stored for bool {
    fn compare(&self, other: &Self, order: Order) -> Option<Ordering> {
        (order != Order::Undefined).then(|| self.cmp(other))
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        <[u8; 1]>::try_from(bytes).ok().map(|[byte]| byte != 0)
    }

    fn stored(&self) -> Vec<u8> {
        vec![u8::from(*self)]
    }
}

macro_rules! integer {
    ($signed:ident, $unsigned:ident) => {
        impl Stored for $signed {
            fn compare(&self, other: &Self, order: Order) -> Option<Ordering> {
                match order {
                    Order::Natural | Order::Decimal => Some(self.cmp(other)),
                    Order::Unsigned => Some((*self as $unsigned).cmp(&(*other as $unsigned))),
                    Order::Half | Order::Undefined => None,
                }
            }

            fn from_stored(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }

            fn stored(&self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
        }
    };
}

macro_rules! float {
    ($float:ident) => {
        impl Stored for $float {
            fn compare(&self, other: &Self, order: Order) -> Option<Ordering> {
                if order == Order::Undefined { None } else { self.partial_cmp(other) }
            }

            fn from_stored(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }

            fn stored(&self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
        }
    };
}

integer!(i32, u32);
integer!(i64, u64);
float!(f32);
float!(f64);

impl Stored for Int96 {
    fn compare(&self, _: &Self, _: Order) -> Option<Ordering> {
        None
    }

    fn from_stored(_: &[u8]) -> Option<Self> {
        None
    }

    fn stored(&self) -> Vec<u8> {
        self.data().iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

macro_rules! byte_array {
    ($array:ident) => {
        impl Stored for $array {
            fn compare(&self, other: &Self, order: Order) -> Option<Ordering> {
                compare_bytes(self.data(), other.data(), order)
            }

            fn from_stored(bytes: &[u8]) -> Option<Self> {
                Some(Self::from(ByteArray::from(Bytes::copy_from_slice(bytes))))
            }

            fn stored(&self) -> Vec<u8> {
                self.data().to_vec()
            }
        }
    };
}

byte_array!(ByteArray);
byte_array!(FixedLenByteArray);

fn compare_bytes(one: &[u8], other: &[u8], order: Order) -> Option<Ordering> {
    match order {
        Order::Natural => Some(one.cmp(other)),
        Order::Decimal => Some(compare_big_endian(one, other)),
        Order::Half => {
            type Half = <Float16Type as ArrowPrimitiveType>::Native;
            let value = |bytes: &[u8]| bytes.try_into().ok().map(Half::from_le_bytes);
            value(one)?.partial_cmp(&value(other)?)
        }
        Order::Unsigned | Order::Undefined => None,
    }
}

/// Compares two's complement integers of any length, most significant byte first.
fn compare_big_endian(one: &[u8], other: &[u8]) -> Ordering {
    let sign = |bytes: &[u8]| if bytes.first().is_some_and(|b| b & 0x80 != 0) { 0xff } else { 0 };
    let (sign_of_one, sign_of_other) = (sign(one), sign(other));
    if sign_of_one != sign_of_other {
        return sign_of_other.cmp(&sign_of_one);
    }
    // Bytes that repeat the sign add nothing to the value.
    let padding = |bytes: &[u8]| bytes.iter().take_while(|byte| **byte == sign_of_one).count();
    let (one, other) = (&one[padding(one)..], &other[padding(other)..]);
    let by_length = one.len().cmp(&other.len());
    let by_length = if sign_of_one == 0 { by_length } else { by_length.reverse() };
    by_length.then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_as_numbers_of_any_length() {
        let decimal = |one: &[u8], other: &[u8]| compare_bytes(one, other, Order::Decimal).unwrap();
        assert_eq!(decimal(&[0xff], &[0x00]), Ordering::Less);
        assert_eq!(decimal(&[0xff, 0xff], &[0xff]), Ordering::Equal);
        assert_eq!(decimal(&[0x00, 0x80], &[0x7f]), Ordering::Greater);
        assert_eq!(decimal(&[0x80], &[0xff, 0x7f]), Ordering::Greater);
        assert_eq!(decimal(&[], &[0]), Ordering::Equal);
    }

    #[test]
    fn each_type_has_its_order() {
        assert_eq!((-1_i32).compare(&1, Order::Natural), Some(Ordering::Less));
        assert_eq!((-1_i32).compare(&1, Order::Unsigned), Some(Ordering::Greater));
        assert_eq!((-0.0_f64).compare(&0.0, Order::Natural), Some(Ordering::Equal));
        assert_eq!(f64::NAN.compare(&0.0, Order::Natural), None);
        let bytes = |text: &str| ByteArray::from(text);
        assert_eq!(bytes("ä").compare(&bytes("z"), Order::Natural), Some(Ordering::Greater));
        let half = |bits: u16| ByteArray::from(bits.to_le_bytes().to_vec());
        assert_eq!(half(0xbc00).compare(&half(0x3c00), Order::Half), Some(Ordering::Less));
        let stamp = Int96::new();
        assert_eq!(stamp.compare(&stamp, Order::Natural), None);
    }
}
