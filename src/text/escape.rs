//! Names and cells made safe for a terminal, and cut to a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Makes a name or cell safe to show: control, formatting and bidirectional characters are escaped,
/// so that foreign text can neither move the cursor nor reorder a line.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { safe.extend(c.escape_default()) } else { safe.push(c) }
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

/// Whether a character is a control character, one that ends a line (U+2028, U+2029), or one that
/// reorders or hides text (Unicode UAX #9 and the zero-width ones). The joiners U+200C and U+200D
/// are not: without them, Persian, Hindi and other words are misspelt.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
