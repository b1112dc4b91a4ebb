//! The common type of several types, for example of the results of `CASE` and `COALESCE`.
//!
//! As in DuckDB, with decimals of up to 76 digits. Text, numbers, booleans and points in time are
//! not converted to each other implicitly.

use super::kind::{Kind, decimal_digits};
use arrow::datatypes::{DataType, TimeUnit};

/// The maximum number of digits of a decimal.
pub(crate) const DECIMAL_DIGITS: i16 = 76;

/// The smallest type that holds the values of both plain types; None if there is none.
pub(crate) fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    let kinds = (Kind::of(left), Kind::of(right));
    match kinds {
        (Kind::Null, _) => Some(right.clone()),
        (_, Kind::Null) => Some(left.clone()),
        (Kind::Integer, Kind::Integer) => Some(common_integer(left, right)),
        (Kind::Float, other) | (other, Kind::Float) if other.is_number() => {
            let double = [left, right].contains(&&DataType::Float64);
            Some(if double { DataType::Float64 } else { DataType::Float32 })
        }
        (left_kind, right_kind) if left_kind.is_number() && right_kind.is_number() => {
            let ((left_digits, left_scale), (right_digits, right_scale)) =
                (digits(left)?, digits(right)?);
            let scale = left_scale.max(right_scale);
            decimal_type((left_digits - left_scale).max(right_digits - right_scale) + scale, scale)
        }
        (Kind::Text, Kind::Text) => {
            let large = [left, right].contains(&&DataType::LargeUtf8);
            Some(if large { DataType::LargeUtf8 } else { DataType::Utf8 })
        }
        (Kind::Binary, Kind::Binary) => {
            let large = [left, right].contains(&&DataType::LargeBinary);
            Some(if large { DataType::LargeBinary } else { DataType::Binary })
        }
        (Kind::Date, Kind::Date) => Some(DataType::Date32),
        (Kind::Date, Kind::Timestamp) => Some(right.clone()),
        (Kind::Timestamp, Kind::Date) => Some(left.clone()),
        _ => common_time(left, right),
    }
}

/// The precision and scale that the values of an integer or decimal type need.
pub(crate) fn digits(data_type: &DataType) -> Option<(i16, i16)> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => (3, 0),
        DataType::Int16 | DataType::UInt16 => (5, 0),
        DataType::Int32 | DataType::UInt32 => (10, 0),
        DataType::Int64 => (19, 0),
        DataType::UInt64 => (20, 0),
        decimal => {
            let (precision, scale) = decimal_digits(decimal)?;
            (precision.into(), scale.into())
        }
    })
}

/// A decimal type of this precision and scale; None beyond 76 digits.
pub(crate) fn decimal_type(precision: i16, scale: i16) -> Option<DataType> {
    let scale = i8::try_from(scale).ok()?;
    // A scale above the precision holds small numbers: 0.001 has one digit and a scale of 3.
    let precision = u8::try_from(precision.max(i16::from(scale)).max(1)).ok()?;
    match precision {
        ..=38 => Some(DataType::Decimal128(precision, scale)),
        _ if i16::from(precision) <= DECIMAL_DIGITS => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}

/// Unsigned and signed integers give the next wider signed type; beyond 64 bits, DuckDB's HUGEINT.
fn common_integer(left: &DataType, right: &DataType) -> DataType {
    let bits = |data_type: &DataType| data_type.primitive_width().unwrap_or(8) * 8;
    let (left_bits, right_bits) = (bits(left), bits(right));
    let (left_signed, right_signed) = (left.is_signed_integer(), right.is_signed_integer());
    if left_signed == right_signed {
        return if left_bits >= right_bits { left.clone() } else { right.clone() };
    }
    let (signed_bits, unsigned_bits) =
        if left_signed { (left_bits, right_bits) } else { (right_bits, left_bits) };
    match signed_bits.max(unsigned_bits * 2) {
        ..=16 => DataType::Int16,
        17..=32 => DataType::Int32,
        33..=64 => DataType::Int64,
        _ => DataType::Decimal128(38, 0),
    }
}

/// Timestamps and times of day take the finer unit; of two time zones the first is kept.
fn common_time(left: &DataType, right: &DataType) -> Option<DataType> {
    match (left, right) {
        (DataType::Timestamp(a, a_zone), DataType::Timestamp(b, b_zone)) => {
            Some(DataType::Timestamp(*a.max(b), a_zone.clone().or_else(|| b_zone.clone())))
        }
        (DataType::Time32(a) | DataType::Time64(a), DataType::Time32(b) | DataType::Time64(b)) => {
            Some(match *a.max(b) {
                unit @ (TimeUnit::Second | TimeUnit::Millisecond) => DataType::Time32(unit),
                unit => DataType::Time64(unit),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_a_type_that_holds_both() {
        use DataType::{Decimal128, Decimal256, Float32, Float64, Int8, Int16, Int32, Int64};
        use DataType::{UInt8, UInt16, UInt32, UInt64};
        for (left, right, common) in [
            (Int8, Int32, Some(Int32)),
            (UInt8, UInt32, Some(UInt32)),
            (Int8, UInt8, Some(Int16)),
            (Int64, UInt16, Some(Int64)),
            (Int32, UInt32, Some(Int64)),
            (Int8, UInt64, Some(Decimal128(38, 0))),
            (Int64, Float32, Some(Float32)),
            (Float64, Decimal128(10, 2), Some(Float64)),
            (Int64, Decimal128(10, 2), Some(Decimal128(21, 2))),
            (Decimal128(38, 0), Decimal128(10, 2), Some(Decimal256(40, 2))),
            (Decimal256(76, 0), Decimal128(10, 2), None),
            (Int8, DataType::Utf8, None),
            (Int8, DataType::Boolean, None),
        ] {
            assert_eq!(common_type(&left, &right), common, "{left} {right}");
            assert_eq!(common_type(&right, &left), common, "{right} {left}");
        }
    }

    #[test]
    fn points_in_time_take_the_finer_unit() {
        let (second, nanosecond) = (TimeUnit::Second, TimeUnit::Nanosecond);
        let zone = Some("UTC".into());
        let common = common_type(
            &DataType::Timestamp(second, zone.clone()),
            &DataType::Timestamp(nanosecond, None),
        );
        assert_eq!(common, Some(DataType::Timestamp(nanosecond, zone)));
        let common =
            common_type(&DataType::Time32(second), &DataType::Time64(TimeUnit::Microsecond));
        assert_eq!(common, Some(DataType::Time64(TimeUnit::Microsecond)));
    }
}
