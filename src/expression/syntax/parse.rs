//! Text to syntax tree: one expression and nothing after it, parsed by `sqlparser`.
//!
//! Independent of columns and types.

use super::dialect::DuckDb;
use super::error_place::Source;
use super::parser_errors::{NESTING, explain, lower_first};
use super::refused_syntax::{
    Purpose, refuse_reserved_names, refuse_slips, refuse_statement, refuse_too_many, unexpected,
};
use super::tokens::{is_space, rewrite, with_column_numbers};
use crate::error::Result;
use sqlparser::ast::{BinaryOperator, Expr, Spanned};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

/// A parsed condition, which may be bound to several schemas.
#[derive(Debug)]
pub struct Condition {
    text: String,
    expression: Expr,
}

impl Condition {
    /// Parses the text of a condition.
    ///
    /// # Errors
    /// Exit status 2, with the expression and a caret below the message: text that is not a single
    /// expression.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self { text: text.to_owned(), expression: parse(text)? })
    }

    pub(crate) fn source(&self) -> Source<'_> {
        Source::new(&self.text)
    }

    pub(crate) fn expression(&self) -> &Expr {
        &self.expression
    }
}

/// Parses one expression.
///
/// # Errors
/// Text that is not a single expression: exit status 2, with a caret.
pub(crate) fn parse(text: &str) -> Result<Expr> {
    parse_for(text, Purpose::Condition)
}

/// Parses one expression over groups.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_over_groups(text: &str) -> Result<Expr> {
    parse_for(text, Purpose::ConditionOverGroups)
}

fn parse_for(text: &str, purpose: Purpose) -> Result<Expr> {
    let source = Source::new(text);
    let tokens = tokens(&source, text, purpose)?;
    let mut parser = parser(&tokens);
    let tree = match parser.parse_expr() {
        Ok(tree) => tree,
        Err(error) => return Err(explain(&source, &tokens, &error, &parser)),
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

/// The tokens of a text, checked for input that the parser would misunderstand or could not
/// survive.
///
/// # Errors
/// Exit status 2, with a caret.
pub(crate) fn tokens(
    source: &Source<'_>,
    text: &str,
    purpose: Purpose,
) -> Result<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(&DuckDb, text)
        .tokenize_with_location()
        .map_err(|error| source.error(error.location, lower_first(&error.message)))?;
    let tokens = with_column_numbers(tokens);
    let Some(first) = tokens.iter().find(|token| !is_space(token)) else {
        let what = if purpose.is_list() { "list" } else { "expression" };
        return Err(source.error(Location { line: 1, column: 1 }, format!("the {what} is empty")));
    };
    refuse_statement(source, first, purpose)?;
    refuse_slips(source, &tokens)?;
    refuse_too_many(source, &tokens)?;
    refuse_reserved_names(source, &tokens, purpose)?;
    Ok(tokens)
}

pub(crate) fn parser(tokens: &[TokenWithSpan]) -> Parser<'static> {
    let mut tokens = tokens.to_vec();
    rewrite(&mut tokens);
    Parser::new(&DuckDb).with_recursion_limit(NESTING).with_tokens_with_locations(tokens)
}

/// The operands of a chain of one operator, of any length; the chain leans to the left.
pub(crate) fn chain<'a>(mut rest: &'a Expr, operator: &BinaryOperator) -> Vec<&'a Expr> {
    let mut operands = Vec::new();
    while let Expr::BinaryOp { left, op, right } = rest
        && op == operator
    {
        operands.push(&**right);
        rest = left;
    }
    operands.push(rest);
    operands.reverse();
    operands
}

/// The place of an expression's first token, ignoring parentheses.
pub(crate) fn start_of(mut expression: &Expr) -> Location {
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
