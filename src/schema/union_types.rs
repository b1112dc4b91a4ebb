//! Finds the type that represents the values of two types exactly, if there is one.

use super::encoded::plain_fields;
use super::place::Place;
use super::unique_names::UNIQUE_NAMES;
use super::zones::{MergedZones, UTC, is_same_zone};
use super::{inner_fields, is_alike, with_inner_fields};
use crate::error::{Error, Result};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;

/// Finds common types for two schemas, and notes where time zones differ.
#[derive(Debug, Default)]
pub(super) struct Widening {
    pub(super) zones: MergedZones,
}

impl Widening {
    /// The fields of both by name: those of `first` in their order, then those that only `other`
    /// has. A field that is missing in one of them is nullable. `place` is the struct that contains
    /// them.
    ///
    /// # Errors
    /// Those of [`Widening::types`]; a duplicate name.
    pub(super) fn fields(
        &mut self,
        first: &Fields,
        other: &Fields,
        place: &Place,
    ) -> Result<Vec<FieldRef>> {
        let known = by_name(first, place, "before")?;
        let others = by_name(other, place, "here")?;
        let nullable = |field: &FieldRef| Arc::new(Field::clone(field).with_nullable(true));
        let mut fields = Vec::with_capacity(first.len());
        for field in first {
            fields.push(match others.get(field.name().as_str()) {
                Some(other) => Arc::new(self.field(field, other, &place.field(field.name()))?),
                None => nullable(field),
            });
        }
        let is_new = |field: &&FieldRef| !known.contains_key(field.name().as_str());
        fields.extend(other.iter().filter(is_new).map(nullable));
        Ok(fields)
    }

    fn field(&mut self, first: &Field, other: &Field, place: &Place) -> Result<Field> {
        let is_null = |field: &Field| *field.data_type() == DataType::Null;
        // Columns encoded only in transit are widened as the plain columns they represent.
        if let Some((first, other)) = plain_fields(first, other) {
            return self.field(&first, &other, place);
        }
        if extension(first) != extension(other) && !is_null(first) && !is_null(other) {
            let name = |field: &Field| {
                extension(field).0.map_or_else(|| field.data_type().to_string(), str::to_owned)
            };
            return Err(differ(place, &name(first), &name(other)));
        }
        let data_type = self.types(first.data_type(), other.data_type(), place)?;
        let described =
            if is_null(first) { other.clone().with_name(first.name()) } else { first.clone() };
        let nullable =
            first.is_nullable() || other.is_nullable() || is_null(first) || is_null(other);
        Ok(described.with_data_type(data_type).with_nullable(nullable))
    }

    /// The narrowest type that represents the values of both.
    ///
    /// # Errors
    /// There is none; the message has the position and both types.
    fn types(&mut self, first: &DataType, other: &DataType, place: &Place) -> Result<DataType> {
        use DataType as T;
        Ok(match (first, other) {
            (a, b) if a == b => a.clone(),
            (T::Null, some) | (some, T::Null) => some.clone(),
            (T::Dictionary(key, a), T::Dictionary(other_key, b)) => {
                // A dictionary always has fewer values than an int64 key can number.
                let key = widen_numbers(key, other_key).filter(|key| key.is_dictionary_key_type());
                let values = self.types(a, b, place)?;
                T::Dictionary(Box::new(key.unwrap_or(T::Int64)), Box::new(values))
            }
            (T::Dictionary(_, values), plain) => self.types(values, plain, place)?,
            (plain, T::Dictionary(_, values)) => self.types(plain, values, place)?,
            (T::RunEndEncoded(_, values), plain) if !matches!(plain, T::RunEndEncoded(..)) => {
                self.types(values.data_type(), plain, place)?
            }
            (plain, T::RunEndEncoded(_, values)) if !matches!(plain, T::RunEndEncoded(..)) => {
                self.types(plain, values.data_type(), place)?
            }
            (T::Struct(a), T::Struct(b)) => T::Struct(self.fields(a, b, place)?.into()),
            (T::Map(a, sorted), T::Map(b, other)) => {
                T::Map(Arc::new(self.entries(a, b, place)?), *sorted && *other)
            }
            (T::List(a), T::LargeList(b)) | (T::LargeList(a), T::List(b)) => {
                T::LargeList(self.element(a, b, place)?)
            }
            (T::Timestamp(a, Some(zone)), T::Timestamp(b, Some(other))) => {
                T::Timestamp(*a.max(b), Some(self.zone(zone, other, place)))
            }
            (a, b) if a.is_list() && is_alike(a, b) => {
                let elements = inner_fields(a).into_iter().zip(inner_fields(b));
                let wider = elements.map(|(a, b)| self.element(a, b, place));
                with_inner_fields(a, wider.collect::<Result<_>>()?)
            }
            (a, b) => widen_numbers(a, b)
                .or_else(|| widen_layout(a, b))
                .or_else(|| widen_time(a, b))
                .ok_or_else(|| differ(place, &a.to_string(), &b.to_string()))?,
        })
    }

    fn element(&mut self, first: &FieldRef, other: &FieldRef, place: &Place) -> Result<FieldRef> {
        self.field(first, other, &place.element()).map(Arc::new)
    }

    fn entries(&mut self, first: &Field, other: &Field, place: &Place) -> Result<Field> {
        let (DataType::Struct(a), DataType::Struct(b)) = (first.data_type(), other.data_type())
        else {
            let types = (first.data_type().to_string(), other.data_type().to_string());
            return Err(differ(place, &types.0, &types.1));
        };
        let pairs = a.iter().zip(b).enumerate().map(|(number, (a, b))| {
            // Their names are only a convention.
            let other = Field::clone(b).with_name(a.name());
            self.field(a, &other, &place.of_entry(number))
        });
        let fields = pairs.collect::<Result<Vec<_>>>()?;
        Ok(first.clone().with_data_type(DataType::Struct(fields.into())))
    }

    /// The first zone if both are the same, else UTC: the zone does not affect instants.
    fn zone(&mut self, first: &Arc<str>, other: &Arc<str>, place: &Place) -> Arc<str> {
        if is_same_zone(Some(first), Some(other)) {
            return first.clone();
        }
        self.zones.note(place, first, other);
        UTC.into()
    }
}

fn by_name<'a>(
    fields: &'a Fields,
    place: &Place,
    side: &str,
) -> Result<HashMap<&'a str, &'a FieldRef>> {
    let mut known = HashMap::with_capacity(fields.len());
    for field in fields {
        if known.insert(field.name().as_str(), field).is_some() {
            let place = place.field(field.name());
            return Err(Error::failed(format!(
                "{place} is ambiguous: several have this name {side} ({UNIQUE_NAMES})"
            )));
        }
    }
    Ok(known)
}

/// Whether the fields have the same names in the same order.
pub(super) fn same_names(first: &Fields, other: &Fields) -> bool {
    first.iter().map(|field| field.name()).eq(other.iter().map(|field| field.name()))
}

/// The name and the metadata of a field's extension type.
pub(super) fn extension(field: &Field) -> (Option<&str>, Option<&str>) {
    (field.extension_type_name(), field.extension_type_metadata())
}

/// Integers, floats and decimals.
fn widen_numbers(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    let wider =
        || if first.primitive_width() < other.primitive_width() { other } else { first }.clone();
    match (first, other) {
        (a, b) if a == b && a.is_numeric() => Some(a.clone()),
        (a, b) if a.is_integer() && b.is_integer() => {
            let bits = a.primitive_width()?.max(b.primitive_width()?) * 8;
            match (a.is_signed_integer(), b.is_signed_integer()) {
                (true, true) => signed(bits),
                (false, false) => Some(wider()),
                (a_signed, _) => {
                    let (with, without) = if a_signed { (a, b) } else { (b, a) };
                    let bits = (with.primitive_width()? * 8).max(without.primitive_width()? * 16);
                    // 20 digits represent every uint64 and every int64.
                    signed(bits).or(Some(T::Decimal128(20, 0)))
                }
            }
        }
        (a, b) if a.is_floating() && b.is_floating() => Some(wider()),
        (float, integer) | (integer, float) if float.is_floating() && integer.is_integer() => {
            // A float represents integers of this many bits exactly; the sign has a separate bit.
            let bits = integer.primitive_width()? * 8;
            let exact = [(T::Float16, 11), (T::Float32, 24), (T::Float64, 53)];
            let mut wider = exact.into_iter().filter(|(_, digits)| bits <= *digits);
            wider
                .find(|(wider, _)| float.primitive_width() <= wider.primitive_width())
                .map(|it| it.0)
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

/// All digits and those after the decimal point, of a decimal or an integer.
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

/// Text and binary in another layout: a view after long offsets, which it does not need.
fn widen_layout(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    let among = |layouts: [T; 3]| {
        let place = |t: &T| layouts.iter().position(|layout| layout == t);
        Some(layouts[place(first)?.max(place(other)?)].clone())
    };
    among([T::Utf8, T::LargeUtf8, T::Utf8View])
        .or_else(|| among([T::Binary, T::LargeBinary, T::BinaryView]))
}

/// Times in the finer of two units, which is the greater one in Arrow's order.
fn widen_time(first: &DataType, other: &DataType) -> Option<DataType> {
    use DataType as T;
    Some(match (first, other) {
        (T::Timestamp(a, None), T::Timestamp(b, None)) => T::Timestamp(*a.max(b), None),
        (T::Duration(a), T::Duration(b)) => T::Duration(*a.max(b)),
        (T::Time32(a) | T::Time64(a), T::Time32(b) | T::Time64(b)) => match *a.max(b) {
            unit @ (TimeUnit::Second | TimeUnit::Millisecond) => T::Time32(unit),
            unit => T::Time64(unit),
        },
        (T::Date32 | T::Date64, T::Date32 | T::Date64) => T::Date64,
        _ => return None,
    })
}

fn differ(place: &Place, first: &str, other: &str) -> Error {
    Error::failed(format!(
        "{place} is {other}, but {first} before: no type represents both exactly"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(first: DataType, other: DataType) -> String {
        // The order of the types does not matter.
        let place = Place::top().field("a").field("b");
        let one = Widening::default().types(&first, &other, &place).map(|t| t.to_string());
        let two = Widening::default().types(&other, &first, &place).map(|t| t.to_string());
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
        assert_eq!(widened(T::UInt64, T::Int64), "Decimal128(20, 0)");
        assert_eq!(widened(T::Int8, T::UInt64), "Decimal128(20, 0)");
        assert_eq!(widened(T::Decimal128(20, 0), T::UInt64), "Decimal128(20, 0)");
        for (first, other) in [
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
                "column \"a.b\" is {other}, but {first} before: no type represents both exactly"
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

    #[test]
    fn zones_meet_in_utc_with_a_note() {
        let at = |unit, zone: &str| DataType::Timestamp(unit, Some(zone.into()));
        let (berlin, lima) = ("Europe/Berlin", "America/Lima");
        let mut widening = Widening::default();
        let mut met = |a: &str, b: &str, name: &str| {
            let (a, b) = (at(TimeUnit::Second, a), at(TimeUnit::Millisecond, b));
            widening.types(&a, &b, &Place::top().field(name)).unwrap()
        };
        assert_eq!(met("Etc/UTC", "+00:00", "a"), at(TimeUnit::Millisecond, "Etc/UTC"));
        assert_eq!(met(berlin, berlin, "a"), at(TimeUnit::Millisecond, berlin));
        assert_eq!(met(berlin, lima, "b"), at(TimeUnit::Millisecond, "UTC"));
        let mut zones = MergedZones::default();
        zones.add(widening.zones.clone(), "x.parquet");
        zones.add(widening.zones, "y.parquet");
        let lines: Vec<&str> = zones.lines().collect();
        let line = "x.parquet: column \"b\" has time zone America/Lima, but Europe/Berlin before: \
                    the result is in UTC";
        assert_eq!(lines, [line]);
    }

    #[test]
    fn an_element_is_named_where_types_differ() {
        let list = |inner| Field::new_list("item", Field::new("item", inner, true), true);
        let fields = |inner| Fields::from(vec![list(inner).with_name("a")]);
        let mut widening = Widening::default();
        let deep = |inner| fields(list(inner).data_type().clone());
        let error = widening
            .fields(&deep(DataType::Utf8), &deep(DataType::Int8), &Place::top())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"a\", list element, list element is Int8, but Utf8 before: \
             no type represents both exactly"
        );
    }
}
