//! Shows where in an expression something is wrong: the line, and a caret under the place.
//!
//! Not for errors met while evaluating: those name a row, not a place.

use crate::error::Error;
use sqlparser::tokenizer::{Location, Span};
use unicode_width::UnicodeWidthChar;

/// The text of an expression, for messages that point into it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// A wrong expression: exit status 2, with the line and a caret under `place`.
    pub(super) fn error(&self, place: Location, message: impl Into<String>) -> Error {
        Error::usage(message).with_lines_below(self.lines_below(place))
    }

    /// The same for the start of a span; a span that is unknown points at the start of the text.
    pub(super) fn error_at(&self, span: Span, message: impl Into<String>) -> Error {
        self.error(span.start, message)
    }

    /// The place behind the last character that is not white space.
    pub(super) fn end(&self) -> Location {
        let text = self.text.trim_end();
        let line = text.matches('\n').count() as u64 + 1;
        let last = text.rsplit('\n').next().unwrap_or_default();
        Location { line, column: last.chars().count() as u64 + 1 }
    }

    /// The tokenizer counts lines and characters from 1; line 0 stands for "unknown".
    fn lines_below(&self, place: Location) -> Vec<String> {
        let line = place.line.saturating_sub(1) as usize;
        let before = place.column.saturating_sub(1) as usize;
        let shown: String = self.text.split('\n').nth(line).map(plain).unwrap_or_default();
        let (shown, before) = shortened(&shown, before);
        let padding: usize =
            shown.chars().take(before).map(|letter| letter.width().unwrap_or(0)).sum();
        vec![shown, format!("{}^", " ".repeat(padding))]
    }
}

/// A line that fits a terminal: of a longer one what is around a place, and that place in it.
fn shortened(line: &str, place: usize) -> (String, usize) {
    const MOST: usize = 76;
    let letters: Vec<char> = line.chars().collect();
    if letters.len() <= MOST {
        return (line.to_owned(), place);
    }
    // Two thirds of the window lie before the place: what is wrong is often what came before.
    let start = place.saturating_sub(MOST * 2 / 3).min(letters.len() - MOST);
    let end = start + MOST;
    let (mut shown, mut place) = (String::new(), place - start);
    if 0 < start {
        shown.push('…');
        place += 1;
    }
    shown.extend(&letters[start..end]);
    if end < letters.len() {
        shown.push('…');
    }
    (shown, place)
}

/// A line in which nothing moves the cursor: the caret would stand at the wrong place after a tab,
/// and foreign text must not reorder a terminal's line.
fn plain(line: &str) -> String {
    let visible = |c: char| {
        let escaped = crate::text::escaped(c.encode_utf8(&mut [0; 4]));
        if escaped.chars().eq([c]) { c } else { ' ' }
    };
    line.trim_end_matches('\r').chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_wide_letters_and_tabs() {
        let source = Source::new("a = 1 AND\n\t長 = pirce");
        let error = source.error(Location { line: 2, column: 6 }, "no column");
        assert_eq!(error.lines_below(), [" 長 = pirce", "      ^"]);
    }

    #[test]
    fn of_a_long_line_the_place_is_shown() {
        let text = format!("{} pirce {}", "a".repeat(200), "b".repeat(200));
        let error = Source::new(&text).error(Location { line: 1, column: 202 }, "no column");
        let [line, caret] = error.lines_below() else { panic!() };
        assert_eq!(line.chars().count(), 78);
        assert_eq!(line.chars().nth(caret.len() - 1), Some('p'));
        assert!(line.starts_with('…') && line.ends_with('…'));
    }

    #[test]
    fn the_end_is_behind_the_last_letter() {
        assert_eq!(Source::new("price >  ").end(), Location { line: 1, column: 8 });
    }
}
