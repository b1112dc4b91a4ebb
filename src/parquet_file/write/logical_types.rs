//! Writes logical types for which Arrow has no data type as Parquet annotations.
//!
//! Arrow names them in field metadata: with an extension type (`arrow.uuid`, `arrow.json`,
//! `geoarrow.wkb`, `arrow.parquet.variant`) or, if there is none, with `PARQUET:logical_type`. The
//! crate can write some of the extension types, with features that link three more crates; it
//! writes neither ENUM nor BSON, nor an INTERVAL with both months and milliseconds.

use super::geospatial::geospatial_type;
use crate::parquet_file::storable::LOGICAL_TYPE;
use crate::schema::{element_field, plain_type};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use parquet::basic::{ConvertedType, LogicalType};
use parquet::errors::Result;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::slice::from_ref;
use std::sync::Arc;

/// Adds the logical types that the Arrow fields name to a Parquet schema. `parquet` is the crate's
/// schema of these fields, in which an interval is 12 bytes.
///
/// # Errors
/// A type that the crate refuses.
pub(crate) fn with_logical_types(
    parquet: &SchemaDescriptor,
    fields: &Schema,
) -> Result<SchemaDescriptor> {
    let root = parquet.root_schema();
    let columns = annotated_all(root.get_fields(), fields.fields())?;
    let root = Type::group_type_builder(root.name()).with_fields(columns).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

fn annotated_all(parquet: &[TypePtr], fields: &[FieldRef]) -> Result<Vec<TypePtr>> {
    parquet.iter().zip(fields).map(|(parquet, field)| annotated(parquet, field)).collect()
}

fn annotated(parquet: &TypePtr, field: &Field) -> Result<TypePtr> {
    // Parquet's schema has neither dictionary nor run-end encoded types.
    let data_type = plain_type(field.data_type());
    if parquet.is_primitive() {
        return match logical_type(field, data_type) {
            Some(logical_type) => primitive(parquet, Some(logical_type), ConvertedType::NONE),
            None if matches!(data_type, DataType::Interval(_)) => {
                primitive(parquet, None, ConvertedType::INTERVAL)
            }
            None => Ok(parquet.clone()),
        };
    }
    // A list or map has one repeated group, which holds the element, or the key and the value.
    let repeated = |inner: &[FieldRef]| -> Result<Vec<TypePtr>> {
        let groups = parquet.get_fields().iter();
        groups.map(|it| group(it, annotated_all(it.get_fields(), inner)?, None)).collect()
    };
    let of_group = parquet.get_basic_info().logical_type_ref().cloned();
    match data_type {
        DataType::Struct(fields) => {
            let logical_type = is_variant(field).then(|| LogicalType::variant(None)).or(of_group);
            group(parquet, annotated_all(parquet.get_fields(), fields)?, logical_type)
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => group(parquet, repeated(fields)?, of_group),
            _ => Ok(parquet.clone()),
        },
        other => match element_field(other) {
            Some(element) => group(parquet, repeated(from_ref(element))?, of_group),
            None => Ok(parquet.clone()),
        },
    }
}

/// The logical type that a field names, if it fits the field's values.
fn logical_type(field: &Field, data_type: &DataType) -> Option<LogicalType> {
    use DataType as T;
    let is_text = data_type.is_string();
    let is_binary = is_binary(data_type);
    match field.extension_type_name() {
        Some("arrow.uuid") if *data_type == T::FixedSizeBinary(16) => Some(LogicalType::Uuid),
        Some("arrow.json") if is_text => Some(LogicalType::Json),
        Some("geoarrow.wkb" | "ogc.wkb") if is_binary => {
            geospatial_type(field.extension_type_metadata().unwrap_or_default())
        }
        _ => match field.metadata().get(LOGICAL_TYPE).map(String::as_str) {
            Some("ENUM") if is_text => Some(LogicalType::Enum),
            Some("BSON") if is_binary => Some(LogicalType::Bson),
            _ => None,
        },
    }
}

fn is_binary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

/// Whether a struct has the extension type of variants and the fields that the format requires.
fn is_variant(field: &Field) -> bool {
    let DataType::Struct(fields) = field.data_type() else { return false };
    let has_binary = |name: &str| {
        let mut named = fields.iter().filter(|field| field.name() == name);
        named.any(|field| is_binary(plain_type(field.data_type())))
    };
    let has_value = has_binary("value") || fields.iter().any(|it| it.name() == "typed_value");
    field.extension_type_name() == Some("arrow.parquet.variant")
        && has_binary("metadata")
        && has_value
}

/// The same primitive type with a logical type, or with a converted type that has no logical type.
fn primitive(
    parquet: &Type,
    logical_type: Option<LogicalType>,
    converted_type: ConvertedType,
) -> Result<TypePtr> {
    let info = parquet.get_basic_info();
    let length = match parquet {
        Type::PrimitiveType { type_length, .. } => *type_length,
        Type::GroupType { .. } => return Ok(Arc::new(parquet.clone())),
    };
    Type::primitive_type_builder(parquet.name(), parquet.get_physical_type())
        .with_repetition(info.repetition())
        .with_id(info.has_id().then(|| info.id()))
        .with_length(length)
        .with_logical_type(logical_type)
        .with_converted_type(converted_type)
        .build()
        .map(Arc::new)
}

/// The same group with other fields.
fn group(
    parquet: &Type,
    fields: Vec<TypePtr>,
    logical_type: Option<LogicalType>,
) -> Result<TypePtr> {
    let info = parquet.get_basic_info();
    Type::group_type_builder(parquet.name())
        .with_repetition(info.repetition())
        .with_id(info.has_id().then(|| info.id()))
        .with_logical_type(logical_type)
        .with_fields(fields)
        .build()
        .map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::arrow::ArrowSchemaConverter;
    use parquet::schema::printer::print_schema;

    fn named(field: Field, key: &str, value: &str) -> Field {
        field.with_metadata([(key.to_owned(), value.to_owned())])
    }

    fn text(field: Field) -> String {
        let schema = Schema::new(vec![field]);
        let parquet = ArrowSchemaConverter::new().convert(&schema).unwrap();
        let annotated = with_logical_types(&parquet, &schema).unwrap();
        let mut text = Vec::new();
        print_schema(&mut text, annotated.root_schema());
        let text = String::from_utf8(text).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn logical_types_are_written_at_any_depth_if_they_fit() {
        let uuid = |length| {
            let field = Field::new("u", DataType::FixedSizeBinary(length), false);
            named(field, "ARROW:extension:name", "arrow.uuid")
        };
        let (key, value) = (Field::new("k", DataType::Utf8, false), uuid(16));
        let entries = DataType::Struct(vec![key, value].into());
        let map = DataType::Map(Arc::new(Field::new("entries", entries, false)), false);
        assert_eq!(
            text(Field::new("m", map, true)),
            "message arrow_schema { OPTIONAL group m (MAP) { REPEATED group entries { REQUIRED \
             BYTE_ARRAY k (STRING); REQUIRED FIXED_LEN_BYTE_ARRAY (16) u (UUID); } } }"
        );
        assert_eq!(text(uuid(4)), "message arrow_schema { REQUIRED FIXED_LEN_BYTE_ARRAY (4) u; }");
        let words = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
        let word = named(Field::new("w", words, true), LOGICAL_TYPE, "ENUM");
        let list = DataType::FixedSizeList(Arc::new(word), 2);
        assert_eq!(
            text(Field::new("l", list, false)),
            "message arrow_schema { REQUIRED group l (LIST) { REPEATED group list { OPTIONAL \
             BYTE_ARRAY w (ENUM); } } }"
        );
        let bson = named(Field::new("b", DataType::Utf8, true), LOGICAL_TYPE, "BSON");
        assert_eq!(text(bson), "message arrow_schema { OPTIONAL BYTE_ARRAY b (STRING); }");
    }
}
