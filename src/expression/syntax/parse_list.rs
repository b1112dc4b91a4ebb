//! Text to the items of a select list: expressions with their names, and `*` with its changes.
//!
//! Independent of columns and types.

use super::error_place::Source;
use super::parse::{parser, start_of, tokens};
use super::parser_errors::explain;
use super::refused_syntax::{Purpose, unexpected};
use crate::error::Result;
use sqlparser::ast::{ExcludeSelectItem, Expr, Ident, ObjectName, RenameSelectItem, Spanned};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token};

/// One item of a select list.
#[expect(clippy::large_enum_variant, reason = "a list has a handful of items")]
#[derive(Debug)]
pub(crate) enum Item {
    /// `expression [AS name]`; `is_bare` if the name follows without `AS`.
    Value { expression: Expr, name: Option<Ident>, is_bare: bool, start: Location },
    /// `*` or `struct.*`, with columns excluded, replaced or renamed.
    Star { of: Vec<Ident>, changes: Changes, start: Location },
}

/// The changes to the columns of a `*`.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) excluded: Vec<Ident>,
    pub(crate) replaced: Vec<(Expr, Ident)>,
    /// Old and new names.
    pub(crate) renamed: Vec<(Ident, Ident)>,
}

/// Parses a list of one or more items.
///
/// # Errors
/// Text that is not such a list: exit status 2, with a caret.
pub(crate) fn parse_list(text: &str) -> Result<Vec<Item>> {
    parse_list_for(text, Purpose::List)
}

/// Parses a list over groups, in which functions of many rows have clauses of their own.
///
/// # Errors
/// As [`parse_list`].
pub(crate) fn parse_list_over_groups(text: &str) -> Result<Vec<Item>> {
    parse_list_for(text, Purpose::ListOverGroups)
}

fn parse_list_for(text: &str, purpose: Purpose) -> Result<Vec<Item>> {
    let source = Source::new(text);
    let tokens = tokens(&source, text, purpose)?;
    let mut parser = parser(&tokens);
    let mut items = Vec::new();
    loop {
        match item(&mut parser) {
            Ok(item) => items.push(item),
            Err(error) => return Err(explain(&source, &tokens, &error, &parser)),
        }
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    let rest = parser.peek_token();
    match &rest.token {
        Token::EOF => Ok(items),
        Token::SemiColon => {
            Err(source.error_at(rest.span, "write only the list, without a semicolon"))
        }
        Token::Word(word) if word.keyword == Keyword::FROM => {
            Err(source.error_at(rest.span, "write only the list, without FROM"))
        }
        _ => Err(unexpected(&source, &rest)),
    }
}

fn item(parser: &mut Parser<'_>) -> Result<Item, ParserError> {
    let start = parser.peek_token().span.start;
    match parser.parse_wildcard_expr()? {
        Expr::Wildcard(_) => Ok(Item::Star { of: Vec::new(), changes: changes(parser)?, start }),
        Expr::QualifiedWildcard(name, _) => {
            Ok(Item::Star { of: parts(name), changes: changes(parser)?, start })
        }
        expression => {
            let start = start_of(&expression);
            let has_as = matches!(&parser.peek_token().token, Token::Word(word)
                if word.keyword == Keyword::AS);
            let name = name(parser)?;
            Ok(Item::Value { expression, is_bare: name.is_some() && !has_as, name, start })
        }
    }
}

/// Parses the changes after a `*`, in this order.
fn changes(parser: &mut Parser<'_>) -> Result<Changes, ParserError> {
    let excluded = match parser.parse_optional_select_item_exclude()? {
        None => Vec::new(),
        Some(ExcludeSelectItem::Single(name)) => parts(name),
        Some(ExcludeSelectItem::Multiple(names)) => names.into_iter().flat_map(parts).collect(),
    };
    let replaced = parser.parse_optional_select_item_replace()?;
    let replaced = replaced.into_iter().flat_map(|replaced| replaced.items);
    let replaced = replaced.map(|item| (item.expr, item.column_name)).collect();
    let renamed = match parser.parse_optional_select_item_rename()? {
        None => Vec::new(),
        Some(RenameSelectItem::Single(item)) => vec![(item.ident, item.alias)],
        Some(RenameSelectItem::Multiple(items)) => {
            items.into_iter().map(|item| (item.ident, item.alias)).collect()
        }
    };
    Ok(Changes { excluded, replaced, renamed })
}

/// Parses `AS name`, or a name alone that is not an SQL keyword.
fn name(parser: &mut Parser<'_>) -> Result<Option<Ident>, ParserError> {
    if parser.parse_keyword(Keyword::AS) {
        return parser.parse_identifier().map(Some);
    }
    match &parser.peek_token().token {
        Token::Word(word) if word.quote_style.is_some() || word.keyword == Keyword::NoKeyword => {
            parser.parse_identifier().map(Some)
        }
        _ => Ok(None),
    }
}

fn parts(name: ObjectName) -> Vec<Ident> {
    let span = name.span();
    let place = |mut part: Ident| {
        if part.span == Span::empty() {
            part.span = span;
        }
        part
    };
    name.0.into_iter().filter_map(|part| part.as_ident().cloned().map(place)).collect()
}
