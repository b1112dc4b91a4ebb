//! Syntax that is refused, and the errors for words out of place.

use super::error_place::Source;
use super::tokens::{ends_operand, is_reserved, is_space, lists, tool_of_clause};
use crate::error::{Error, Result};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// A chain of operators is dropped recursively, level by level, which takes 80 bytes of stack each.
/// Each item of a list is a tree of its own.
pub(crate) fn refuse_too_many(source: &Source<'_>, tokens: &[TokenWithSpan]) -> Result<()> {
    let (mut deepening, mut parentheses) = (0, 0_usize);
    for token in tokens {
        match &token.token {
            Token::LParen => parentheses += 1,
            Token::RParen => parentheses = parentheses.saturating_sub(1),
            Token::Comma if parentheses == 0 => deepening = 0,
            Token::Whitespace(_)
            | Token::Comma
            | Token::Number(..)
            | Token::SingleQuotedString(_) => {}
            Token::Word(word) if word.keyword == Keyword::NoKeyword => {}
            _ => deepening += 1,
        }
        if deepening > OPERATORS {
            let what = format!("the expression has more than {OPERATORS} operators and keywords");
            return Err(source.error_at(token.span, what));
        }
    }
    Ok(())
}

pub(crate) fn refuse_statement(
    source: &Source<'_>,
    first: &TokenWithSpan,
    purpose: Purpose,
) -> Result<()> {
    let message = match &first.token {
        Token::Word(word) if word.quote_style.is_none() => match word.keyword {
            Keyword::SELECT if purpose.is_list() => "write only the list, without SELECT",
            Keyword::WHERE => "write only the condition, without WHERE",
            Keyword::SELECT | Keyword::WITH => "a condition is expected here, not a statement",
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(source.error_at(first.span, message))
}

/// Syntax of other languages, which the parser would misinterpret.
pub(crate) fn refuse_slips(source: &Source<'_>, tokens: &[TokenWithSpan]) -> Result<()> {
    for pair in tokens.windows(2) {
        let hint = match (&pair[0].token, &pair[1].token) {
            (Token::Overlap, _) => "&& is not supported; write AND",
            (Token::Eq, Token::ExclamationMark) => "=! is not supported; write <>",
            (Token::TildeAsterisk, _) => {
                "~* is not supported; write regexp_matches(text, pattern, 'i')"
            }
            _ => continue,
        };
        return Err(source.error_at(pair[0].span, hint));
    }
    Ok(())
}

/// `sqlparser` reads `group = 1` as a comparison; DuckDB does not, and neither do we, so that an
/// expression that works here works there.
pub(crate) fn refuse_reserved_names(
    source: &Source<'_>,
    tokens: &[TokenWithSpan],
    purpose: Purpose,
) -> Result<()> {
    let words: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_space(token)).collect();
    let mut parentheses = 0_usize;
    for (place, token) in words.iter().enumerate() {
        match &token.token {
            Token::LParen => parentheses += 1,
            Token::RParen => parentheses = parentheses.saturating_sub(1),
            _ => {}
        }
        let Token::Word(word) = &token.token else { continue };
        if word.quote_style.is_some() || !is_reserved(&word.value) {
            continue;
        }
        let before = place.checked_sub(1).map(|before| &words[before].token);
        // Any word may be an alias: `AS order`.
        let behind_as = matches!(before, Some(Token::Word(word)) if word.keyword == Keyword::AS);
        if purpose.is_list() && behind_as {
            continue;
        }
        let is_in_call = parentheses > 0 && purpose.is_over_groups();
        if is_in_call && lists(CLAUSES_OF_CALLS, &word.value) {
            continue;
        }
        let tool = match (purpose.is_over_groups(), word.keyword) {
            (true, Keyword::GROUP) => Some("use --by"),
            (true, Keyword::HAVING) => Some("use --having"),
            _ => tool_of_clause(word.keyword, before, words.get(place + 1)),
        };
        if let Some(tool) = tool {
            let message = format!("{} is not part of an expression; {tool}", word.value);
            return Err(source.error_at(token.span, message));
        }
        if matches!(word.keyword, Keyword::SELECT) {
            return Err(source.error_at(token.span, "subqueries are not supported"));
        }
        if matches!(word.keyword, Keyword::AND | Keyword::OR) && !before.is_some_and(ends_operand) {
            return Err(unexpected(source, token));
        }
        let is_part = matches!(before, Some(Token::Period));
        if is_part || !lists(SYNTAX, &word.value) {
            return Err(must_be_quoted(source, token.span, &word.value));
        }
    }
    Ok(())
}

/// The maximum number of operators and keywords: in the worst case each is a level of the tree.
const OPERATORS: usize = 5_000;

/// The syntax that a text is parsed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Condition,
    List,
    /// Functions of many rows may be called.
    ConditionOverGroups,
    ListOverGroups,
}

impl Purpose {
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::List | Self::ListOverGroups)
    }

    fn is_over_groups(self) -> bool {
        matches!(self, Self::ConditionOverGroups | Self::ListOverGroups)
    }
}

/// The reserved words of the clauses in and after a call of a function of many rows:
/// `list(DISTINCT a ORDER BY b DESC) FILTER (WHERE c)`.
const CLAUSES_OF_CALLS: &str = "asc desc distinct order where";

/// Words that are never taken for a column name.
const NEVER_NAMES: &str = "and as between false ilike in is like not null or true";

/// The reserved words that belong to the syntax of expressions.
const SYNTAX: &str = "and as both case cast collate distinct else end false for from in leading not \
                      null or then to trailing true when";

/// The error for a keyword in the place of a name.
pub(crate) fn must_be_quoted(source: &Source<'_>, span: Span, word: &str) -> Error {
    source.error_at(
        span,
        format!("{word} is a keyword; quote it to use it as a column name: \"{word}\""),
    )
}

pub(crate) fn unexpected(source: &Source<'_>, token: &TokenWithSpan) -> Error {
    match &token.token {
        Token::EOF => source.error(source.end(), "the expression ends too early"),
        Token::Word(word)
            if word.quote_style.is_none()
                && word.keyword != Keyword::NoKeyword
                && !lists(NEVER_NAMES, &word.value) =>
        {
            source.error_at(
                token.span,
                format!(
                    "{} is not expected here; quote it to use it as a column name: \"{}\"",
                    word.value, word.value
                ),
            )
        }
        other => source.error_at(token.span, format!("{other} is not expected here")),
    }
}
