//! Text to syntax tree: one expression and nothing after it, parsed by `sqlparser`.
//!
//! Independent of columns and types. The parser's messages are put into our words, and keywords
//! that users take for names are found here.

use super::column_numbers::with_column_numbers;
use super::dialect::DuckDb;
use super::error_place::Source;
use super::tokens::{rewrite, tool_of_clause};
use crate::error::{Error, Result};
use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned, Value,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

/// How deeply parentheses and prefix operators may nest. A level costs the parser up to about 10 KB
/// of stack, and threads have 2 MB.
const NESTING: usize = 60;

/// The maximum number of operators and keywords: in the worst case each is a level of the tree.
const OPERATORS: usize = 5_000;

/// Parses one expression.
///
/// # Errors
/// Text that is not a single expression: exit status 2, with a caret.
pub(super) fn parse(text: &str) -> Result<Tree> {
    let source = Source::new(text);
    let tokens = tokens(&source, text, Purpose::Condition)?;
    let mut parser = parser(&tokens);
    let tree = match parser.parse_expr() {
        Ok(expression) => Tree::new(expression),
        Err(error) => {
            let stopped = parser.peek_token().span;
            return Err(explain(&source, &tokens, &error, stopped));
        }
    };
    let rest = parser.peek_token();
    match rest.token {
        Token::EOF => Ok(tree),
        Token::SemiColon => {
            Err(source.error_at(rest.span, "write a single expression, without a semicolon"))
        }
        _ => Err(unexpected(&source, &rest)),
    }
}

/// The syntax that a text is parsed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Condition,
    List,
}

/// The tokens of a text, checked for input that the parser would misunderstand or could not
/// survive.
///
/// # Errors
/// Exit status 2, with a caret.
pub(super) fn tokens(
    source: &Source<'_>,
    text: &str,
    purpose: Purpose,
) -> Result<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(&DuckDb, text)
        .tokenize_with_location()
        .map_err(|error| source.error(error.location, lower_first(&error.message)))?;
    let tokens = with_column_numbers(tokens);
    let Some(first) = tokens.iter().find(|token| !is_space(token)) else {
        let what = if purpose == Purpose::List { "list" } else { "expression" };
        return Err(source.error(Location { line: 1, column: 1 }, format!("the {what} is empty")));
    };
    refuse_statement(source, first, purpose)?;
    refuse_slips(source, &tokens)?;
    refuse_too_many(source, &tokens)?;
    refuse_reserved_names(source, &tokens, purpose)?;
    Ok(tokens)
}

pub(super) fn parser(tokens: &[TokenWithSpan]) -> Parser<'static> {
    let mut tokens = tokens.to_vec();
    rewrite(&mut tokens);
    Parser::new(&DuckDb).with_recursion_limit(NESTING).with_tokens_with_locations(tokens)
}

/// The message for an expression with more than this many levels.
pub(super) fn too_deep(levels: usize) -> String {
    format!("the expression is nested too deeply (more than {levels} levels)")
}

/// A parsed expression. `a + b + c + …` leans to the left, one level per operator; it is dismantled
/// in a loop, because the compiler's own drop would need stack for every level.
#[derive(Debug)]
pub(super) struct Tree(Expr);

impl Tree {
    pub(super) fn new(expression: Expr) -> Self {
        Self(expression)
    }

    pub(super) fn expression(&self) -> &Expr {
        &self.0
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let nothing = || Expr::value(Value::Null);
        let mut rest = vec![std::mem::replace(&mut self.0, nothing())];
        while let Some(expression) = rest.pop() {
            match expression {
                Expr::BinaryOp { left, right, .. }
                | Expr::IsDistinctFrom(left, right)
                | Expr::IsNotDistinctFrom(left, right) => rest.extend([*left, *right]),
                Expr::Cast { expr, .. }
                | Expr::Between { expr, .. }
                | Expr::InList { expr, .. }
                | Expr::Like { expr, .. }
                | Expr::ILike { expr, .. }
                | Expr::IsNull(expr)
                | Expr::IsNotNull(expr)
                | Expr::IsTrue(expr)
                | Expr::IsNotTrue(expr)
                | Expr::IsFalse(expr)
                | Expr::IsNotFalse(expr)
                | Expr::IsUnknown(expr)
                | Expr::IsNotUnknown(expr)
                | Expr::UnaryOp { expr, .. }
                | Expr::Nested(expr)
                | Expr::Substring { expr, .. }
                | Expr::Trim { expr, .. }
                | Expr::Ceil { expr, .. }
                | Expr::Floor { expr, .. }
                | Expr::Extract { expr, .. }
                | Expr::SimilarTo { expr, .. }
                | Expr::Position { expr, .. }
                | Expr::AtTimeZone { timestamp: expr, .. }
                | Expr::CompoundFieldAccess { root: expr, .. } => rest.push(*expr),
                Expr::Function(Function { args: FunctionArguments::List(list), .. }) => {
                    rest.extend(list.args.into_iter().filter_map(|argument| match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
    }
}

/// The place of an expression's first token, ignoring parentheses.
pub(super) fn start_of(mut expression: &Expr) -> Location {
    loop {
        expression = match expression {
            Expr::BinaryOp { left, .. }
            | Expr::IsDistinctFrom(left, _)
            | Expr::IsNotDistinctFrom(left, _) => left,
            Expr::Cast { expr, .. }
            | Expr::Between { expr, .. }
            | Expr::InList { expr, .. }
            | Expr::Like { expr, .. }
            | Expr::ILike { expr, .. }
            | Expr::SimilarTo { expr, .. }
            | Expr::AtTimeZone { timestamp: expr, .. }
            | Expr::UnaryOp { expr, .. }
            | Expr::Nested(expr)
            | Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr)
            | Expr::CompoundFieldAccess { root: expr, .. } => expr,
            Expr::TypedString(typed) => return typed.value.span.start,
            Expr::Case { case_token, .. } => return case_token.0.span.start,
            Expr::Function(call) => return call.name.span().start,
            other => return other.span().start,
        };
    }
}

/// Whether DuckDB rejects `word` as an unquoted name.
/// Source: `duckdb_keywords()` of DuckDB 2.0, category `reserved`.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.split(' ').any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// The error for a keyword in the place of a name.
pub(super) fn must_be_quoted(source: &Source<'_>, span: Span, word: &str) -> Error {
    source.error_at(
        span,
        format!("{word} is a keyword; quote it to use it as a column name: \"{word}\""),
    )
}

/// When the parser gives up, it drops a chain of operators recursively, level by level. Each item
/// of a list is a tree of its own.
fn refuse_too_many(source: &Source<'_>, tokens: &[TokenWithSpan]) -> Result<()> {
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

fn refuse_statement(source: &Source<'_>, first: &TokenWithSpan, purpose: Purpose) -> Result<()> {
    match &first.token {
        Token::Word(word)
            if purpose == Purpose::List
                && word.quote_style.is_none()
                && word.keyword == Keyword::SELECT =>
        {
            Err(source.error_at(first.span, "write only the list, without SELECT"))
        }
        Token::Word(word) if word.quote_style.is_none() && word.keyword == Keyword::WHERE => {
            Err(source.error_at(first.span, "write only the condition, without WHERE"))
        }
        Token::Word(word)
            if word.quote_style.is_none()
                && matches!(word.keyword, Keyword::SELECT | Keyword::WITH) =>
        {
            Err(source.error_at(first.span, "a condition is expected here, not a statement"))
        }
        _ => Ok(()),
    }
}

/// Syntax of other languages, which the parser would misinterpret.
fn refuse_slips(source: &Source<'_>, tokens: &[TokenWithSpan]) -> Result<()> {
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
fn refuse_reserved_names(
    source: &Source<'_>,
    tokens: &[TokenWithSpan],
    purpose: Purpose,
) -> Result<()> {
    let words: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_space(token)).collect();
    for (place, token) in words.iter().enumerate() {
        let Token::Word(word) = &token.token else { continue };
        if word.quote_style.is_some() || !is_reserved(&word.value) {
            continue;
        }
        let before = place.checked_sub(1).map(|before| &words[before].token);
        // Any word may be an alias: `AS order`.
        let behind_as = matches!(before, Some(Token::Word(word)) if word.keyword == Keyword::AS);
        if purpose == Purpose::List && behind_as {
            continue;
        }
        if let Some(tool) = tool_of_clause(word.keyword, before, words.get(place + 1)) {
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
        if is_part || !SYNTAX.contains(&word.keyword) {
            return Err(must_be_quoted(source, token.span, &word.value));
        }
    }
    Ok(())
}

/// Whether an operator may follow: `sqlparser` reads `AND` as a name if an operand is missing.
pub(super) fn ends_operand(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            let is_value = matches!(
                word.keyword,
                Keyword::END | Keyword::NULL | Keyword::TRUE | Keyword::FALSE
            );
            word.quote_style.is_some() || is_value || !is_reserved(&word.value)
        }
        Token::RParen | Token::RBracket | Token::RBrace | Token::Number(..) => true,
        Token::Period | Token::Comma | Token::LParen | Token::LBracket => false,
        Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::LtEq | Token::Gt => false,
        Token::GtEq | Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod => false,
        Token::DuckIntDiv | Token::DoubleColon => false,
        _ => true,
    }
}

/// The parser's message in our words, with the caret where it stopped.
pub(super) fn explain(
    source: &Source<'_>,
    tokens: &[TokenWithSpan],
    error: &ParserError,
    stopped: Span,
) -> Error {
    let text = match error {
        ParserError::RecursionLimitExceeded => {
            return source.error_at(stopped, too_deep(NESTING));
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

pub(super) fn unexpected(source: &Source<'_>, token: &TokenWithSpan) -> Error {
    match &token.token {
        Token::EOF => source.error(source.end(), "the expression ends too early"),
        Token::Word(word)
            if word.quote_style.is_none()
                && word.keyword != Keyword::NoKeyword
                && !NEVER_NAMES.contains(&word.keyword) =>
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

/// `sqlparser` reports the place only in its text: `… at Line: 1, Column: 5`.
fn place_of(text: &str) -> Option<Location> {
    let (_, place) = text.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let line = line.parse().ok()?;
    let digits = column.find(|c: char| !c.is_ascii_digit()).unwrap_or(column.len());
    Some(Location { line, column: column[..digits].parse().ok()? })
}

pub(super) fn is_space(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Words that are never taken for a column name.
const NEVER_NAMES: &[Keyword] = &[
    Keyword::AND,
    Keyword::AS,
    Keyword::BETWEEN,
    Keyword::FALSE,
    Keyword::ILIKE,
    Keyword::IN,
    Keyword::IS,
    Keyword::LIKE,
    Keyword::NOT,
    Keyword::NULL,
    Keyword::OR,
    Keyword::TRUE,
];

/// The reserved words that belong to the syntax of expressions.
const SYNTAX: &[Keyword] = &[
    Keyword::AND,
    Keyword::AS,
    Keyword::BOTH,
    Keyword::CASE,
    Keyword::CAST,
    Keyword::COLLATE,
    Keyword::DISTINCT,
    Keyword::ELSE,
    Keyword::END,
    Keyword::FALSE,
    Keyword::FOR,
    Keyword::FROM,
    Keyword::IN,
    Keyword::LEADING,
    Keyword::NOT,
    Keyword::NULL,
    Keyword::OR,
    Keyword::THEN,
    Keyword::TO,
    Keyword::TRAILING,
    Keyword::TRUE,
    Keyword::WHEN,
];

const RESERVED: &str = "\
    all analyse analyze and any array as asc asymmetric both case cast check collate \
    column constraint create default deferrable desc describe distinct do else end \
    except false fetch for foreign from group having in initially intersect into lambda \
    lateral leading limit not null offset on only or order pivot pivot_longer \
    pivot_wider placing primary qualify references returning select show some summarize \
    symmetric table then to trailing true union unique unpivot using variadic when where \
    window with";
