//! Formats of dates and times, taken apart.

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// A format specifier, and whether `-` drops leading zeros.
    Letter(char, bool),
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The supported specifiers. Source: DuckDB's manual, "Date Format Functions".
const LETTERS: &str = "aAwudbBhmyYHIpMSfgnzZjUWGVcxX%";

/// Splits a format into pieces.
pub(crate) fn pieces(format: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut next = letters.next();
        let short = next == Some('-');
        if short {
            next = letters.next();
        }
        let Some(letter) = next else { return Err("the format ends with a %".to_owned()) };
        let whole = match letter {
            '%' if !short => {
                text.push('%');
                continue;
            }
            'c' => "%Y-%m-%d %H:%M:%S",
            'x' => "%Y-%m-%d",
            'X' => "%H:%M:%S",
            known if LETTERS.contains(known) => "",
            other => return Err(format!("unknown format specifier %{other}")),
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        if whole.is_empty() {
            pieces.push(Piece::Letter(letter, short))
        } else {
            pieces.extend(self::pieces(whole)?)
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}
