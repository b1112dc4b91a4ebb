//! Shows the place of an error in an expression: the line, with a caret under the place.
//!
//! Not for evaluation errors: those name a row, not a place.

use crate::error::Error;
use crate::text::escaped;
use sqlparser::ast::Expr;
use sqlparser::tokenizer::{Location, Span};
use unicode_width::UnicodeWidthChar;

/// The text of an expression, for messages that point into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// An invalid expression: exit status 2, with the line and a caret under `place`.
    pub(crate) fn error(&self, place: Location, message: impl Into<String>) -> Error {
        Error::usage(message).with_lines_below(self.lines_below(place))
    }

    /// The same for the start of a span; an unknown span points at the start of the text.
    pub(crate) fn error_at(&self, span: Span, message: impl Into<String>) -> Error {
        self.error(span.start, message)
    }

    /// The place after the last character that is not white space.
    pub(crate) fn end(&self) -> Location {
        let text = self.text.trim_end();
        let line = text.matches('\n').count() as u64 + 1;
        let last = text.rsplit('\n').next().unwrap_or_default();
        Location { line, column: last.chars().count() as u64 + 1 }
    }

    /// The tokenizer counts lines and characters from 1; line 0 means "unknown".
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

/// A line that fits a terminal: a longer one is cut to the surroundings of the place. Also returns
/// the place within it.
fn shortened(line: &str, place: usize) -> (String, usize) {
    const MOST: usize = 76;
    let letters: Vec<char> = line.chars().collect();
    if letters.len() <= MOST {
        return (line.to_owned(), place);
    }
    // Two thirds of the window are before the place, because the mistake is often there.
    let start = place.saturating_sub(MOST * 2 / 3).min(letters.len() - MOST);
    let end = start + MOST;
    let (mut shown, mut place) = (String::new(), place - start);
    if start > 0 {
        shown.push('…');
        place += 1;
    }
    shown.extend(&letters[start..end]);
    if end < letters.len() {
        shown.push('…');
    }
    (shown, place)
}

/// A line without characters that move the cursor: after a tab the caret would be misplaced, and
/// foreign text must not reorder a terminal's line.
fn plain(line: &str) -> String {
    let visible = |c: char| {
        let escaped = escaped(c.encode_utf8(&mut [0; 4]));
        if escaped.chars().eq([c]) { c } else { ' ' }
    };
    line.trim_end_matches('\r').chars().map(visible).collect()
}

/// The text of an expression for a message about a row, cut to a readable length.
pub(crate) fn shown(expression: &Expr) -> String {
    const LONGEST: usize = 60;
    let text = escaped(&expression.to_string());
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_is_aligned_below_wide_letters_and_tabs() {
        let source = Source::new("a = 1 AND\n\t長 = pirce");
        let error = source.error(Location { line: 2, column: 6 }, "no column");
        assert_eq!(error.lines_below(), [" 長 = pirce", "      ^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{} pirce {}", "a".repeat(200), "b".repeat(200));
        let error = Source::new(&text).error(Location { line: 1, column: 202 }, "no column");
        let [line, caret] = error.lines_below() else { panic!() };
        assert_eq!(line.chars().count(), 78);
        assert_eq!(line.chars().nth(caret.len() - 1), Some('p'));
        assert!(line.starts_with('…') && line.ends_with('…'));
    }

    #[test]
    fn the_end_is_after_the_last_letter() {
        assert_eq!(Source::new("price >  ").end(), Location { line: 1, column: 8 });
    }
}
