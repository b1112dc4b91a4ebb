//! Which type holds the values of two types exactly, if any does.

use super::plain_field;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use std::sync::Arc;

/// The fields of both by name: those of `first` in their order, then those that only `other` has.
/// What one of them lacks may be null. `path` leads to the struct that they are in.
///
/// # Errors
/// As [`widen_type`]; a name that stands there twice.
pub(super) fn widen_fields(first: &Fields, other: &Fields, path: &str) -> Result<Vec<FieldRef>> {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (fields, side) in [(first, "before"), (other, "here")] {
        for (place, field) in fields.iter().enumerate() {
            if fields.find(field.name()).is_some_and(|(first, _)| first < place) {
                let name = escaped(&below(field.name()));
                return Err(Error::failed(format!(
                    "column \"{name}\" stands more than once {side}"
                )));
            }
        }
    }
    let nullable = |field: &FieldRef| Arc::new(Field::clone(field).with_nullable(true));
    let mut fields = Vec::with_capacity(first.len());
    for field in first {
        fields.push(match other.find(field.name()) {
            Some((_, other)) => Arc::new(widen_field(field, other, &below(field.name()))?),
            None => nullable(field),
        });
    }
    fields.extend(other.iter().filter(|field| first.find(field.name()).is_none()).map(nullable));
    Ok(fields)
}

fn widen_field(first: &Field, other: &Field, path: &str) -> Result<Field> {
    let extension = |field: &Field| {
        (
            field.extension_type_name().map(str::to_owned),
            field.extension_type_metadata().map(str::to_owned),
        )
    };
    let is_null = |field: &Field| *field.data_type() == DataType::Null;
    // What was encoded for the way only is widened as what it stands for.
    if first.data_type() != other.data_type() {
        let plain = (plain_field(first), plain_field(other));
        if plain.0.is_some() || plain.1.is_some() {
            let (one, two) = (plain.0.as_ref().unwrap_or(first), plain.1.as_ref().unwrap_or(other));
            return widen_field(one, two, path);
        }
    }
    if extension(first) != extension(other) && !is_null(first) && !is_null(other) {
        let name = |field| extension(field).0.unwrap_or_else(|| field.data_type().to_string());
        return Err(differ(path, &name(first), &name(other)));
    }
    let data_type = widen_type(first.data_type(), other.data_type(), path)?;
    let described =
        if is_null(first) { other.clone().with_name(first.name()) } else { first.clone() };
    let nullable = first.is_nullable() || other.is_nullable() || is_null(first) || is_null(other);
    Ok(described.with_data_type(data_type).with_nullable(nullable))
}

/// The narrowest type that holds the values of both.
///
/// # Errors
/// There is none; the message names the column at `path` and both types.
fn widen_type(first: &DataType, other: &DataType, path: &str) -> Result<DataType> {
    use DataType as T;
    let inner = |a: &FieldRef, b: &FieldRef| widen_field(a, b, path).map(Arc::new);
    Ok(match (first, other) {
        (a, b) if a == b => a.clone(),
        (T::Null, some) | (some, T::Null) => some.clone(),
        (T::Dictionary(key, a), T::Dictionary(other_key, b)) => {
            // A key counts values of which there are fewer than an int64 can count.
            let key = widen_numbers(key, other_key).filter(|key| key.is_dictionary_key_type());
            T::Dictionary(Box::new(key.unwrap_or(T::Int64)), Box::new(widen_type(a, b, path)?))
        }
        (T::Dictionary(_, values), plain) => widen_type(values, plain, path)?,
        (plain, T::Dictionary(_, values)) => widen_type(plain, values, path)?,
        (T::RunEndEncoded(_, values), plain) if !matches!(plain, T::RunEndEncoded(..)) => {
            widen_type(values.data_type(), plain, path)?
        }
        (plain, T::RunEndEncoded(_, values)) if !matches!(plain, T::RunEndEncoded(..)) => {
            widen_type(plain, values.data_type(), path)?
        }
        (T::List(a), T::List(b)) => T::List(inner(a, b)?),
        (T::List(a) | T::LargeList(a), T::List(b) | T::LargeList(b)) => T::LargeList(inner(a, b)?),
        (T::ListView(a), T::ListView(b)) => T::ListView(inner(a, b)?),
        (T::LargeListView(a), T::LargeListView(b)) => T::LargeListView(inner(a, b)?),
        (T::FixedSizeList(a, size), T::FixedSizeList(b, other)) if size == other => {
            T::FixedSizeList(inner(a, b)?, *size)
        }
        (T::Struct(a), T::Struct(b)) => T::Struct(widen_fields(a, b, path)?.into()),
        (T::Map(a, ordered), T::Map(b, other)) => {
            T::Map(Arc::new(widen_entries(a, b, path)?), *ordered && *other)
        }
        (a, b) => widen_numbers(a, b)
            .or_else(|| widen_layout(a, b))
            .or_else(|| widen_time(a, b))
            .ok_or_else(|| differ(path, &a.to_string(), &b.to_string()))?,
    })
}

fn widen_entries(first: &Field, other: &Field, path: &str) -> Result<Field> {
    let (DataType::Struct(a), DataType::Struct(b)) = (first.data_type(), other.data_type()) else {
        return Err(differ(path, &first.data_type().to_string(), &other.data_type().to_string()));
    };
    let pairs = a.iter().zip(b).map(|(a, b)| {
        // Their names are custom only.
        widen_field(a, &Field::clone(b).with_name(a.name()), path)
    });
    let fields = pairs.collect::<Result<Vec<_>>>()?;
    Ok(first.clone().with_data_type(DataType::Struct(fields.into())))
}

/// Integers, floats and decimals.
fn widen_numbers(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    match (first, other) {
        (a, b) if a == b && a.is_numeric() => Some(a.clone()),
        (a, b) if a.is_integer() && b.is_integer() => {
            let bits = a.primitive_width()?.max(b.primitive_width()?) * 8;
            match (a.is_signed_integer(), b.is_signed_integer()) {
                (true, true) => signed(bits),
                (false, false) => {
                    if a.primitive_width() < b.primitive_width() {
                        Some(b.clone())
                    } else {
                        Some(a.clone())
                    }
                }
                (a_signed, _) => {
                    let (with, without) = if a_signed { (a, b) } else { (b, a) };
                    signed((with.primitive_width()? * 8).max(without.primitive_width()? * 16))
                }
            }
        }
        (a, b) if a.is_floating() && b.is_floating() => {
            Some(if a.primitive_width() < b.primitive_width() { b } else { a }.clone())
        }
        (float, integer) | (integer, float) if float.is_floating() && integer.is_integer() => {
            // A float holds integers of so many bits exactly; a sign bit of its own comes beside.
            let bits = integer.primitive_width()? * 8;
            let exact = [(T::Float16, 11), (T::Float32, 24), (T::Float64, 53)];
            exact
                .into_iter()
                .find(|(wider, digits)| {
                    bits <= *digits && float.primitive_width() <= wider.primitive_width()
                })
                .map(|(wider, _)| wider)
        }
        (a, b) if a.is_decimal() || b.is_decimal() => widen_decimals(a, b),
        _ => None,
    }
}

fn signed(bits: usize) -> Option<DataType> {
    Some(match bits {
        8 => DataType::Int8,
        16 => DataType::Int16,
        32 => DataType::Int32,
        64 => DataType::Int64,
        _ => return None,
    })
}

fn widen_decimals(first: &DataType, other: &DataType) -> Option<DataType> {
    let ((a_digits, a_scale), (b_digits, b_scale)) = (digits(first)?, digits(other)?);
    let scale = a_scale.max(b_scale);
    let whole = (a_digits - a_scale).max(b_digits - b_scale);
    let precision = u8::try_from(whole + scale).ok()?;
    let bytes = [first, other]
        .into_iter()
        .filter(|t| t.is_decimal())
        .filter_map(DataType::primitive_width)
        .max()?;
    let scale = i8::try_from(scale).ok()?;
    match precision {
        0..=9 if bytes <= 4 => Some(DataType::Decimal32(precision, scale)),
        0..=18 if bytes <= 8 => Some(DataType::Decimal64(precision, scale)),
        0..=38 if bytes <= 16 => Some(DataType::Decimal128(precision, scale)),
        0..=76 => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}

/// All digits and those behind the point, of a decimal or an integer.
fn digits(data_type: &DataType) -> Option<(i32, i32)> {
    use DataType as T;
    Some(match data_type {
        T::Decimal32(precision, scale)
        | T::Decimal64(precision, scale)
        | T::Decimal128(precision, scale)
        | T::Decimal256(precision, scale) => (i32::from(*precision), i32::from(*scale)),
        T::Int8 | T::UInt8 => (3, 0),
        T::Int16 | T::UInt16 => (5, 0),
        T::Int32 | T::UInt32 => (10, 0),
        T::Int64 => (19, 0),
        T::UInt64 => (20, 0),
        _ => return None,
    })
}

/// Text and binary in another layout: a view before long offsets, which it need not have.
fn widen_layout(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    let among = |layouts: [T; 3]| {
        let place = |t: &T| layouts.iter().position(|layout| layout == t);
        Some(layouts[place(first)?.max(place(other)?)].clone())
    };
    among([T::Utf8, T::LargeUtf8, T::Utf8View])
        .or_else(|| among([T::Binary, T::LargeBinary, T::BinaryView]))
}

/// Times in the finer of two units.
fn widen_time(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    Some(match (first, other) {
        (T::Timestamp(a, zone), T::Timestamp(b, other)) if zone == other => {
            T::Timestamp(finer(*a, *b), zone.clone())
        }
        (T::Duration(a), T::Duration(b)) => T::Duration(finer(*a, *b)),
        (T::Time32(a) | T::Time64(a), T::Time32(b) | T::Time64(b)) => match finer(*a, *b) {
            unit @ (TimeUnit::Second | TimeUnit::Millisecond) => T::Time32(unit),
            unit => T::Time64(unit),
        },
        (T::Date32 | T::Date64, T::Date32 | T::Date64) => T::Date64,
        _ => return None,
    })
}

fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    a.max(b)
}

fn differ(path: &str, first: &str, other: &str) -> Error {
    let name = escaped(path);
    Error::failed(format!(
        "column \"{name}\" is {other}, and {first} before: no type holds both exactly"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(first: DataType, other: DataType) -> String {
        // The order does not matter to types.
        let one = widen_type(&first, &other, "a.b").map(|t| t.to_string());
        let two = widen_type(&other, &first, "a.b").map(|t| t.to_string());
        match (one, two) {
            (Ok(one), Ok(two)) => {
                assert_eq!(one, two);
                one
            }
            (Err(one), Err(_)) => one.to_string(),
            (one, two) => panic!("{one:?} {two:?}"),
        }
    }

    #[test]
    fn numbers_widen_where_nothing_is_lost() {
        use DataType as T;
        assert_eq!(widened(T::Int8, T::Int64), "Int64");
        assert_eq!(widened(T::UInt8, T::UInt32), "UInt32");
        assert_eq!(widened(T::UInt8, T::Int8), "Int16");
        assert_eq!(widened(T::UInt32, T::Int8), "Int64");
        assert_eq!(widened(T::UInt16, T::Int64), "Int64");
        assert_eq!(widened(T::Int32, T::Float64), "Float64");
        assert_eq!(widened(T::Int32, T::Float32), "Float64");
        assert_eq!(widened(T::UInt16, T::Float32), "Float32");
        assert_eq!(widened(T::Int16, T::Float16), "Float32");
        assert_eq!(widened(T::Float32, T::Float64), "Float64");
        assert_eq!(widened(T::Decimal128(10, 2), T::Decimal128(12, 6)), "Decimal128(14, 6)");
        assert_eq!(widened(T::Decimal128(38, 0), T::Decimal128(38, 10)), "Decimal256(48, 10)");
        assert_eq!(widened(T::Int64, T::Decimal64(9, 2)), "Decimal128(21, 2)");
        for (first, other) in [
            (T::UInt64, T::Int64),
            (T::Int64, T::Float64),
            (T::Utf8, T::Int64),
            (T::Boolean, T::Int8),
            (T::Decimal256(76, 0), T::Decimal256(76, 1)),
            (
                T::Timestamp(TimeUnit::Second, None),
                T::Timestamp(TimeUnit::Second, Some("UTC".into())),
            ),
        ] {
            let why = format!(
                "column \"a.b\" is {other}, and {first} before: no type holds both exactly"
            );
            assert_eq!(widened(first, other), why);
        }
    }

    #[test]
    fn layouts_and_units_widen() {
        use DataType as T;
        let dictionary = |key, value| T::Dictionary(Box::new(key), Box::new(value));
        assert_eq!(widened(dictionary(T::Int8, T::Utf8), T::LargeUtf8), "LargeUtf8");
        assert_eq!(
            widened(dictionary(T::Int8, T::Utf8), dictionary(T::Int32, T::Utf8)),
            dictionary(T::Int32, T::Utf8).to_string()
        );
        assert_eq!(widened(T::Utf8, T::Utf8View), "Utf8View");
        assert_eq!(widened(T::Null, T::Boolean), "Boolean");
        assert_eq!(
            widened(T::Time32(TimeUnit::Second), T::Time64(TimeUnit::Nanosecond)),
            "Time64(ns)"
        );
        assert_eq!(
            widened(
                T::Timestamp(TimeUnit::Millisecond, None),
                T::Timestamp(TimeUnit::Second, None)
            ),
            "Timestamp(ms)"
        );
    }
}
