//! The text of a condition, parsed once and bound to several schemas.

use super::error_place::Source;
use super::parse::parse;
use crate::error::Result;
use sqlparser::ast::Expr;

/// A parsed condition.
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
