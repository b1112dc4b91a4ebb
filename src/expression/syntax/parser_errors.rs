//! Error messages of `sqlparser`, reworded.

use super::error_place::Source;
use super::refused_syntax::unexpected;
use super::tokens::is_space;
use crate::error::Error;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, TokenWithSpan};

/// The parser's message in our words, with the caret where it stopped.
pub(crate) fn explain(
    source: &Source<'_>,
    tokens: &[TokenWithSpan],
    error: &ParserError,
    parser: &Parser<'_>,
) -> Error {
    let text = match error {
        ParserError::RecursionLimitExceeded => {
            return source.error_at(parser.peek_token().span, too_deep(NESTING));
        }
        ParserError::ParserError(text) | ParserError::TokenizerError(text) => text,
    };
    let Some(place) = place_of(text) else {
        if text.contains("EOF") {
            return source.error(source.end(), "the expression ends too early");
        }
        return source.error(Location { line: 1, column: 1 }, lower_first(text));
    };
    match tokens.iter().find(|token| token.span.start == place && !is_space(token)) {
        Some(token) => unexpected(source, token),
        None => source.error(place, lower_first(text)),
    }
}

/// `sqlparser` reports the place only in its text: `… at Line: 1, Column: 5`.
fn place_of(text: &str) -> Option<Location> {
    let (_, place) = text.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let line = line.parse().ok()?;
    let digits = column.find(|c: char| !c.is_ascii_digit()).unwrap_or(column.len());
    Some(Location { line, column: column[..digits].parse().ok()? })
}

pub(crate) fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The message for an expression with more than this many levels.
pub(crate) fn too_deep(levels: usize) -> String {
    format!("the expression is nested too deeply (more than {levels} levels)")
}

/// How deeply parentheses and prefix operators may nest. A level costs the parser up to about 10 KB
/// of stack, and threads have 2 MB.
pub(crate) const NESTING: usize = 60;
