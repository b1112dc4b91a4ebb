//! Parquet types: the meaning of a leaf's values, and the name of its type.
//!
//! The older converted types are read as the equivalent newer logical types (parquet-format,
//! LogicalTypes.md, "compatibility").

use super::{Field, Occurs};
use crate::time::unit::unit_symbol;
use arrow::datatypes::TimeUnit;
use parquet::basic::{
    ConvertedType, IntType, LogicalType, Repetition, TimeUnit as ParquetUnit, Type as Physical,
};
use parquet::schema::types::Type;

/// The meaning of a leaf's stored values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Boolean,
    Signed {
        bits: u8,
    },
    Unsigned {
        bits: u8,
    },
    Float16,
    Float32,
    Float64,
    Decimal {
        precision: i32,
        scale: i32,
    },
    Date,
    Time(TimeUnit),
    Timestamp {
        unit: TimeUnit,
        utc: bool,
    },
    Text(&'static str),
    Uuid,
    Binary {
        fixed_bytes: Option<i32>,
    },
    /// Values whose min and max are meaningless to people; only the name is shown.
    Opaque(&'static str),
}

/// The schema below the root as a tree.
pub(super) fn fields(root: &Type) -> Vec<Field> {
    // A root without fields is read as a primitive type: the table is empty.
    if root.is_group() {
        root.get_fields().iter().map(|field| tree(field)).collect()
    } else {
        vec![]
    }
}

/// The meaning of a leaf's values; for a group, its name.
pub(super) fn meaning(leaf: &Type) -> Meaning {
    let Type::PrimitiveType { basic_info, physical_type, type_length, scale, precision } = leaf
    else {
        return Meaning::Opaque(group_name(leaf));
    };
    basic_info
        .logical_type_ref()
        .and_then(logical)
        .or_else(|| converted(basic_info.converted_type(), *precision, *scale))
        .filter(|meaning| fits(*meaning, *physical_type, *type_length))
        .unwrap_or_else(|| physical(*physical_type, *type_length))
}

/// The type in lower-case words.
pub(super) fn name(meaning: Meaning) -> String {
    match meaning {
        Meaning::Boolean => "boolean".to_owned(),
        Meaning::Signed { bits } => format!("int{bits}"),
        Meaning::Unsigned { bits } => format!("uint{bits}"),
        Meaning::Float16 => "float16".to_owned(),
        Meaning::Float32 => "float32".to_owned(),
        Meaning::Float64 => "float64".to_owned(),
        Meaning::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        Meaning::Date => "date".to_owned(),
        Meaning::Time(unit) => format!("time({})", unit_symbol(unit)),
        Meaning::Timestamp { unit, utc: true } => format!("timestamp({}, utc)", unit_symbol(unit)),
        Meaning::Timestamp { unit, utc: false } => format!("timestamp({})", unit_symbol(unit)),
        Meaning::Uuid => "uuid".to_owned(),
        Meaning::Binary { fixed_bytes: Some(bytes) } => format!("binary({bytes})"),
        Meaning::Binary { fixed_bytes: None } => "binary".to_owned(),
        Meaning::Text(name) | Meaning::Opaque(name) => name.to_owned(),
    }
}

fn tree(field: &Type) -> Field {
    let info = field.get_basic_info();
    let occurs = match info.has_repetition().then(|| info.repetition()) {
        Some(Repetition::OPTIONAL) => Occurs::Optional,
        Some(Repetition::REPEATED) => Occurs::Repeated,
        Some(Repetition::REQUIRED) | None => Occurs::Required,
    };
    let mut metadata = Vec::new();
    if info.has_id() {
        metadata.push(("PARQUET:field_id".to_owned(), info.id().to_string()));
    }
    Field {
        name: field.name().to_owned(),
        type_name: name(meaning(field)),
        occurs,
        children: fields(field),
        metadata,
    }
}

fn group_name(group: &Type) -> &'static str {
    let info = group.get_basic_info();
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::List), _) | (None, ConvertedType::LIST) => "list",
        (Some(LogicalType::Map), _) | (None, ConvertedType::MAP) => "map",
        (Some(LogicalType::Variant(_)), _) => "variant",
        _ => "group",
    }
}

fn logical(logical: &LogicalType) -> Option<Meaning> {
    Some(match logical {
        LogicalType::String => Meaning::Text("string"),
        LogicalType::Enum => Meaning::Text("enum"),
        LogicalType::Json => Meaning::Text("json"),
        LogicalType::Integer(IntType { bit_width, is_signed }) => {
            let bits = u8::try_from(*bit_width).ok()?;
            if *is_signed { Meaning::Signed { bits } } else { Meaning::Unsigned { bits } }
        }
        LogicalType::Decimal(decimal) => {
            Meaning::Decimal { precision: decimal.precision, scale: decimal.scale }
        }
        LogicalType::Date => Meaning::Date,
        LogicalType::Time(time) => Meaning::Time(time_unit(&time.unit)),
        LogicalType::Timestamp(timestamp) => Meaning::Timestamp {
            unit: time_unit(&timestamp.unit),
            utc: timestamp.is_adjusted_to_u_t_c,
        },
        LogicalType::Uuid => Meaning::Uuid,
        LogicalType::Float16 => Meaning::Float16,
        LogicalType::Bson => Meaning::Opaque("bson"),
        LogicalType::Unknown => Meaning::Opaque("null"),
        LogicalType::Geometry(_) => Meaning::Opaque("geometry"),
        LogicalType::Geography(_) => Meaning::Opaque("geography"),
        _ => return None,
    })
}

fn converted(converted: ConvertedType, precision: i32, scale: i32) -> Option<Meaning> {
    Some(match converted {
        ConvertedType::UTF8 => Meaning::Text("string"),
        ConvertedType::ENUM => Meaning::Text("enum"),
        ConvertedType::JSON => Meaning::Text("json"),
        ConvertedType::BSON => Meaning::Opaque("bson"),
        ConvertedType::INTERVAL => Meaning::Opaque("interval"),
        ConvertedType::DECIMAL => Meaning::Decimal { precision, scale },
        ConvertedType::DATE => Meaning::Date,
        ConvertedType::TIME_MILLIS => Meaning::Time(TimeUnit::Millisecond),
        ConvertedType::TIME_MICROS => Meaning::Time(TimeUnit::Microsecond),
        // Timestamps of the converted types are in UTC by definition.
        ConvertedType::TIMESTAMP_MILLIS => {
            Meaning::Timestamp { unit: TimeUnit::Millisecond, utc: true }
        }
        ConvertedType::TIMESTAMP_MICROS => {
            Meaning::Timestamp { unit: TimeUnit::Microsecond, utc: true }
        }
        ConvertedType::UINT_8 => Meaning::Unsigned { bits: 8 },
        ConvertedType::UINT_16 => Meaning::Unsigned { bits: 16 },
        ConvertedType::UINT_32 => Meaning::Unsigned { bits: 32 },
        ConvertedType::UINT_64 => Meaning::Unsigned { bits: 64 },
        ConvertedType::INT_8 => Meaning::Signed { bits: 8 },
        ConvertedType::INT_16 => Meaning::Signed { bits: 16 },
        ConvertedType::INT_32 => Meaning::Signed { bits: 32 },
        ConvertedType::INT_64 => Meaning::Signed { bits: 64 },
        _ => return None,
    })
}

fn physical(physical: Physical, length: i32) -> Meaning {
    match physical {
        Physical::BOOLEAN => Meaning::Boolean,
        Physical::INT32 => Meaning::Signed { bits: 32 },
        Physical::INT64 => Meaning::Signed { bits: 64 },
        Physical::INT96 => Meaning::Opaque("int96"),
        Physical::FLOAT => Meaning::Float32,
        Physical::DOUBLE => Meaning::Float64,
        Physical::BYTE_ARRAY => Meaning::Binary { fixed_bytes: None },
        Physical::FIXED_LEN_BYTE_ARRAY => Meaning::Binary { fixed_bytes: Some(length) },
    }
}

/// Whether a column of this physical type can have this meaning: a foreign schema may claim
/// anything.
fn fits(meaning: Meaning, physical: Physical, length: i32) -> bool {
    let is_integer = matches!(physical, Physical::INT32 | Physical::INT64);
    let is_bytes = matches!(physical, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
    match meaning {
        Meaning::Signed { .. } | Meaning::Unsigned { .. } | Meaning::Date => is_integer,
        Meaning::Time(_) | Meaning::Timestamp { .. } => is_integer,
        Meaning::Decimal { .. } => is_integer || is_bytes,
        Meaning::Text(_) => is_bytes,
        Meaning::Float16 => physical == Physical::FIXED_LEN_BYTE_ARRAY && length == 2,
        Meaning::Uuid => physical == Physical::FIXED_LEN_BYTE_ARRAY && length == 16,
        _ => true,
    }
}

fn time_unit(unit: &ParquetUnit) -> TimeUnit {
    match unit {
        ParquetUnit::MILLIS => TimeUnit::Millisecond,
        ParquetUnit::MICROS => TimeUnit::Microsecond,
        ParquetUnit::NANOS => TimeUnit::Nanosecond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;

    #[test]
    fn types_are_named_in_lower_case_words() {
        let schema = parse_message_type(
            "message m {
               REQUIRED INT32 a;
               OPTIONAL INT32 b (INTEGER(8,false));
               OPTIONAL FIXED_LEN_BYTE_ARRAY (5) c (DECIMAL(10,2));
               OPTIONAL INT64 d (TIMESTAMP(NANOS,true));
               OPTIONAL INT64 e (TIMESTAMP_MICROS);
               OPTIONAL BYTE_ARRAY f (STRING);
               OPTIONAL GROUP g (LIST) { REPEATED GROUP list { OPTIONAL INT96 element; } }
             }",
        )
        .unwrap();
        let fields = fields(&schema);
        let shown: Vec<&str> = fields.iter().map(|field| field.type_name.as_str()).collect();
        assert_eq!(
            shown,
            [
                "int32",
                "uint8",
                "decimal(10, 2)",
                "timestamp(ns, utc)",
                "timestamp(us, utc)",
                "string",
                "list"
            ]
        );
        let element = &fields[6].children[0].children[0];
        assert_eq!((element.name.as_str(), element.type_name.as_str()), ("element", "int96"));
        assert_eq!(fields[6].children[0].occurs, Occurs::Repeated);
    }
}
