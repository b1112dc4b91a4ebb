//! The annotations that each physical type may have.
//!
//! Source: parquet.thrift (enumerators) and LogicalTypes.md of parquet-format 2.12.

use crate::parquet_file::thrift::{Structure, WireType};

/// A physical type; `FixedLenByteArray` has its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    ByteArray,
    FixedLenByteArray(i64),
}

impl Physical {
    pub(crate) fn of(enumerator: i64, length: Option<i64>) -> Option<Self> {
        Some(match enumerator {
            0 => Self::Boolean,
            1 => Self::Int32,
            2 => Self::Int64,
            3 => Self::Int96,
            4 => Self::Float,
            5 => Self::Double,
            6 => Self::ByteArray,
            7 => Self::FixedLenByteArray(length.filter(|length| *length >= 0)?),
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Int96 => "INT96",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::ByteArray => "BYTE_ARRAY",
            Self::FixedLenByteArray(_) => "FIXED_LEN_BYTE_ARRAY",
        }
    }

    /// Whether it can hold decimals at all.
    pub(crate) fn is_decimal(self) -> bool {
        use Physical as P;
        matches!(self, P::Int32 | P::Int64 | P::ByteArray | P::FixedLenByteArray(1..=32))
    }

    /// Whether it can hold decimals of this precision and scale.
    pub(crate) fn holds_decimal(self, precision: i64, scale: i64) -> bool {
        let most = match self {
            Self::Int32 => 9,
            Self::Int64 => 18,
            // The digits of the largest signed integer of this many bytes.
            Self::FixedLenByteArray(length @ 1..=32) => {
                (2_f64.powi(length as i32 * 8 - 1) - 1.0).log10().floor() as i64
            }
            // The precision of Arrow's largest decimal.
            Self::ByteArray => 76,
            _ => return false,
        };
        (1..=most).contains(&precision) && (0..=precision).contains(&scale)
    }
}

/// A converted type, as far as this module distinguishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Converted {
    Map,
    MapKeyValue,
    List,
    Decimal,
    Interval,
    /// On BYTE_ARRAY: UTF8, ENUM, JSON, BSON.
    OfBytes,
    /// On INT32: DATE, TIME_MILLIS, integers of up to 32 bits.
    OfInt32,
    /// On INT64: the other times, timestamps and integers.
    OfInt64,
}

impl Converted {
    pub(crate) fn of(enumerator: i64) -> Option<Self> {
        Some(match enumerator {
            0 | 4 | 19 | 20 => Self::OfBytes,
            1 => Self::Map,
            2 => Self::MapKeyValue,
            3 => Self::List,
            5 => Self::Decimal,
            6 | 7 | 11..=13 | 15..=17 => Self::OfInt32,
            8..=10 | 14 | 18 => Self::OfInt64,
            21 => Self::Interval,
            _ => return None,
        })
    }

    pub(crate) fn fits(self, physical: Physical) -> bool {
        match self {
            Self::OfBytes => physical == Physical::ByteArray,
            Self::OfInt32 => physical == Physical::Int32,
            Self::OfInt64 => physical == Physical::Int64,
            Self::Interval => physical == Physical::FixedLenByteArray(12),
            Self::Map | Self::MapKeyValue | Self::List | Self::Decimal => false,
        }
    }
}

/// A logical type, as far as this module distinguishes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logical {
    Map,
    List,
    Variant,
    Unknown,
    Decimal {
        scale: i64,
        precision: i64,
    },
    /// On BYTE_ARRAY: STRING, ENUM, JSON, BSON, GEOMETRY, GEOGRAPHY.
    OfBytes,
    Date,
    Time {
        is_milliseconds: bool,
    },
    Timestamp,
    Integer {
        bits: u8,
    },
    Uuid,
    Float16,
}

impl Logical {
    /// Reads a logical type. `None` if it is damaged, or from a later version of the format.
    pub(crate) fn read(union: &[u8]) -> Option<Self> {
        let union = Structure::read(union)?;
        let (id, kind) = union.ids().next()?;
        if kind != WireType::STRUCT || union.ids().nth(1).is_some() {
            return None;
        }
        let inner = Structure::read(union.get(id, WireType::STRUCT)?)?;
        Some(match id {
            1 | 4 | 12 | 13 | 17 | 18 => Self::OfBytes,
            2 => Self::Map,
            3 => Self::List,
            5 => Self::Decimal { scale: inner.integer(1)?, precision: inner.integer(2)? },
            6 => Self::Date,
            7 => Self::Time { is_milliseconds: unit(&inner)? == 1 },
            8 => unit(&inner).map(|_| Self::Timestamp)?,
            10 => Self::Integer { bits: *inner.get(1, WireType::I8)?.first()? },
            11 => Self::Unknown,
            14 => Self::Uuid,
            15 => Self::Float16,
            16 => Self::Variant,
            _ => return None,
        })
    }

    pub(crate) fn fits(self, physical: Physical) -> bool {
        use Physical as P;
        match self {
            Self::OfBytes => physical == P::ByteArray,
            Self::Date | Self::Time { is_milliseconds: true } => physical == P::Int32,
            Self::Integer { bits: 8 | 16 | 32 } => physical == P::Int32,
            Self::Time { .. } | Self::Timestamp | Self::Integer { bits: 64 } => {
                physical == P::Int64
            }
            Self::Uuid => physical == P::FixedLenByteArray(16),
            Self::Float16 => physical == P::FixedLenByteArray(2),
            Self::Unknown => true,
            Self::Decimal { scale, precision } => physical.holds_decimal(precision, scale),
            Self::Integer { .. } | Self::Map | Self::List | Self::Variant => false,
        }
    }
}

/// The unit of a time or timestamp: 1 milliseconds, 2 microseconds, 3 nanoseconds.
fn unit(time: &Structure<'_>) -> Option<i64> {
    let unit = Structure::read(time.get(2, WireType::STRUCT)?)?;
    let (id, _) = unit.ids().next()?;
    (1..=3).contains(&id).then_some(id)
}
