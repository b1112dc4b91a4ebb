//! Sizes (`128MiB`) and counts (`1,000`).

use super::escape::escaped;
use crate::error::{Error, Result};

/// Reads a size in bytes: `4096`, `64KiB`, `1.5GB`. Binary units are powers of 1024, decimal ones
/// of 1000; a bare number counts bytes. Case does not matter, because bits are never meant.
///
/// # Errors
/// Text that is not a number; an unknown unit; a negative or too large size.
pub fn parse_size_bytes(text: &str) -> Result<u64> {
    let bad = || Error::usage(format!("\"{}\" is not a size (try 128MiB)", escaped(text)));
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "tib" | "t" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(bad()),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(scale).ok_or_else(bad);
    }
    let bytes = number.parse::<f64>().map_err(|_| bad())? * scale as f64;
    if bytes.is_finite() && bytes < u64::MAX as f64 { Ok(bytes as u64) } else { Err(bad()) }
}

/// Formats a size in the largest binary unit in which it is at least one: `1.5 MiB`, `312 B`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    // 1023.95 would be shown as 1024.0, which is 1.0 of the next unit.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Formats a count with thousands separators: `1,000,000`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// Formats a count of things: `1 row`, `1,000 rows`.
pub fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        assert_eq!(counted(0, "row"), "0 rows");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(1000, "row"), "1,000 rows");
    }

    #[test]
    fn sizes_take_units() {
        assert_eq!(parse_size_bytes("4096"), Ok(4096));
        assert_eq!(parse_size_bytes("128MiB"), Ok(128 << 20));
        assert_eq!(parse_size_bytes("1.5kB"), Ok(1500));
        assert_eq!(parse_size_bytes("64mib"), Ok(64 << 20));
        for wrong in ["", "MiB", "12 parsecs", "-1", "99999999999999TiB", "1e400"] {
            assert!(parse_size_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!(
            (size(0), size(1023), size(1024)),
            ("0 B".into(), "1023 B".into(), "1.0 KiB".into())
        );
        assert_eq!(size((1 << 20) - 1), "1.0 MiB");
        assert_eq!((count(0), count(999), count(1000)), ("0".into(), "999".into(), "1,000".into()));
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
