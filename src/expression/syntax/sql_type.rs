//! The type names in `CAST`, and the Arrow types they stand for. Source: DuckDB's manual, "Data
//! types"; in addition, names for Arrow's own layouts.

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};
use std::sync::Arc;

/// The target of a cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CastTarget {
    Plain(DataType),
    /// Integers of 38 digits, which are decimals in Arrow.
    HugeInteger,
    /// The same values dictionary-encoded, with keys of this type.
    Dictionary(DataType),
    /// The same values run-end encoded.
    RunEnds,
    /// 16 bytes of the extension type `arrow.uuid`.
    Uuid,
}

/// The Arrow type of a type name; None if the name is not supported.
pub(crate) fn arrow_type(sql: &sqlparser::ast::DataType) -> Option<CastTarget> {
    if let Some(nested) = nested(sql) {
        return nested.map(CastTarget::Plain);
    }
    let name = sql.to_string().to_ascii_uppercase();
    let (name, arguments) = match name.split_once('(') {
        Some((name, rest)) => {
            let (arguments, behind) = rest.split_once(')')?;
            (format!("{}{behind}", name.trim_end()), Some(arguments.to_owned()))
        }
        None => (name, None),
    };
    let arguments = arguments.as_deref();
    match (name.as_str(), arguments) {
        ("DICTIONARY", None) => Some(CastTarget::Dictionary(DataType::Int32)),
        ("DICTIONARY", Some(keys)) => keys_type(keys.trim()).map(CastTarget::Dictionary),
        ("HUGEINT" | "INT128", None) => Some(CastTarget::HugeInteger),
        ("RUN_END_ENCODED", None) => Some(CastTarget::RunEnds),
        ("UUID", None) => Some(CastTarget::Uuid),
        (name, arguments) => plain(name, arguments).map(CastTarget::Plain),
    }
}

/// The type of `DOUBLE[]` or `STRUCT(a INTEGER, b VARCHAR)`: none for any other type; the inner
/// option is none if a part is unknown.
fn nested(sql: &sqlparser::ast::DataType) -> Option<Option<DataType>> {
    use sqlparser::ast::{ArrayElemTypeDef, DataType as Sql};
    let part = |sql: &Sql| match arrow_type(sql)? {
        CastTarget::Plain(data_type) => Some(data_type),
        CastTarget::HugeInteger => Some(DataType::Decimal128(38, 0)),
        CastTarget::Dictionary(_) | CastTarget::RunEnds | CastTarget::Uuid => None,
    };
    match sql {
        Sql::Array(ArrayElemTypeDef::SquareBracket(element, None)) => {
            let list = |element| DataType::List(Arc::new(Field::new_list_field(element, true)));
            Some(part(element).map(list))
        }
        Sql::Struct(fields, _) => {
            let field = |field: &sqlparser::ast::StructField| {
                let name = field.field_name.as_ref()?.value.clone();
                Some(Field::new(name, part(&field.field_type)?, true))
            };
            Some(fields.iter().map(field).collect::<Option<Fields>>().map(DataType::Struct))
        }
        _ => None,
    }
}

/// Keys are an Arrow concept, so they have Arrow's names: `INT8` has 8 bits here, not 8 bytes.
fn keys_type(name: &str) -> Option<DataType> {
    Some(match name {
        "INT8" => DataType::Int8,
        "INT16" => DataType::Int16,
        "INT32" => DataType::Int32,
        "INT64" => DataType::Int64,
        "UINT8" => DataType::UInt8,
        "UINT16" => DataType::UInt16,
        "UINT32" => DataType::UInt32,
        "UINT64" => DataType::UInt64,
        _ => return None,
    })
}

fn plain(name: &str, arguments: Option<&str>) -> Option<DataType> {
    let number = |text: &str| text.trim().parse::<i32>().ok();
    let seconds = |unit| DataType::Timestamp(unit, None);
    let zoned = |unit| DataType::Timestamp(unit, Some("UTC".into()));
    // DuckDB accepts a length for text and ignores it.
    if let "VARCHAR" | "TEXT" | "STRING" | "CHAR" | "CHARACTER VARYING" | "BPCHAR" = name {
        return Some(DataType::Utf8);
    }
    Some(match (name, arguments) {
        ("BOOLEAN" | "BOOL" | "LOGICAL", None) => DataType::Boolean,
        ("TINYINT" | "INT1", None) => DataType::Int8,
        ("SMALLINT" | "INT2" | "SHORT" | "INT16", None) => DataType::Int16,
        ("INTEGER" | "INT" | "INT4" | "SIGNED" | "INT32", None) => DataType::Int32,
        ("BIGINT" | "INT8" | "LONG" | "INT64", None) => DataType::Int64,
        ("UTINYINT" | "UINT8", None) => DataType::UInt8,
        ("USMALLINT" | "UINT16", None) => DataType::UInt16,
        ("UINTEGER" | "UINT32", None) => DataType::UInt32,
        ("UBIGINT" | "UINT64", None) => DataType::UInt64,
        ("FLOAT16" | "HALF_FLOAT", None) => DataType::Float16,
        ("FLOAT" | "REAL" | "FLOAT4" | "FLOAT32", None) => DataType::Float32,
        ("DOUBLE" | "DOUBLE PRECISION" | "FLOAT8" | "FLOAT64", None) => DataType::Float64,
        // DuckDB's default.
        ("DECIMAL" | "NUMERIC" | "DEC", None) => DataType::Decimal128(18, 3),
        ("DECIMAL" | "NUMERIC" | "DEC", Some(digits)) => decimal(name, digits, 76)?,
        ("DECIMAL32", Some(digits)) => decimal(name, digits, 9)?,
        ("DECIMAL64", Some(digits)) => decimal(name, digits, 18)?,
        ("DECIMAL128", Some(digits)) => decimal(name, digits, 38)?,
        ("DECIMAL256", Some(digits)) => decimal(name, digits, 76)?,
        ("UTF8", None) => DataType::Utf8,
        ("LARGE_UTF8", None) => DataType::LargeUtf8,
        ("UTF8_VIEW", None) => DataType::Utf8View,
        ("BLOB" | "BYTEA" | "BINARY" | "VARBINARY", None) => DataType::Binary,
        ("LARGE_BINARY", None) => DataType::LargeBinary,
        ("BINARY_VIEW", None) => DataType::BinaryView,
        ("FIXED_SIZE_BINARY", Some(bytes)) => {
            DataType::FixedSizeBinary(number(bytes).filter(|bytes| *bytes >= 0)?)
        }
        ("DATE" | "DATE32", None) => DataType::Date32,
        ("DATE64", None) => DataType::Date64,
        ("TIME" | "TIME WITHOUT TIME ZONE", None) => DataType::Time64(TimeUnit::Microsecond),
        ("TIME" | "TIME WITHOUT TIME ZONE", Some(digits)) => match unit(number(digits)?)? {
            unit @ (TimeUnit::Second | TimeUnit::Millisecond) => DataType::Time32(unit),
            unit => DataType::Time64(unit),
        },
        ("INTERVAL", None) => DataType::Interval(IntervalUnit::MonthDayNano),
        ("TIME_NS", None) => DataType::Time64(TimeUnit::Nanosecond),
        ("TIMESTAMP" | "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE" | "TIMESTAMP_US", None) => {
            seconds(TimeUnit::Microsecond)
        }
        ("TIMESTAMP" | "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE", Some(digits)) => {
            seconds(unit(number(digits)?)?)
        }
        ("TIMESTAMP_S", None) => seconds(TimeUnit::Second),
        ("TIMESTAMP_MS", None) => seconds(TimeUnit::Millisecond),
        ("TIMESTAMP_NS", None) => seconds(TimeUnit::Nanosecond),
        ("TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE", None) => zoned(TimeUnit::Microsecond),
        ("TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE", Some(digits)) => zoned(unit(number(digits)?)?),
        _ => return None,
    })
}

/// Digits of the fraction of a second; DuckDB takes the next unit that holds them.
fn unit(digits: i32) -> Option<TimeUnit> {
    Some(match digits {
        0 => TimeUnit::Second,
        1..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        7..=9 => TimeUnit::Nanosecond,
        _ => return None,
    })
}

/// `precision` or `precision, scale`; up to 76 digits instead of DuckDB's 38.
fn decimal(name: &str, arguments: &str, most: u8) -> Option<DataType> {
    let (precision, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
    let (precision, scale): (u8, i8) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    if scale < 0 || scale as u8 > precision || !(1..=most).contains(&precision) {
        return None;
    }
    Some(match name {
        "DECIMAL32" => DataType::Decimal32(precision, scale),
        "DECIMAL64" => DataType::Decimal64(precision, scale),
        "DECIMAL256" => DataType::Decimal256(precision, scale),
        _ if precision > 38 => DataType::Decimal256(precision, scale),
        _ => DataType::Decimal128(precision, scale),
    })
}
