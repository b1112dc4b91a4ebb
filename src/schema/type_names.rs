//! The names of types.

use super::cursor::Cursor;
use crate::error::Error;
use crate::text::{did_you_mean, escaped, similar};
use arrow::datatypes::{DataType, IntervalUnit};

/// Types that are one word. Where Arrow and SQL disagree, as on `int8`, Arrow takes precedence.
pub(crate) const PLAIN: &[(&str, DataType)] = &[
    ("null", DataType::Null),
    ("bool", DataType::Boolean),
    ("boolean", DataType::Boolean),
    ("int8", DataType::Int8),
    ("tinyint", DataType::Int8),
    ("int16", DataType::Int16),
    ("smallint", DataType::Int16),
    ("int32", DataType::Int32),
    ("int", DataType::Int32),
    ("integer", DataType::Int32),
    ("int64", DataType::Int64),
    ("bigint", DataType::Int64),
    ("uint8", DataType::UInt8),
    ("utinyint", DataType::UInt8),
    ("uint16", DataType::UInt16),
    ("usmallint", DataType::UInt16),
    ("uint32", DataType::UInt32),
    ("uinteger", DataType::UInt32),
    ("uint64", DataType::UInt64),
    ("ubigint", DataType::UInt64),
    ("hugeint", DataType::Decimal128(38, 0)),
    ("float16", DataType::Float16),
    ("halffloat", DataType::Float16),
    ("float32", DataType::Float32),
    ("float", DataType::Float32),
    ("real", DataType::Float32),
    ("float64", DataType::Float64),
    ("double", DataType::Float64),
    ("utf8", DataType::Utf8),
    ("string", DataType::Utf8),
    ("text", DataType::Utf8),
    ("varchar", DataType::Utf8),
    ("char", DataType::Utf8),
    ("character", DataType::Utf8),
    ("large_utf8", DataType::LargeUtf8),
    ("large_string", DataType::LargeUtf8),
    ("utf8_view", DataType::Utf8View),
    ("string_view", DataType::Utf8View),
    ("binary", DataType::Binary),
    ("varbinary", DataType::Binary),
    ("blob", DataType::Binary),
    ("bytea", DataType::Binary),
    ("large_binary", DataType::LargeBinary),
    ("binary_view", DataType::BinaryView),
    ("date", DataType::Date32),
    ("date32", DataType::Date32),
    ("date64", DataType::Date64),
    ("month_interval", DataType::Interval(IntervalUnit::YearMonth)),
    ("day_time_interval", DataType::Interval(IntervalUnit::DayTime)),
    ("month_day_nano_interval", DataType::Interval(IntervalUnit::MonthDayNano)),
    ("interval", DataType::Interval(IntervalUnit::MonthDayNano)),
];

/// Types whose name is followed by parameters.
pub(crate) const COMPOUND: &[&str] = &[
    "fixed_size_binary",
    "time32",
    "time64",
    "time",
    "timestamp",
    "timestamptz",
    "datetime",
    "duration",
    "decimal",
    "numeric",
    "decimal32",
    "decimal64",
    "decimal128",
    "decimal256",
    "list",
    "large_list",
    "list_view",
    "large_list_view",
    "fixed_size_list",
    "struct",
    "map",
    "dictionary",
    "run_end_encoded",
    "sparse_union",
    "dense_union",
];

pub(crate) fn unknown(start: &Cursor<'_>, name: &str) -> Error {
    let known = PLAIN.iter().map(|(name, _)| *name).chain(COMPOUND.iter().copied());
    let hint = did_you_mean(similar(name, known));
    start.error(&format!("unknown type \"{}\"{hint}", escaped(name)))
}
