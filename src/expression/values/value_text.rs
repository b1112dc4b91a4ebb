//! Values as text in DuckDB's format: `1e+20`, `2024-01-01 00:00:00`, `\xFF`.

use super::kind::Kind;
use super::uuid::{self, is_uuid_field};
use super::value_reader::{self, Reader};
use super::zone::has_zone;
use super::{interval, nested_text};
use crate::time::calendar::{DAY_NANOSECONDS, fields};
use crate::time::format::{offset, time_of_day};
use crate::time::zone::Zone;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;

/// The text of each row's value. None if the type has no text form.
pub(crate) fn texts(array: &ArrayRef) -> Option<Reader<'_, String>> {
    let data_type = array.data_type();
    Some(match Kind::of(data_type) {
        Kind::Text => {
            let text = value_reader::text(array)?;
            Box::new(move |row| text(row).to_owned())
        }
        Kind::Binary => {
            let bytes = value_reader::bytes(array)?;
            Box::new(move |row| binary(bytes(row)))
        }
        Kind::Float => {
            let value = value_reader::floats(array)?;
            let single = data_type != &DataType::Float64;
            Box::new(move |row| float(value(row), single))
        }
        Kind::Date | Kind::Time => {
            let nanoseconds = value_reader::nanoseconds(array)?;
            let text = if Kind::of(data_type) == Kind::Date { date } else { time };
            Box::new(move |row| text(nanoseconds(row)))
        }
        Kind::Timestamp => {
            let nanoseconds = value_reader::nanoseconds(array)?;
            let is_zoned = has_zone(data_type);
            // An unknown zone occurs only in the text of messages.
            let zone = Zone::of(data_type).unwrap_or_default();
            Box::new(move |row| {
                let utc = nanoseconds(row);
                let at = zone.local(utc);
                let text = format!("{} {}", date(at), time(at.rem_euclid(DAY_NANOSECONDS)));
                if is_zoned { text + &offset(zone.offset_seconds(utc), true) } else { text }
            })
        }
        Kind::Interval | Kind::Duration => {
            let spans = interval::spans(array)?;
            Box::new(move |row| spans(row).text())
        }
        Kind::Other => {
            let texts = nested_text::texts(array)?;
            Box::new(move |row| texts[row].clone())
        }
        _ => Box::new(move |row| array_value_to_string(array, row).unwrap_or_default()),
    })
}

/// The text of each row's value of a field, which distinguishes UUIDs from other bytes.
pub(crate) fn field_texts<'a>(array: &'a ArrayRef, field: &Field) -> Option<Reader<'a, String>> {
    if is_uuid_field(field) { uuid::texts(array) } else { texts(array) }
}

fn binary(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' | b'\'' | b'"' => text.push_str(&format!("\\x{byte:02X}")),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
    }
    text
}

/// The shortest digits that read back as the same number; with an exponent from 1e16 on.
fn float(value: f64, single: bool) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "nan".to_owned() } else { format!("{value}") };
    }
    let scientific = if single { format!("{:e}", value as f32) } else { format!("{value:e}") };
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) && value != 0.0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let fixed = if single { format!("{}", value as f32) } else { format!("{value}") };
    if fixed.contains('.') { fixed } else { fixed + ".0" }
}

fn date(nanoseconds: i128) -> String {
    let (year, month, day, _) = fields(nanoseconds);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time of day from nanoseconds since midnight.
fn time(nanoseconds: i128) -> String {
    time_of_day(i64::try_from(nanoseconds).unwrap_or(i64::MAX), 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_in_duckdb() {
        for (value, text) in [
            (1e20, "1e+20"),
            (1.0, "1.0"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-0.5, "-0.5"),
            (0.0, "0.0"),
            (1.2345678901234568e17, "1.2345678901234568e+17"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
        ] {
            assert_eq!(float(value, false), text);
        }
        assert_eq!(float(f64::from(0.1_f32), true), "0.1");
    }

    #[test]
    fn times_before_1970_read_forward() {
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(time((-1_i128).rem_euclid(DAY_NANOSECONDS)), "23:59:59.999999999");
        assert_eq!(time(43_200_500_000_000), "12:00:00.5");
    }
}
