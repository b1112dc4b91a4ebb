//! Types and schemas as text: `id int64 not null, at timestamp[us, UTC]`.
//!
//! The names are those of Arrow's documentation and pyarrow. [`crate::schema::parse_schema`] reads
//! the output as the same schema; only the metadata is left out.

use super::nested_types::element_field;
use super::type_names::PLAIN;
use super::type_parse_nested::{ITEM, KEY, VALUE};
use crate::time::unit::unit_symbol;
use arrow::datatypes::{DataType, Field, Schema, UnionMode};

/// A schema in the syntax of `--schema`, without its metadata.
pub fn schema_text(schema: &Schema) -> String {
    schema.fields().iter().map(|field| column(field)).collect::<Vec<_>>().join(", ")
}

/// A type in the syntax of `--schema`: `list<int64>`.
pub fn type_text(data_type: &DataType) -> String {
    let name = type_name(data_type);
    let inside = match data_type {
        DataType::FixedSizeList(item, length) => {
            return format!("fixed_size_list<{}>[{length}]", child(item, ITEM, true));
        }
        DataType::Struct(fields) => joined(fields.iter().map(|field| column(field))),
        DataType::Map(entries, sorted) => {
            let sorted = if *sorted { ", keys_sorted" } else { "" };
            format!("{}{sorted}", map_children(entries))
        }
        DataType::RunEndEncoded(ends, values) => {
            format!("{}, {}", child(ends, "run_ends", false), child(values, "values", true))
        }
        DataType::Union(fields, _) => {
            joined(fields.iter().map(|(id, field)| format!("{} = {id}", column(field))))
        }
        other => match element_field(other) {
            Some(item) => child(item, ITEM, true),
            None => return name,
        },
    };
    format!("{name}<{inside}>")
}

/// A type's name without the fields inside (`list`, `struct`), and in full for types without
/// fields: `decimal128(12, 2)`, `dictionary<int32, utf8>`.
pub fn type_name(data_type: &DataType) -> String {
    use DataType as T;
    let name = match data_type {
        T::Date32 => "date32",
        T::FixedSizeBinary(length) => return format!("fixed_size_binary({length})"),
        T::Time32(unit) => return format!("time32[{}]", unit_symbol(*unit)),
        T::Time64(unit) => return format!("time64[{}]", unit_symbol(*unit)),
        T::Duration(unit) => return format!("duration[{}]", unit_symbol(*unit)),
        T::Timestamp(unit, None) => return format!("timestamp[{}]", unit_symbol(*unit)),
        T::Timestamp(unit, Some(zone)) => {
            return format!("timestamp[{}, {}]", unit_symbol(*unit), zone_text(zone));
        }
        T::Decimal32(precision, scale) => return format!("decimal32({precision}, {scale})"),
        T::Decimal64(precision, scale) => return format!("decimal64({precision}, {scale})"),
        T::Decimal128(precision, scale) => return format!("decimal128({precision}, {scale})"),
        T::Decimal256(precision, scale) => return format!("decimal256({precision}, {scale})"),
        T::List(_) => "list",
        T::LargeList(_) => "large_list",
        T::ListView(_) => "list_view",
        T::LargeListView(_) => "large_list_view",
        T::FixedSizeList(_, length) => return format!("fixed_size_list[{length}]"),
        T::Struct(_) => "struct",
        T::Map(_, _) => "map",
        T::Dictionary(keys, values) => {
            return format!("dictionary<{}, {}>", type_text(keys), type_text(values));
        }
        T::RunEndEncoded(_, _) => "run_end_encoded",
        T::Union(_, UnionMode::Sparse) => "sparse_union",
        T::Union(_, UnionMode::Dense) => "dense_union",
        // Arrow's own name precedes those of SQL there, except for dates.
        plain => match PLAIN.iter().find(|(_, known)| known == plain) {
            Some((name, _)) => name,
            None => return plain.to_string(),
        },
    };
    name.to_owned()
}

/// `id int64 not null`, the syntax of columns and struct members.
fn column(field: &Field) -> String {
    format!("{} {}", name_text(field.name()), type_and_nullability(field, true))
}

/// The child of a list: only its type if it has the usual name.
fn child(field: &Field, usual_name: &str, usually_nullable: bool) -> String {
    let inside = type_and_nullability(field, usually_nullable);
    if field.name() == usual_name {
        return inside;
    }
    format!("{}: {inside}", name_text(field.name()))
}

/// Keys are never null; a schema of another program that says otherwise is written as if it were
/// correct.
fn map_children(entries: &Field) -> String {
    match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 => {
            format!("{}, {}", child(&fields[0], KEY, false), child(&fields[1], VALUE, true))
        }
        other => type_text(other),
    }
}

fn type_and_nullability(field: &Field, usually_nullable: bool) -> String {
    let not_null = if usually_nullable && !field.is_nullable() { " not null" } else { "" };
    format!("{}{not_null}", type_text(field.data_type()))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn zone_text(zone: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '+' | '-' | ':');
    if !zone.is_empty() && zone.chars().all(is_plain) { zone.to_owned() } else { quoted(zone) }
}

/// A name as it is if it is a plain word, else in double quotes.
fn name_text(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_';
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    // After a type, `not` would be read as the start of `not null`.
    if starts_well && name.chars().all(is_plain) && !name.eq_ignore_ascii_case("not") {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
