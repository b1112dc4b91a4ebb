//! Merges schemas that are equal enough to be read as one.
//!
//! Several files, or consecutive streams, make one stream if names, order, types and extension
//! types are equal. A column is nullable if it is in any of them; other metadata may differ, and
//! the first input's is kept. A column that is encoded only in transit equals its plain one, and
//! the result is plain. Values are never cast here.

use super::encoded::plain_fields;
use super::place::Place;
use super::union_types::{extension, same_names};
use super::zones::is_same_zone;
use super::{
    inner_fields, is_alike, map_fields, merge_union, type_text, with_inner_fields, with_type,
};
use crate::error::{Error, Result};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use std::sync::Arc;

/// Merges two schemas into one for the batches of both: `first`, with nullable fields wherever
/// `other` has them, at every depth.
///
/// # Errors
/// A different column, order, type or extension type, with the column and both sides.
pub fn merge_strict(first: &Schema, other: &Schema) -> Result<Schema> {
    merge_strict_or(first, other, "stream-cat --merge-schema union takes both")
}

/// Like [`merge_strict`], with the way out to show in an error if wider types would help.
///
/// # Errors
/// Those of [`merge_strict`].
pub(crate) fn merge_strict_or(first: &Schema, other: &Schema, way_out: &str) -> Result<Schema> {
    strictly_merged(first, other).map_err(|error| match merge_union(first, other) {
        Ok(_) => Error::failed(format!("{error} ({way_out})")),
        Err(_) => error,
    })
}

/// Like [`merge_strict`], without a way out.
///
/// # Errors
/// Those of [`merge_strict`].
pub(crate) fn strictly_merged(first: &Schema, other: &Schema) -> Result<Schema> {
    let mut fields = Vec::with_capacity(first.fields().len());
    for (place, field) in first.fields().iter().enumerate() {
        let counterpart = other.fields().get(place).filter(|other| other.name() == field.name());
        let Some(counterpart) = counterpart else {
            return Err(misplaced(first, other, place));
        };
        fields.push(merge_fields(field, counterpart, &Place::top().field(field.name()))?);
    }
    match other.fields().get(first.fields().len()) {
        None => Ok(Schema::new_with_metadata(fields, first.metadata().clone())),
        Some(more) => Err(Error::failed(format!(
            "column \"{}\" ({}) is not in the first",
            more.name(),
            type_text(more.data_type())
        ))),
    }
}

/// The same schema with nulls allowed wherever uniting could allow them: the schema of unread
/// files, which may contain some.
pub(crate) fn nullable(schema: &Schema) -> Schema {
    let fields: Fields = schema.fields().iter().map(nullable_field).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

/// Describes why the columns at `place` do not correspond: missing, additional or in another
/// position.
fn misplaced(first: &Schema, other: &Schema, place: usize) -> Error {
    let field = first.field(place);
    let (name, data_type) = (field.name(), type_text(field.data_type()));
    Error::failed(match (other.fields().get(place), other.index_of(name)) {
        (_, Err(_)) => format!("no column \"{name}\" ({data_type}), which the first has"),
        (Some(there), Ok(_)) => {
            format!("column {} is \"{}\", but \"{name}\" in the first", place + 1, there.name())
        }
        (None, Ok(_)) => format!("column \"{name}\" is in another position than in the first"),
    })
}

fn merge_fields(first: &Field, other: &Field, place: &Place) -> Result<Field> {
    if extension(first) != extension(other) {
        return Err(differ(place, &described(other), &described(first)));
    }
    // Columns that were encoded in transit in different ways, or of which only one was encoded,
    // make one plain column.
    if let Some((first, other)) = plain_fields(first, other) {
        return merge_fields(&first, &other, place);
    }
    let data_type = merge_types(first.data_type(), other.data_type(), place)?;
    let nullable = first.is_nullable() || other.is_nullable();
    Ok(first.clone().with_data_type(data_type).with_nullable(nullable))
}

fn nullable_field(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        same @ (DataType::Union(..) | DataType::RunEndEncoded(..)) => same.clone(),
        // In a map, only the values may be null.
        map @ DataType::Map(..) => map_fields(map, |entries| {
            let parts = inner_fields(entries.data_type()).into_iter().enumerate();
            let parts = parts.map(|(place, part)| match place {
                0 => Arc::clone(part),
                _ => nullable_field(part),
            });
            with_type(entries, with_inner_fields(entries.data_type(), parts.collect()))
        }),
        other => map_fields(other, nullable_field),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type).with_nullable(true))
}

fn merge_types(first: &DataType, other: &DataType, place: &Place) -> Result<DataType> {
    use DataType as T;
    let differ = || differ(place, &type_text(other), &type_text(first));
    match (first, other) {
        (first, other) if first == other => return Ok(first.clone()),
        (T::Timestamp(unit, zone), T::Timestamp(other_unit, other_zone))
            if unit == other_unit && is_same_zone(zone.as_ref(), other_zone.as_ref()) =>
        {
            return Ok(first.clone());
        }
        (T::Dictionary(key, a), T::Dictionary(other_key, b)) if key == other_key => {
            return Ok(T::Dictionary(key.clone(), Box::new(merge_types(a, b, place)?)));
        }
        (T::Struct(a), T::Struct(b)) if !same_names(a, b) => return Err(differ()),
        (T::RunEndEncoded(ends, a), T::RunEndEncoded(other_ends, b))
            if ends != other_ends || a.is_nullable() != b.is_nullable() =>
        {
            return Err(differ());
        }
        // Unions are compared as a whole: different nullability inside them is rare.
        (T::Union(..), _) => return Err(differ()),
        (first, other) if !is_alike(first, other) => return Err(differ()),
        _ => {}
    }
    let pairs = inner_fields(first).into_iter().zip(inner_fields(other));
    let fields = pairs.map(|(a, b)| match first {
        T::Struct(_) => merge_fields(a, b, &place.field(a.name())),
        T::Map(..) => merge_entries(a, b, place),
        T::RunEndEncoded(..) => merge_fields(a, b, place),
        // The name of the field inside a list is only a convention (`item`, `element`, `array`).
        _ => merge_fields(a, b, &place.element()),
    });
    Ok(with_inner_fields(first, fields.map(|field| field.map(Arc::new)).collect::<Result<_>>()?))
}

/// Map entries are a struct of key and value, whose names are only a convention.
fn merge_entries(first: &Field, other: &Field, place: &Place) -> Result<Field> {
    let (one, two) = (first.data_type(), other.data_type());
    if !is_alike(one, two) {
        return Err(differ(place, &type_text(two), &type_text(one)));
    }
    let pairs = inner_fields(one).into_iter().zip(inner_fields(two)).enumerate();
    let parts = pairs.map(|(number, (a, b))| merge_fields(a, b, &place.of_entry(number)));
    let parts = parts.map(|part| part.map(Arc::new)).collect::<Result<_>>()?;
    Ok(first.clone().with_data_type(with_inner_fields(one, parts)))
}

fn described(field: &Field) -> String {
    let data_type = type_text(field.data_type());
    match field.extension_type_name() {
        Some(name) => {
            let metadata = field.extension_type_metadata().unwrap_or_default();
            format!("{data_type} as {name} {metadata}").trim_end().to_owned()
        }
        None => data_type,
    }
}

fn differ(place: &Place, other: &str, first: &str) -> Error {
    Error::failed(format!("{place} is {other}, but {first} in the first"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: Vec<Field>) -> Schema {
        Schema::new(fields)
    }

    fn int(name: &str, nullable: bool) -> Field {
        Field::new(name, DataType::Int64, nullable)
    }

    fn message(first: Vec<Field>, other: Vec<Field>) -> String {
        merge_strict(&schema(first), &schema(other)).unwrap_err().to_string()
    }

    #[test]
    fn nullability_widens_at_every_depth() {
        let deep = |nullable| {
            let inner = Field::new("s", DataType::Struct(vec![int("a", nullable)].into()), false);
            schema(vec![Field::new("l", DataType::List(Arc::new(inner)), nullable)])
        };
        assert_eq!(merge_strict(&deep(false), &deep(true)), Ok(deep(true)));
        assert_eq!(merge_strict(&deep(true), &deep(false)), Ok(deep(true)));
    }

    #[test]
    fn what_allows_nulls_everywhere_unites_with_all() {
        let all = |nullable: bool| {
            let entries = Fields::from(vec![int("key", false), int("value", nullable)]);
            let entries = Field::new("entries", DataType::Struct(entries), false);
            let inner = Field::new("item", DataType::Map(Arc::new(entries), false), nullable);
            let lists = [
                DataType::List(Arc::new(inner.clone())),
                DataType::LargeListView(Arc::new(inner.clone())),
                DataType::FixedSizeList(Arc::new(inner), 2),
            ];
            let lists = lists.into_iter().map(|list| Field::new("l", list, nullable));
            let parts = DataType::Struct(lists.collect());
            schema(vec![Field::new("s", parts, nullable), int("i", nullable)])
        };
        assert_eq!(nullable(&all(false)), all(true));
        assert_eq!(merge_strict(&all(false), &all(true)), Ok(all(true)));
    }

    #[test]
    fn the_first_metadata_is_kept() {
        let with = |value: &str| {
            let metadata = [("k".to_owned(), value.to_owned())];
            Schema::new_with_metadata(
                vec![int("a", false).with_metadata(metadata.clone())],
                metadata,
            )
        };
        assert_eq!(merge_strict(&with("1"), &with("2")), Ok(with("1")));
    }

    #[test]
    fn a_difference_names_the_column_and_both_sides() {
        let text = Field::new("a", DataType::Utf8, false);
        assert_eq!(
            message(vec![int("a", false)], vec![text]),
            "column \"a\" is utf8, but int64 in the first"
        );
        let inside = |field| Field::new("s", DataType::Struct(vec![field].into()), false);
        let float = Field::new("x", DataType::Float64, false);
        assert_eq!(
            message(vec![inside(int("x", true))], vec![inside(float)]),
            "column \"s.x\" is float64, but int64 in the first"
        );
        assert_eq!(
            message(vec![int("a", false)], vec![]),
            "no column \"a\" (int64), which the first has (stream-cat --merge-schema union takes both)"
        );
        assert_eq!(
            message(vec![], vec![int("b", false)]),
            "column \"b\" (int64) is not in the first (stream-cat --merge-schema union takes both)"
        );
        let (a, b) = (int("a", false), int("b", false));
        assert_eq!(
            message(vec![a.clone(), b.clone()], vec![b, a]),
            "column 1 is \"b\", but \"a\" in the first (stream-cat --merge-schema union takes both)"
        );
    }

    #[test]
    fn extension_types_have_to_agree() {
        let uuid = |name: &str| {
            Field::new("u", DataType::FixedSizeBinary(16), false)
                .with_metadata([("ARROW:extension:name".to_owned(), name.to_owned())])
        };
        assert_eq!(
            message(vec![uuid("arrow.uuid")], vec![uuid("other")]),
            "column \"u\" is fixed_size_binary(16) as other, but fixed_size_binary(16) as arrow.uuid in the first"
        );
    }

    #[test]
    fn the_place_of_a_difference_in_a_list_or_map_is_named() {
        let list = |inner| Field::new_list("l", Field::new("item", inner, true), true);
        assert_eq!(
            message(vec![list(DataType::Utf8)], vec![list(DataType::Boolean)]),
            "column \"l\", list element is bool, but utf8 in the first"
        );
        let map = |value| {
            let entries = Fields::from(vec![int("key", false), Field::new("value", value, true)]);
            let entries = Field::new("entries", DataType::Struct(entries), false);
            Field::new("m", DataType::Map(Arc::new(entries), false), true)
        };
        assert_eq!(
            message(vec![map(DataType::Utf8)], vec![map(DataType::Boolean)]),
            "column \"m\", map value is bool, but utf8 in the first"
        );
    }
}
