//! `LIKE` and `ILIKE`: `%` matches any text, `_` one character.
//!
//! There is no escape character unless `ESCAPE` names one, as in DuckDB.

use super::contains::{ascii_mapped, contains};
use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::value_reader::{self, Values};
use arrow::array::{Array, BooleanArray};
use arrow::buffer::BooleanBuffer;
use memchr::memmem;

/// A `LIKE` or `ILIKE` test, with a constant pattern or one per row.
#[derive(Debug, Clone)]
pub(crate) struct Like {
    pub(crate) operand: Node,
    pub(crate) pattern: Node,
    /// The compiled pattern, if it is a constant.
    pub(crate) ready: Option<Pattern>,
    pub(crate) escape: Option<char>,
    pub(crate) ignore_case: bool,
    /// The expression's text, for messages.
    pub(crate) text: String,
}

/// A pattern split at its `%` signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// The pieces that must follow each other, with any text in between.
    pieces: Vec<Piece>,
    ignore_case: bool,
}

/// Text in which some characters may be arbitrary.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// None for `_`.
    Characters(Vec<Option<char>>),
}

impl Like {
    /// The answer for each row.
    ///
    /// # Errors
    /// A pattern from a column that ends with the escape character.
    pub(crate) fn answers(&self, rows: &Rows) -> Result<BooleanArray> {
        let values = self.operand.values(rows)?;
        let unreadable = || Error::failed(format!("{} needs text", self.text));
        if let Some(pattern) = &self.ready {
            return pattern.answers(&values, rows.count).ok_or_else(unreadable);
        }
        let text = values.by_row(value_reader::text(&values.array).ok_or_else(unreadable)?);
        let patterns = self.pattern.values(rows)?;
        let pattern_text =
            patterns.by_row(value_reader::text(&patterns.array).ok_or_else(unreadable)?);
        let mut found = Vec::with_capacity(rows.count);
        for row in 0..rows.count {
            if values.is_null(row) || patterns.is_null(row) {
                found.push(None);
                continue;
            }
            let pattern = Pattern::new(pattern_text(row), self.escape, self.ignore_case)
                .map_err(|why| rows.error(row, &self.text, why))?;
            found.push(Some(pattern.matches(text(row))));
        }
        Ok(BooleanArray::from(found))
    }

    pub(crate) fn can_fail(&self) -> bool {
        self.ready.is_none() && self.escape.is_some()
    }
}

impl Pattern {
    /// Compiles a pattern; the error is the reason why it is invalid.
    pub(crate) fn new(
        text: &str,
        escape: Option<char>,
        ignore_case: bool,
    ) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut piece = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if Some(letter) == escape {
                let escaped = letters.next().ok_or("the pattern ends with the escape character")?;
                piece.push(Some(escaped));
            } else if letter == '%' {
                pieces.push(Piece::new(std::mem::take(&mut piece), ignore_case));
            } else {
                piece.push((letter != '_').then_some(letter));
            }
        }
        pieces.push(Piece::new(piece, ignore_case));
        Ok(Self { pieces, ignore_case })
    }

    /// The answer for each text; None for values that are not text.
    fn answers(&self, values: &Values, rows: usize) -> Option<BooleanArray> {
        if !values.constant {
            if self.ignore_case
                && let Some(array) = ascii_mapped(&values.array, <[u8]>::to_ascii_lowercase)
            {
                let lowered = Values { array, constant: false };
                return Self { ignore_case: false, ..self.clone() }.answers(&lowered, rows);
            }
            if let Some(inner) = self.inner()
                && let Some(found) = contains(&values.array, inner)
            {
                return Some(BooleanArray::new(found, values.array.logical_nulls()));
            }
        }
        let text = values.by_row(value_reader::text(&values.array)?);
        let nulls = values.nulls(rows);
        let known = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let found = BooleanBuffer::collect_bool(rows, |row| known(row) && self.matches(text(row)));
        Some(BooleanArray::new(found, nulls))
    }

    fn matches(&self, text: &str) -> bool {
        if !self.ignore_case {
            return self.finds(text);
        }
        self.finds(&text.chars().map(lower).collect::<String>())
    }

    /// The text that every match begins with, if case matters.
    pub(crate) fn prefix(&self) -> &str {
        match &self.pieces[0] {
            Piece::Text(text) if !self.ignore_case => text,
            _ => "",
        }
    }

    /// The text to search for, if the pattern is just `%text%`.
    fn inner(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(before), Piece::Text(inner), Piece::Text(after)] => {
                let is_all = before.is_empty() && after.is_empty() && !inner.is_empty();
                (is_all && !self.ignore_case).then_some(inner)
            }
            _ => None,
        }
    }

    fn finds(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces[0].after_prefix(text) == Some("");
        };
        let Some(mut rest) = first.after_prefix(text) else { return false };
        // The earliest match of each piece leaves the most room for the pieces after it.
        for piece in middle {
            match piece.after_first(rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        last.is_suffix(rest)
    }
}

impl Piece {
    fn new(mut letters: Vec<Option<char>>, ignore_case: bool) -> Self {
        if ignore_case {
            letters.iter_mut().flatten().for_each(|letter| *letter = lower(*letter));
        }
        match letters.iter().copied().collect::<Option<String>>() {
            Some(text) => Self::Text(text),
            None => Self::Characters(letters),
        }
    }

    /// The rest of the text after the piece, if the text begins with it.
    fn after_prefix<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Text(piece) => text.strip_prefix(piece.as_str()),
            Self::Characters(piece) => {
                let mut letters = text.chars();
                let same = piece.iter().all(|wanted| is_fit(*wanted, letters.next()));
                same.then_some(letters.as_str())
            }
        }
    }

    /// The rest of the text after the first occurrence of the piece.
    fn after_first<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Text(piece) => {
                // Unlike the standard library's search, this one has no set-up cost, which matters
                // for short text.
                let place = memmem::find(text.as_bytes(), piece.as_bytes())?;
                text.get(place + piece.len()..)
            }
            Self::Characters(_) => {
                let places = text.char_indices().map(|(place, _)| place);
                places.into_iter().find_map(|place| self.after_prefix(&text[place..]))
            }
        }
    }

    fn is_suffix(&self, text: &str) -> bool {
        match self {
            Self::Text(piece) => text.ends_with(piece.as_str()),
            Self::Characters(piece) => {
                let mut letters = text.chars().rev();
                piece.iter().rev().all(|wanted| is_fit(*wanted, letters.next()))
            }
        }
    }
}

/// Whether a letter is there and is the wanted one, if there is one.
fn is_fit(wanted: Option<char>, letter: Option<char>) -> bool {
    letter.is_some() && (wanted.is_none() || wanted == letter)
}

/// The lower-case letter, one for one, so that `_` still matches one character of the text.
fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern, None, false).unwrap().matches(text)
    }

    #[test]
    fn wildcards_match_text() {
        for (text, pattern) in [
            ("", ""),
            ("", "%"),
            ("abc", "abc"),
            ("abc", "a%"),
            ("abc", "%c"),
            ("abc", "%b%"),
            ("abc", "a_c"),
            ("aXbXc", "a%b%c"),
            ("aab", "%ab"),
            ("éß", "__"),
            ("a\\b", "a\\b"),
            ("abab", "%_b"),
            ("a%b", "a%%b"),
            ("xaybz", "%a_b%"),
            ("a\nb", "a_b"),
        ] {
            assert!(like(text, pattern), "{text:?} {pattern:?}");
        }
        for (text, pattern) in [
            ("a", ""),
            ("", "_"),
            ("abc", "ab"),
            ("abc", "a_"),
            ("abc", "A%"),
            ("ab", "a%ab"),
            ("ab", "%b%b"),
            ("aa", "a_a"),
        ] {
            assert!(!like(text, pattern), "{text:?} {pattern:?}");
        }
    }

    #[test]
    fn only_escape_sets_an_escape_character() {
        let pattern = Pattern::new("1$%%", Some('$'), false).unwrap();
        assert!(pattern.matches("1% of"));
        assert!(!pattern.matches("10"));
        assert!(Pattern::new("1$", Some('$'), false).is_err());
        assert!(!like("a%", "a\\%") && like("a\\x", "a\\%"));
    }

    #[test]
    fn case_can_be_ignored() {
        let pattern = Pattern::new("É_T%", None, true).unwrap();
        assert!(pattern.matches("éTtE") && !pattern.matches("et"));
    }
}
