//! Text for people: sizes (`128MiB`), counts, table columns, names made safe for a terminal.
//!
//! Not for data: `text_format` formats values as CSV or JSON.

use crate::error::{Error, Result};
use strsim::levenshtein;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
    while 1023.95 <= value && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// The format of bytes with a known magic number, and a program that reads it; `None` for others.
pub fn known_format(start: &[u8]) -> Option<&'static str> {
    Some(match start {
        [b'P', b'A', b'R', b'1' | b'E', ..] => "a Parquet file (parquet-to-stream reads it)",
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => "an Arrow file (file-to-stream reads it)",
        [0xff, 0xff, 0xff, 0xff, ..] => "an Arrow stream (stream-print shows it)",
        [b'F', b'E', b'A', b'1', ..] => {
            "a Feather file of version 1 (pyarrow.feather reads it and writes version 2)"
        }
        [0x1f, 0x8b, ..] => "gzip-compressed data (gunzip it first)",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd-compressed data (unzstd it first)",
        _ => return None,
    })
}

/// Formats a count with thousands separators: `1,000,000`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Makes a name or cell safe to show: control, formatting and bidirectional characters are escaped,
/// so that foreign text can neither move the cursor nor reorder a line.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            true => safe.extend(c.escape_default()),
            false => safe.push(c),
        }
    }
    safe
}

/// Where to cut a text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// In the middle, keeping more of the end: paths.
    Middle,
    /// In the middle, keeping more of the front: paths with the same end.
    LateMiddle,
    /// At the end: values.
    End,
}

/// Cuts a text to at most `width` columns, with an ellipsis where something is missing.
pub fn shortened(text: &str, cut: Cut, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let back = match cut {
        // File names differ at their ends, and so do names of nested columns.
        Cut::Middle => (3 * room).div_ceil(4),
        Cut::LateMiddle => room / 4,
        Cut::End => 0,
    };
    let front: String = first(text.chars(), room - back);
    let back: String = first(text.chars().rev(), back).chars().rev().collect();
    format!("{front}…{back}")
}

/// Returns at most three known names that resemble a wrong one, best first.
pub fn similar<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wrong = wrong.to_lowercase();
    // Allows two wrong letters in a short word; more would suggest unrelated names.
    let most = 1 + wrong.chars().count() / 4;
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// ` (did you mean "price"?)` for the end of a message; empty if no name is similar.
pub fn did_you_mean<T: std::fmt::Display>(near: impl IntoIterator<Item = T>) -> String {
    let near: Vec<String> = near.into_iter().map(|name| name.to_string()).collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(", ")) }
}

/// The alignment of a cell in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// For text.
    Left,
    /// For numbers.
    Right,
}

/// Lays out rows of cells as lines. Each column is as wide as its widest cell, with two spaces
/// between columns. Cells are escaped; trailing spaces are omitted.
pub fn table(columns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    rows.iter().map(|row| aligned_line(columns, &widths, row)).collect()
}

/// One line of a [`table`]. The cells must be escaped and no wider than their columns.
pub fn aligned_line(columns: &[Align], widths: &[usize], cells: &[String]) -> String {
    let mut line = String::new();
    for ((align, width), cell) in columns.iter().zip(widths).zip(cells) {
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        if !line.is_empty() {
            line.push_str("  ");
        }
        match align {
            Align::Left => line.extend([cell.as_str(), &padding]),
            Align::Right => line.extend([padding.as_str(), cell]),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// As many characters as fit in `width` columns.
fn first(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// Whether a character is a control character, or one that reorders or hides text (Unicode UAX #9
/// and the zero-width ones). The joiners U+200C and U+200D are not: without them, Persian, Hindi
/// and other words are misspelt.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(escaped("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
    }

    #[test]
    fn paths_lose_their_middle() {
        assert_eq!(shortened("/data/2024/part-0001.parquet", Cut::Middle, 12), "/d…1.parquet");
        assert_eq!(shortened("short", Cut::Middle, 12), "short");
        assert_eq!(shortened("日本語日本語", Cut::End, 6), "日本…");
    }

    #[test]
    fn a_typing_error_finds_its_name() {
        assert_eq!(similar("pirce", ["prices", "id", "price"]), ["price"]);
        assert!(similar("x", ["price", "quantity"]).is_empty());
    }
}
