//! Parses schemas, as used in options: `id int64, name utf8 not null`.
//!
//! The syntax: a name and a type for each column, separated by commas or line breaks; `not null`
//! after the type; `--` begins a comment. [`crate::schema::type_text`] is the inverse.

use super::cursor::Cursor;
use super::type_parse::field;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::datatypes::Schema;
use std::collections::HashSet;
use std::path::Path;

/// Larger files are not schemas, and are not read.
const MOST_FILE_BYTES: u64 = 16 << 20;

/// The schema in an option's value: that in the file of this name if there is one, else that in the
/// value itself.
///
/// # Errors
/// Those of [`parse_schema`], with the file's name; a file that cannot be read. All are usage
/// errors.
pub fn given_schema(value: &str) -> Result<Schema> {
    let path = Path::new(value);
    // A FIFO or /dev/fd/N is a file too; a schema with the name of an existing file is unlikely.
    if path.exists() {
        return read_schema(path).map_err(|error| error.with(escaped(value)).as_usage());
    }
    let is_name = |sign: char| sign.is_alphanumeric() || sign == '_';
    parse_schema(value).map_err(|error| match value.contains(char::is_whitespace) {
        true => error,
        false if !value.is_empty() && value.chars().all(is_name) => Error::usage(format!(
            "{value} is not a file, and as a column it has no type (try '{value} int64')"
        )),
        false => Error::usage(format!(
            "\"{}\" is neither a file nor a schema (try 'id int64, name utf8')",
            escaped(value)
        )),
    })
}

/// Parses a schema; names must be unique.
///
/// # Errors
/// Invalid text, with the position (a usage error).
pub fn parse_schema(text: &str) -> Result<Schema> {
    let mut cursor = Cursor::new(text);
    let mut fields = Vec::new();
    let mut names = HashSet::new();
    while !cursor.is_at_end() {
        let place = cursor.place();
        let field = field(&mut cursor, 0)?;
        if !names.insert(field.name().clone()) {
            let name = escaped(field.name());
            return Err(place.error(&format!("column \"{name}\" is given twice")));
        }
        fields.push(field);
        let line_ended = cursor.skip_blank();
        if !cursor.takes(',') && !line_ended && !cursor.is_at_end() {
            return Err(cursor.expected("a comma"));
        }
    }
    if fields.is_empty() {
        return Err(Error::usage("the schema has no columns (try 'id int64, name utf8')"));
    }
    Ok(Schema::new(fields))
}

fn read_schema(path: &Path) -> Result<Schema> {
    use std::io::Read;
    let cannot = |e| Error::io("cannot read the schema", &e);
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= MOST_FILE_BYTES);
    match text {
        Some(text) if !text.contains('\0') => parse_schema(&text),
        _ => Err(Error::failed("not a schema as text (such as: id int64, name utf8)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{schema_text, type_text};
    use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit, UnionFields};
    use arrow::datatypes::{FieldRef, UnionMode};
    use std::sync::Arc;

    fn item(data_type: DataType, nullable: bool) -> FieldRef {
        Arc::new(Field::new("item", data_type, nullable))
    }

    fn map(key: &str, sorted: bool) -> DataType {
        let fields = vec![
            Field::new(key, DataType::Utf8, false),
            Field::new("value", DataType::List(item(DataType::Int64, true)), true),
        ];
        let entries = Field::new("entries", DataType::Struct(fields.into()), false);
        DataType::Map(Arc::new(entries), sorted)
    }

    fn every_type() -> Vec<DataType> {
        use DataType::*;
        let mut types = vec![
            Null,
            Boolean,
            Int8,
            Int16,
            Int32,
            Int64,
            UInt8,
            UInt16,
            UInt32,
            UInt64,
            Float16,
            Float32,
            Float64,
            Utf8,
            LargeUtf8,
            Utf8View,
            Binary,
            LargeBinary,
            BinaryView,
            FixedSizeBinary(0),
            FixedSizeBinary(16),
            Date32,
            Date64,
            Time32(TimeUnit::Second),
            Time32(TimeUnit::Millisecond),
            Time64(TimeUnit::Microsecond),
            Time64(TimeUnit::Nanosecond),
            Interval(IntervalUnit::YearMonth),
            Interval(IntervalUnit::DayTime),
            Interval(IntervalUnit::MonthDayNano),
            Decimal32(9, 2),
            Decimal64(18, 0),
            Decimal128(38, 38),
            Decimal128(5, -3),
            Decimal256(76, 10),
            Dictionary(Box::new(Int32), Box::new(Utf8)),
            Dictionary(Box::new(UInt8), Box::new(Decimal128(3, 1))),
            map("key", false),
            map("a key", true),
        ];
        for unit in
            [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond]
        {
            types.push(Duration(unit));
            types.push(Timestamp(unit, None));
            for zone in ["UTC", "Europe/Berlin", "+02:00", "America/Argentina/Buenos_Aires"] {
                types.push(Timestamp(unit, Some(zone.into())));
            }
        }
        for nullable in [true, false] {
            let element = Arc::new(Field::new("element", Float32, nullable));
            types.extend([
                List(item(Int64, nullable)),
                LargeList(element.clone()),
                ListView(item(Utf8, nullable)),
                LargeListView(item(Date32, nullable)),
                FixedSizeList(item(Float32, nullable), 3),
                FixedSizeList(element, 0),
                Struct(
                    vec![Field::new("a", Int64, nullable), Field::new("b c", Utf8, true)].into(),
                ),
            ]);
        }
        types.push(Struct(Fields::empty()));
        types.push(Struct(
            vec![Field::new("not", List(item(map("key", true), false)), true)].into(),
        ));
        let members = vec![Field::new("a", Int64, true), Field::new("b", Utf8, false)];
        for mode in [UnionMode::Dense, UnionMode::Sparse] {
            let fields = UnionFields::try_new([5, 0], members.clone()).unwrap();
            types.push(Union(fields, mode));
        }
        let ends = Arc::new(Field::new("run_ends", Int32, false));
        types.push(RunEndEncoded(ends, Arc::new(Field::new("values", Utf8, true))));
        types
    }

    #[test]
    fn every_type_is_read_as_it_is_written() {
        for data_type in every_type() {
            for nullable in [true, false] {
                let schema = Schema::new(vec![
                    Field::new("a", data_type.clone(), nullable),
                    Field::new("\"q\", x", DataType::Int64, true),
                ]);
                let text = schema_text(&schema);
                assert_eq!(parse_schema(&text), Ok(schema), "{text}");
            }
        }
    }

    #[test]
    fn types_are_written_in_the_words_of_arrow() {
        let text = |text: &str| {
            let schema = parse_schema(&format!("a {text}")).unwrap();
            type_text(schema.field(0).data_type())
        };
        for (other, ours) in [
            ("BIGINT", "int64"),
            ("VARCHAR(20)", "utf8"),
            ("double precision", "float64"),
            ("DECIMAL(12,2)", "decimal128(12, 2)"),
            ("decimal", "decimal128(18, 3)"),
            ("numeric(40)", "decimal256(40, 0)"),
            ("TIMESTAMP", "timestamp[us]"),
            ("TIMESTAMP(3) WITH TIME ZONE", "timestamp[ms, UTC]"),
            ("timestamptz", "timestamp[us, UTC]"),
            ("time without time zone", "time64[us]"),
            ("timestamp[ns, tz=Europe/Berlin]", "timestamp[ns, Europe/Berlin]"),
            ("date32[day]", "date32"),
            ("list<item: string not null>", "list<utf8 not null>"),
            ("struct<a: int64, b: string not null>", "struct<a int64, b utf8 not null>"),
            ("fixed_size_list<item: double>[2]", "fixed_size_list<float64>[2]"),
            ("fixed_size_binary[16]", "fixed_size_binary(16)"),
            ("map<string, int64>", "map<utf8, int64>"),
            ("dictionary<values=string, indices=int32, ordered=0>", "dictionary<int32, utf8>"),
            ("run_end_encoded<run_ends: int32, values: string>", "run_end_encoded<int32, utf8>"),
            ("sparse_union<a: int64=0, b: string=1>", "sparse_union<a int64 = 0, b utf8 = 1>"),
        ] {
            assert_eq!(text(other), ours);
        }
    }

    #[test]
    fn columns_are_parted_by_commas_or_lines() {
        let expected = parse_schema("a int64, \"b c\" utf8 not null, c bool").unwrap();
        let lines = "-- all of it\n a: int64,\n\"b c\" utf8\n  not null -- a comment\nc bool,\n";
        assert_eq!(parse_schema(lines), Ok(expected));
    }

    #[test]
    fn errors_name_the_place() {
        for (wrong, message) in [
            (
                "id utf9",
                "column \"id\": unknown type \"utf9\" (did you mean utf8?) (at character 4)",
            ),
            ("id int64 name utf8", "expected a comma, found \"name\" (at character 10)"),
            ("id", "column \"id\": expected a type, found the end (at character 3)"),
            (
                "a int64,\nb time64[ms]",
                "column \"b\": time64 has the units us and ns (at line 2, character 9)",
            ),
            ("a int64, a utf8", "column \"a\" is given twice (at character 10)"),
            (
                "a decimal128(39, 0)",
                "column \"a\": decimal128 has 1 to 38 digits (at character 13)",
            ),
            (
                "a timestamp[us, Mars]",
                "column \"a\": unknown time zone \"Mars\" (try UTC, Europe/Berlin or +02:00) (at character 17)",
            ),
            (
                "a list<int64",
                "column \"a\": expected > after the inner type, found the end (at character 13)",
            ),
            ("\"a int64", "a double quote is not closed (at character 1)"),
            (" ", "the schema has no columns (try 'id int64, name utf8')"),
        ] {
            let error = parse_schema(wrong).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.exit_status(), 2);
        }
    }

    #[test]
    fn no_text_is_too_deep_or_a_panic() {
        let deep = format!("a {}int64{}", "list<".repeat(100_000), ">".repeat(100_000));
        let error = parse_schema(&deep).unwrap_err().to_string();
        assert!(error.contains("more than 64 deep"), "{error}");
        let whole = "a struct<x: list<int64>[3] not null>, \"é\" dictionary<int8, decimal(3, -1)>";
        for (end, _) in whole.char_indices() {
            let _any = parse_schema(&whole[..end]);
            let _any = parse_schema(&whole[end..]);
        }
    }
}
