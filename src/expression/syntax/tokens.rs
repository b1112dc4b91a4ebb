//! Rewrites tokens for the parser where DuckDB's dialect has more than `sqlparser` supports; and
//! names the tools for SQL clauses that are not part of an expression.

use sqlparser::ast::{Expr, Value};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// Rewrites tokens that the parser would reject or misread.
pub(crate) fn rewrite(tokens: &mut Vec<TokenWithSpan>) {
    compare_in_calls(tokens);
    power_operators(tokens);
    *tokens = with_bounds_left_out(std::mem::take(tokens));
}

/// In `COALESCE(a = 1 OR b, c)` the parser would read `a` as an argument name; with `==`, which
/// means the same, it does not.
fn compare_in_calls(tokens: &mut [TokenWithSpan]) {
    let places: Vec<usize> = (0..tokens.len()).filter(|place| !is_space(&tokens[*place])).collect();
    for three in places.windows(3) {
        let [before, name, equal] = [three[0], three[1], three[2]].map(|at| &tokens[at].token);
        if matches!(
            (before, name, equal),
            (Token::LParen | Token::Comma, Token::Word(_), Token::Eq)
        ) {
            tokens[three[2]].token = Token::DoubleEq;
        }
    }
}

/// The parser supports `^` but not `**`, which means the same in DuckDB.
fn power_operators(tokens: &mut Vec<TokenWithSpan>) {
    let is_double = |pair: &[TokenWithSpan]| {
        pair[0].token == Token::Mul
            && pair[1].token == Token::Mul
            && pair[0].span.end == pair[1].span.start
    };
    let places = tokens.windows(2).enumerate().filter(|(_, pair)| is_double(pair));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    for place in places.into_iter().rev() {
        tokens[place].token = Token::Caret;
        tokens.remove(place + 1);
    }
}

/// Merges each `#` and the number directly after it, which mean a column by its number, into one
/// name.
pub(crate) fn with_column_numbers(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut named: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (named.last_mut(), &token.token) {
            (Some(sign), Token::Number(digits, false))
                if sign.token == Token::Sharp && sign.span.end == token.span.start =>
            {
                let word = Word {
                    value: format!("#{digits}"),
                    quote_style: None,
                    keyword: Keyword::NoKeyword,
                };
                sign.token = Token::Word(word);
                sign.span.end = token.span.end;
            }
            _ => named.push(token),
        }
    }
    named
}

/// Whether a slice bound is the placeholder for an omitted one; the parser requires a bound.
pub(crate) fn is_left_out(bound: &Expr) -> bool {
    matches!(bound, Expr::Value(value) if value.value == Value::Placeholder(String::new()))
}

/// Inserts colons and placeholders into `list[::-1]`, in which the tokenizer sees a cast, and into
/// `list[:-:-1]`, in which DuckDB takes a minus for an omitted bound.
fn with_bounds_left_out(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let left_out = |span| TokenWithSpan::new(Token::Placeholder(String::new()), span);
    let colon = |span| TokenWithSpan::new(Token::Colon, span);
    let (mut written, mut brackets) = (Vec::with_capacity(tokens.len()), Vec::new());
    for (place, token) in tokens.iter().enumerate() {
        let next = tokens[place + 1..].iter().find(|token| !is_space(token));
        let next = next.map(|token| &token.token);
        let span = token.span;
        match &token.token {
            Token::LBracket => brackets.push(true),
            Token::LParen | Token::LBrace => brackets.push(false),
            Token::RBracket | Token::RParen | Token::RBrace => _ = brackets.pop(),
            _ => {}
        }
        match (&token.token, brackets.last()) {
            (Token::DoubleColon, Some(true)) if !matches!(next, Some(Token::Word(_))) => {
                written.extend([colon(span), left_out(span), colon(span)]);
            }
            (Token::Colon, Some(true)) if next == Some(&Token::Colon) => {
                written.extend([colon(span), left_out(span)]);
            }
            (Token::Minus, Some(true)) if next == Some(&Token::Colon) => {
                written.push(left_out(span));
            }
            _ => written.push(token.clone()),
        }
    }
    written
}

/// The tool for an SQL clause, if a keyword begins one: it follows an operand, where a name is not
/// allowed. `DISTINCT` comes first, before an operand.
pub(crate) fn tool_of_clause(
    keyword: Keyword,
    before: Option<&Token>,
    after: Option<&&TokenWithSpan>,
) -> Option<&'static str> {
    if keyword == Keyword::DISTINCT && before.is_none() && after.is_some() {
        return Some("use stream-sort --unique");
    }
    if !before.is_some_and(ends_operand) {
        return None;
    }
    Some(match keyword {
        Keyword::WHERE | Keyword::HAVING => "use stream-filter",
        Keyword::ORDER => "use stream-sort --by",
        Keyword::LIMIT | Keyword::FETCH => "use stream-head -n",
        Keyword::OFFSET => "use stream-tail -n +ROWS",
        Keyword::GROUP => "use stream-aggregate --by",
        Keyword::UNION => "use stream-cat",
        _ => return None,
    })
}

/// Whether an operator may follow: `sqlparser` reads `AND` as a name if an operand is missing.
pub(crate) fn ends_operand(token: &Token) -> bool {
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

pub(crate) fn is_space(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

/// Whether DuckDB rejects `word` as an unquoted name.
/// Source: `duckdb_keywords()` of DuckDB 2.0, category `reserved`.
pub(crate) fn is_reserved(word: &str) -> bool {
    lists(RESERVED, word)
}

/// Whether a word is one of those listed, regardless of case.
pub(crate) fn lists(words: &str, word: &str) -> bool {
    words.split(' ').any(|listed| listed.eq_ignore_ascii_case(word))
}

const RESERVED: &str = "\
    all analyse analyze and any array as asc asymmetric both case cast check collate \
    column constraint create default deferrable desc describe distinct do else end \
    except false fetch for foreign from group having in initially intersect into lambda \
    lateral leading limit not null offset on only or order pivot pivot_longer \
    pivot_wider placing primary qualify references returning select show some summarize \
    symmetric table then to trailing true union unique unpivot using variadic when where \
    window with";
