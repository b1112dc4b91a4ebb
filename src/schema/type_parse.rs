//! Parses types as Arrow, pyarrow and SQL write them.

use super::cursor::Cursor;
use super::type_names::{PLAIN, unknown};
use super::type_parse_nested::{dictionary, map, members, one_child, run_end_encoded, union};
use crate::error::Result;
use crate::text::escaped;
use arrow::array::timezone::Tz;
use arrow::datatypes::{
    DECIMAL32_MAX_PRECISION, DECIMAL64_MAX_PRECISION, DECIMAL128_MAX_PRECISION,
    DECIMAL256_MAX_PRECISION, DataType, Field, TimeUnit, UnionMode,
};

/// The maximum nesting depth of types; the stack allows more, but it is never meant.
const MOST_DEPTH: usize = 64;

/// Parses a type.
pub(super) fn data_type(cursor: &mut Cursor<'_>, depth: usize) -> Result<DataType> {
    let start = cursor.place();
    if depth > MOST_DEPTH {
        return Err(start.error(&format!("types are nested more than {MOST_DEPTH} deep")));
    }
    let Some(name) = cursor.word() else { return Err(cursor.expected("a type")) };
    let word = name.to_ascii_lowercase();
    if let Some((_, plain)) = PLAIN.iter().find(|(known, _)| *known == word) {
        skip_ornaments(cursor, &word)?;
        return Ok(plain.clone());
    }
    let below = depth + 1;
    Ok(match word.as_str() {
        "fixed_size_binary" => DataType::FixedSizeBinary(length(cursor, &word)?),
        "time32" | "time64" => time(cursor, &word)?,
        "time" => {
            cursor.takes_words(&["without", "time", "zone"]);
            DataType::Time64(TimeUnit::Microsecond)
        }
        "timestamp" | "timestamptz" | "datetime" => timestamp(cursor, &word)?,
        "timestamp_s" => DataType::Timestamp(TimeUnit::Second, None),
        "timestamp_ms" => DataType::Timestamp(TimeUnit::Millisecond, None),
        "timestamp_us" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp_ns" => DataType::Timestamp(TimeUnit::Nanosecond, None),
        "duration" => DataType::Duration(in_brackets(cursor, &word)?),
        "decimal" | "numeric" | "decimal32" | "decimal64" | "decimal128" | "decimal256" => {
            decimal(cursor, &word)?
        }
        "list" => DataType::List(one_child(cursor, &word, below)?),
        "large_list" => DataType::LargeList(one_child(cursor, &word, below)?),
        "list_view" => DataType::ListView(one_child(cursor, &word, below)?),
        "large_list_view" => DataType::LargeListView(one_child(cursor, &word, below)?),
        "fixed_size_list" => {
            let item = one_child(cursor, &word, below)?;
            DataType::FixedSizeList(item, length(cursor, "fixed_size_list<...>")?)
        }
        "struct" => DataType::Struct(members(cursor, below)?),
        "map" => map(cursor, below)?,
        "dictionary" => dictionary(cursor, below)?,
        "run_end_encoded" => run_end_encoded(cursor, below)?,
        "sparse_union" => union(cursor, UnionMode::Sparse, below)?,
        "dense_union" => union(cursor, UnionMode::Dense, below)?,
        _ => return Err(unknown(&start, name)),
    })
}

/// Parses a name, a type and the nullability: a column, or a member of a struct.
pub(super) fn field(cursor: &mut Cursor<'_>, depth: usize) -> Result<Field> {
    let name = match cursor.quoted()? {
        Some(name) => name,
        None => cursor.word().ok_or_else(|| cursor.expected("a name"))?.to_owned(),
    };
    cursor.takes(':');
    let data_type = data_type(cursor, depth)
        .map_err(|error| error.with(format_args!("column \"{}\"", escaped(&name))))?;
    let nullable = !cursor.takes_words(&["not", "null"]);
    if nullable {
        cursor.takes_word("null");
    }
    Ok(Field::new(name, data_type, nullable))
}

/// Skips text after a plain name that adds no information: `varchar(20)`, `date32[day]`,
/// `double precision`.
fn skip_ornaments(cursor: &mut Cursor<'_>, word: &str) -> Result<()> {
    match word {
        "double" => drop(cursor.takes_word("precision")),
        "character" => drop(cursor.takes_word("varying")),
        "date32" | "date64" if cursor.takes('[') => {
            if !cursor.takes_word("day") && !cursor.takes_word("ms") {
                return Err(cursor.expected("day or ms"));
            }
            cursor.expect(']', "the unit")?;
        }
        _ => {}
    }
    // Arrow's text types have no maximum length.
    let is_text = matches!(word, "varchar" | "char" | "character");
    if is_text && cursor.takes('(') {
        cursor.number::<u32>().ok_or_else(|| cursor.expected("a length"))?;
        cursor.expect(')', "the length")?;
    }
    Ok(())
}

/// `(16)` or `[16]`.
fn length(cursor: &mut Cursor<'_>, behind: &str) -> Result<i32> {
    let close = if cursor.takes('(') { ')' } else { ']' };
    if close == ']' {
        cursor.expect('[', behind)?;
    }
    let place = cursor.place();
    let length: Option<i32> = cursor.number();
    let length = length
        .filter(|length| *length >= 0)
        .ok_or_else(|| place.error("expected a length from 0 to 2147483647"))?;
    cursor.expect(close, "the length")?;
    Ok(length)
}

fn in_brackets(cursor: &mut Cursor<'_>, behind: &str) -> Result<TimeUnit> {
    cursor.expect('[', behind)?;
    let unit = unit(cursor)?;
    cursor.expect(']', "the unit")?;
    Ok(unit)
}

fn unit(cursor: &mut Cursor<'_>) -> Result<TimeUnit> {
    let place = cursor.place();
    match cursor.word() {
        Some("s") => Ok(TimeUnit::Second),
        Some("ms") => Ok(TimeUnit::Millisecond),
        Some("us") => Ok(TimeUnit::Microsecond),
        Some("ns") => Ok(TimeUnit::Nanosecond),
        _ => Err(place.error("expected a unit: s, ms, us or ns")),
    }
}

fn time(cursor: &mut Cursor<'_>, word: &str) -> Result<DataType> {
    let place = cursor.place();
    match (word, in_brackets(cursor, word)?) {
        ("time32", unit @ (TimeUnit::Second | TimeUnit::Millisecond)) => Ok(DataType::Time32(unit)),
        ("time64", unit @ (TimeUnit::Microsecond | TimeUnit::Nanosecond)) => {
            Ok(DataType::Time64(unit))
        }
        ("time32", _) => Err(place.error("time32 has the units s and ms")),
        _ => Err(place.error("time64 has the units us and ns")),
    }
}

/// Parses Arrow's `timestamp[us, UTC]`, or SQL's `timestamp(3) with time zone`, in which the
/// default is microseconds.
fn timestamp(cursor: &mut Cursor<'_>, word: &str) -> Result<DataType> {
    if word == "timestamp" && cursor.takes('[') {
        let unit = unit(cursor)?;
        let zone = if cursor.takes(',') { Some(zone(cursor)?) } else { None };
        cursor.expect(']', "timestamp[...")?;
        return Ok(DataType::Timestamp(unit, zone.map(Into::into)));
    }
    let mut unit = TimeUnit::Microsecond;
    if cursor.takes('(') {
        let place = cursor.place();
        unit = match cursor.number::<u8>() {
            Some(0) => TimeUnit::Second,
            Some(1..=3) => TimeUnit::Millisecond,
            Some(4..=6) => TimeUnit::Microsecond,
            Some(7..=9) => TimeUnit::Nanosecond,
            _ => return Err(place.error("expected 0 to 9 digits of a second")),
        };
        cursor.expect(')', "the digits of a second")?;
    }
    let with_zone = word == "timestamptz" || cursor.takes_words(&["with", "time", "zone"]);
    cursor.takes_words(&["without", "time", "zone"]);
    Ok(DataType::Timestamp(unit, with_zone.then(|| "UTC".into())))
}

/// Parses `UTC`, `Europe/Berlin`, `+02:00`, or `tz=UTC` as pyarrow shows it.
fn zone(cursor: &mut Cursor<'_>) -> Result<String> {
    let mut ahead = cursor.clone();
    if ahead.takes_word("tz") && ahead.takes('=') {
        *cursor = ahead;
    }
    let place = cursor.place();
    let zone = match cursor.quoted()? {
        Some(zone) => zone,
        None => cursor.zone().ok_or_else(|| cursor.expected("a time zone"))?.to_owned(),
    };
    match zone.parse::<Tz>() {
        Ok(_) => Ok(zone),
        Err(_) => Err(place.error(&format!(
            "unknown time zone \"{}\" (try UTC, Europe/Berlin or +02:00)",
            escaped(&zone)
        ))),
    }
}

/// `decimal(12, 2)` has the 128 bits that all programs support, or 256 if that is too little;
/// without parameters it is SQL's `DECIMAL(18, 3)`, as in expressions.
fn decimal(cursor: &mut Cursor<'_>, word: &str) -> Result<DataType> {
    let place = cursor.place();
    let (precision, scale): (u8, i8) = if cursor.takes('(') {
        let precision = cursor.number().ok_or_else(|| cursor.expected("the number of digits"))?;
        let scale = if cursor.takes(',') {
            cursor.number().ok_or_else(|| cursor.expected("the digits after the decimal point"))?
        } else {
            0
        };
        cursor.expect(')', "the digits")?;
        (precision, scale)
    } else if matches!(word, "decimal" | "numeric") {
        (18, 3)
    } else {
        return Err(cursor.expected(&format!("( after {word}")));
    };
    let (most, made) = match word {
        "decimal32" => (DECIMAL32_MAX_PRECISION, DataType::Decimal32(precision, scale)),
        "decimal64" => (DECIMAL64_MAX_PRECISION, DataType::Decimal64(precision, scale)),
        "decimal256" => (DECIMAL256_MAX_PRECISION, DataType::Decimal256(precision, scale)),
        "decimal128" => (DECIMAL128_MAX_PRECISION, DataType::Decimal128(precision, scale)),
        _ if precision <= DECIMAL128_MAX_PRECISION => {
            (DECIMAL128_MAX_PRECISION, DataType::Decimal128(precision, scale))
        }
        _ => (DECIMAL256_MAX_PRECISION, DataType::Decimal256(precision, scale)),
    };
    if precision == 0 || most < precision {
        return Err(place.error(&format!("{word} has 1 to {most} digits")));
    }
    // The range allowed by Arrow's own check of a decimal type.
    if i16::from(precision) < i16::from(scale) || i16::from(scale) < -i16::from(most) {
        return Err(place.error(&format!(
            "{scale} digits after the decimal point are impossible with {precision} digits"
        )));
    }
    Ok(made)
}
