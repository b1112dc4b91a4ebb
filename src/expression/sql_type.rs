//! The names of types in `CAST`, and the Arrow types they mean. Source: DuckDB's manual, "Data
//! types".

use arrow::datatypes::{DataType, TimeUnit};

/// The Arrow type that a type's name means; None if there is none here.
pub(super) fn arrow_type(sql: &sqlparser::ast::DataType) -> Option<DataType> {
    let name = sql.to_string().to_ascii_uppercase();
    let (name, arguments) = match name.split_once('(') {
        Some((name, rest)) => {
            let (arguments, behind) = rest.split_once(')')?;
            (format!("{}{behind}", name.trim_end()), Some(arguments.to_owned()))
        }
        None => (name, None),
    };
    let timestamp = |unit| DataType::Timestamp(unit, None);
    Some(match name.as_str() {
        "BOOLEAN" | "BOOL" | "LOGICAL" => DataType::Boolean,
        "TINYINT" | "INT1" => DataType::Int8,
        "SMALLINT" | "INT2" | "SHORT" | "INT16" => DataType::Int16,
        "INTEGER" | "INT" | "INT4" | "SIGNED" | "INT32" => DataType::Int32,
        "BIGINT" | "INT8" | "LONG" | "INT64" => DataType::Int64,
        "HUGEINT" | "INT128" => DataType::Decimal128(38, 0),
        "UTINYINT" | "UINT8" => DataType::UInt8,
        "USMALLINT" | "UINT16" => DataType::UInt16,
        "UINTEGER" | "UINT32" => DataType::UInt32,
        "UBIGINT" | "UINT64" => DataType::UInt64,
        "FLOAT" | "REAL" | "FLOAT4" | "FLOAT32" => DataType::Float32,
        "DOUBLE" | "DOUBLE PRECISION" | "FLOAT8" | "FLOAT64" => DataType::Float64,
        "DECIMAL" | "NUMERIC" | "DEC" => decimal(arguments.as_deref())?,
        "VARCHAR" | "TEXT" | "STRING" | "CHAR" | "CHARACTER VARYING" | "BPCHAR" => DataType::Utf8,
        "BLOB" | "BYTEA" | "BINARY" | "VARBINARY" => DataType::Binary,
        "DATE" => DataType::Date32,
        "TIME" | "TIME WITHOUT TIME ZONE" => DataType::Time64(TimeUnit::Microsecond),
        "TIMESTAMP" | "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE" | "TIMESTAMP_US" => {
            timestamp(TimeUnit::Microsecond)
        }
        "TIMESTAMP_S" => timestamp(TimeUnit::Second),
        "TIMESTAMP_MS" => timestamp(TimeUnit::Millisecond),
        "TIMESTAMP_NS" => timestamp(TimeUnit::Nanosecond),
        "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        }
        _ => return None,
    })
}

/// `DECIMAL` alone is `DECIMAL(18,3)`, as in DuckDB; up to 76 digits instead of 38.
fn decimal(arguments: Option<&str>) -> Option<DataType> {
    let Some(arguments) = arguments else { return Some(DataType::Decimal128(18, 3)) };
    let (precision, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
    let (precision, scale): (u8, i8) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    match precision {
        _ if scale < 0 || scale as u8 > precision => None,
        1..=38 => Some(DataType::Decimal128(precision, scale)),
        39..=76 => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}
