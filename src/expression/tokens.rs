//! Tokens put into the form in which the parser understands them, where DuckDB's dialect has more than
//! `sqlparser` knows of it; and the clauses of SQL that are other tools' work.

use super::parse::{ends_operand, is_space};
use sqlparser::ast::{Expr, Value};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Rewrites what the parser would refuse or misunderstand.
pub(super) fn rewrite(tokens: &mut Vec<TokenWithSpan>) {
    compare_in_calls(tokens);
    power_operators(tokens);
    *tokens = with_bounds_left_out(std::mem::take(tokens));
}

/// In `COALESCE(a = 1 OR b, c)` the parser would take `a` for the name of an argument; `==`, which
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

/// The parser knows `^` but not `**`, which means the same in DuckDB.
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

/// A bound of a slice that is left out, for the parser, which wants something there.
pub(super) fn is_left_out(bound: &Expr) -> bool {
    matches!(bound, Expr::Value(value) if value.value == Value::Placeholder(String::new()))
}

/// Makes three colons and bounds of `list[::-1]`, in which the tokenizer sees the sign of a cast, and
/// of `list[:-:-1]`, in which DuckDB takes a minus for a bound that is left out.
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

/// The tool that does what a clause of SQL does, if a word begins one: it follows an operand, where no
/// name can stand. `DISTINCT` stands first, and before an operand.
pub(super) fn tool_of_clause(
    keyword: Keyword,
    before: Option<&Token>,
    after: Option<&&TokenWithSpan>,
) -> Option<&'static str> {
    if keyword == Keyword::DISTINCT && before.is_none() && after.is_some() {
        return Some("stream-sort --unique leaves one row of each key");
    }
    if !before.is_some_and(ends_operand) {
        return None;
    }
    Some(match keyword {
        Keyword::WHERE | Keyword::HAVING => "stream-filter keeps the rows for which it is true",
        Keyword::ORDER => "stream-sort --by sorts",
        Keyword::LIMIT | Keyword::FETCH => "stream-head -n limits the rows",
        Keyword::OFFSET => "stream-tail -n +ROWS leaves out the first rows",
        Keyword::GROUP => "stream-count --by counts the rows of each group",
        Keyword::UNION => "stream-cat puts streams together",
        _ => return None,
    })
}
