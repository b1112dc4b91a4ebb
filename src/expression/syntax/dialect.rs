//! DuckDB's own dialect. `sqlparser`'s dialect of this name has different precedences and lacks
//! `GLOB`.
//!
//! Source of the precedences: DuckDB 2.0, compared by hand. From loosest to tightest: comparisons;
//! `||` and `->>`; bit operators, all at one level; sums; products; `^`; signs; casts. `~` applies to
//! everything that binds tighter than the bit operators: `~ 2 + 1` is -4.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::dialect::{Dialect, DuckDbDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;
use std::any::TypeId;

/// DuckDB's dialect.
#[derive(Debug)]
pub(crate) struct DuckDb;

/// Between bit operators and comparisons.
const JOIN: u8 = 21;

/// Looser than sums.
const BITS: u8 = 22;

/// Tighter than products, looser than signs.
const POWER: u8 = 45;

/// A sign before a number. Looser than a cast: `-'5'::INT` is -5.
const SIGN: u8 = 46;

/// Settings that are the same as in `sqlparser`'s dialect.
macro_rules! as_duckdb {
    ($($setting:ident)*) => {
        $(fn $setting(&self) -> bool {
            DuckDbDialect.$setting()
        })*
    };
}

impl Dialect for DuckDb {
    // The parser enables some syntax only for dialects that it knows.
    fn dialect(&self) -> TypeId {
        TypeId::of::<DuckDbDialect>()
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        Some(Ok(match &parser.peek_token_ref().token {
            Token::Caret => POWER,
            Token::Ampersand | Token::Pipe | Token::ShiftLeft | Token::ShiftRight => BITS,
            // In DuckDB `->` is the loosest of all, since it is the arrow of lambdas, too: there
            // `json->'a' = '1'` is an error.
            Token::StringConcat | Token::LongArrow | Token::Arrow => JOIN,
            // `glob` may be an alias.
            Token::Word(word) if word.keyword == Keyword::GLOB && !starts_operand(parser, 1) => 0,
            _ => return None,
        }))
    }

    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let (op, level) = match parser.peek_token_ref().token {
            Token::Minus => (UnaryOperator::Minus, SIGN),
            Token::Plus => (UnaryOperator::Plus, SIGN),
            Token::Tilde => (UnaryOperator::BitwiseNot, BITS),
            _ => return None,
        };
        parser.next_token();
        let operand = parser.parse_subexpr(level);
        Some(operand.map(|operand| Expr::UnaryOp { op, expr: Box::new(operand) }))
    }

    fn parse_infix(
        &self,
        parser: &mut Parser<'_>,
        left: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        let is_negated = parser.parse_keywords(&[Keyword::NOT, Keyword::GLOB]);
        if !is_negated && !parser.parse_keyword(Keyword::GLOB) {
            return None;
        }
        let right = parser.parse_subexpr(precedence);
        Some(right.map(|right| {
            let (left, right) = (Box::new(left.clone()), Box::new(right));
            let glob = Expr::BinaryOp { left, op: BinaryOperator::Glob, right };
            if is_negated {
                Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(glob) }
            } else {
                glob
            }
        }))
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        DuckDbDialect.prec_value(precedence)
    }

    // `EXTRACT(yearweek FROM day)`: DuckDB has more parts than the parser has names for.
    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        DuckDbDialect.is_identifier_start(letter)
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        DuckDbDialect.is_identifier_part(letter)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        DuckDbDialect.identifier_quote_style(identifier)
    }

    as_duckdb! {
        allow_extract_single_quotes
        supports_trailing_commas
        supports_filter_during_aggregation
        supports_bitwise_shift_operators
        supports_named_fn_args_with_eq_operator
        supports_named_fn_args_with_assignment_operator
        supports_dictionary_syntax
        support_map_literal_syntax
        supports_array_typedef_with_brackets
        supports_notnull_operator
        supports_select_wildcard_exclude
        supports_select_wildcard_replace
        supports_comma_separated_trim
        supports_numeric_literal_underscores
    }
}

/// Whether an operand may begin at the token `ahead` positions after the next one.
fn starts_operand(parser: &Parser<'_>, ahead: usize) -> bool {
    matches!(
        parser.peek_nth_token_ref(ahead).token,
        Token::SingleQuotedString(_) | Token::Word(_) | Token::LParen
    )
}
