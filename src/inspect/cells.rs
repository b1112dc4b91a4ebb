//! Formats table cells: abbreviated encodings, ratios, min and max.

use super::bounds::Bounds;
use super::contents::Contents;
use super::value::Value;
use crate::text::{Cut, count, shortened};

/// The width limit for a min or max: a file may state one of many megabytes.
const WIDEST_BOUND: usize = 64;

/// Abbreviated encodings: only those of the data pages, if the footer lists them separately from
/// that of the dictionary. Levels are always run-length encoded or bit-packed, so those two are
/// shown only if there is no other encoding.
pub(super) fn encodings(contents: &Contents) -> String {
    let data = contents.data_encodings.as_ref().filter(|data| !data.is_empty());
    let mut all: Vec<&str> =
        data.unwrap_or(&contents.encodings).iter().map(|name| short_encoding(name)).collect();
    let is_level = |name: &&str| matches!(*name, "rle" | "bit-packed");
    if !all.iter().all(is_level) {
        all.retain(|name| !is_level(name));
    }
    all.sort_unstable();
    all.dedup();
    all.join("+")
}

pub(super) fn short_encoding(name: &str) -> &'static str {
    match name {
        "PLAIN_DICTIONARY" | "RLE_DICTIONARY" => "dict",
        "PLAIN" => "plain",
        "DELTA_BINARY_PACKED" => "delta",
        "DELTA_LENGTH_BYTE_ARRAY" => "delta-length",
        "DELTA_BYTE_ARRAY" => "delta-bytes",
        "BYTE_STREAM_SPLIT" => "split",
        "RLE" => "rle",
        _ => "bit-packed",
    }
}

/// The codecs in one cell; `-` without row groups.
pub(super) fn codecs(names: &[&str]) -> String {
    joined(names).unwrap_or_else(|| "-".to_owned())
}

/// Names joined into one text; none if there are no names.
pub(super) fn joined(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("+"))
}

/// A bar in proportion to the largest; at least one character unless `bytes` is 0.
pub(super) fn bar(bytes: u64, largest_bytes: u64) -> String {
    const SIGNS: f64 = 20.0;
    if bytes == 0 {
        return String::new();
    }
    let share = bytes as f64 / largest_bytes.max(1) as f64;
    "#".repeat((share * SIGNS).round().clamp(1.0, SIGNS) as usize)
}

pub(super) fn shown_ratio(ratio: f64) -> String {
    if ratio < 100.0 { format!("{ratio:.1}") } else { count(ratio as u64) }
}

/// The cell of a minimum. A `>` before it means that the writer shortened it: all values are
/// greater.
pub(super) fn min(bounds: &Bounds) -> String {
    bound(bounds.min.as_ref(), bounds.min_is_exact, ">")
}

/// The cell of a maximum, likewise with a `<`.
pub(super) fn max(bounds: &Bounds) -> String {
    bound(bounds.max.as_ref(), bounds.max_is_exact, "<")
}

fn bound(value: Option<&Value>, is_exact: Option<bool>, mark: &str) -> String {
    let mark = if is_exact == Some(false) { mark } else { "" };
    known(value, |value| format!("{mark}{}", shown_value(value)))
}

pub(super) fn shown_value(value: &Value) -> String {
    let bytes = match value {
        // An empty cell would look like an unknown value.
        Value::Text(text) if text.is_empty() => return "\"\"".to_owned(),
        Value::Text(bytes) | Value::Binary(bytes) => bytes,
        other => return other.to_string(),
    };
    // A character of text takes up to four bytes.
    let most = 4 * WIDEST_BOUND;
    let (front, is_cut) = match bytes.get(..most) {
        Some(front) if most < bytes.len() => (front, true),
        _ => (&bytes[..], false),
    };
    let front = match value {
        Value::Text(_) if is_cut => Value::Text(whole_characters(front).to_vec()),
        Value::Text(_) => Value::Text(front.to_vec()),
        _ => Value::Binary(front.to_vec()),
    };
    let whole = front.to_string();
    let text = shortened(&whole, Cut::End, WIDEST_BOUND);
    if is_cut || text != whole {
        format!("{text} ({} bytes)", count(bytes.len() as u64))
    } else {
        text
    }
}

/// Text without a truncated character at its end.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

pub(super) fn known<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bounds_are_shortened_and_show_their_length() {
        let text = shown_value(&Value::Text("ä".repeat(1000).into_bytes()));
        assert_eq!(text, format!("{}… (2,000 bytes)", "ä".repeat(63)));
        let whole = "x".repeat(64);
        assert_eq!(shown_value(&Value::Text(whole.clone().into_bytes())), whole);
        let binary = shown_value(&Value::Binary(vec![0xff; 20_000_000]));
        assert_eq!(binary, format!("0x{}… (20,000,000 bytes)", "f".repeat(61)));
        assert_eq!(shown_value(&Value::Text(vec![0xc3])), "0xc3");
    }

    #[test]
    fn shortened_bounds_are_marked() {
        let text = |text: &str| Some(Value::Text(text.into()));
        let stated = Bounds {
            min: text("a"),
            max: text("b"),
            min_is_exact: Some(true),
            max_is_exact: Some(false),
            ignored: None,
        };
        assert_eq!([min(&stated), max(&stated)], ["a", "<b"]);
        let unknown = Bounds { min: None, max_is_exact: None, ..stated };
        assert_eq!([min(&unknown), max(&unknown)], ["-", "b"]);
    }
}
