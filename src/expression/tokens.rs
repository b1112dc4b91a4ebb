//! Tokens put into the form in which the parser understands them, where DuckDB's dialect has more than
//! `sqlparser` knows of it; and the clauses of SQL that are other tools' work.

use super::parse::{ends_operand, is_space};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Rewrites what the parser would refuse or misunderstand.
pub(super) fn rewrite(tokens: &mut Vec<TokenWithSpan>) {
    compare_in_calls(tokens);
    glob_operators(tokens);
    power_operators(tokens);
    quote_extracted_parts(tokens);
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

/// The parser has no `GLOB` in this dialect; an operator that the dialect does not have stands for it.
fn glob_operators(tokens: &mut [TokenWithSpan]) {
    let places: Vec<usize> = (0..tokens.len()).filter(|place| !is_space(&tokens[*place])).collect();
    for three in places.windows(3) {
        let Token::Word(word) = &tokens[three[1]].token else { continue };
        let is_operator = word.quote_style.is_none() && word.value.eq_ignore_ascii_case("glob");
        let starts_operand = matches!(
            tokens[three[2]].token,
            Token::SingleQuotedString(_) | Token::Word(_) | Token::LParen
        );
        if is_operator && starts_operand && ends_operand(&tokens[three[0]].token) {
            tokens[three[1]].token = Token::TildeAsterisk;
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

/// In `EXTRACT(yearweek FROM day)` the parser knows only some parts by name, but takes all in quotes.
fn quote_extracted_parts(tokens: &mut [TokenWithSpan]) {
    let places: Vec<usize> = (0..tokens.len()).filter(|place| !is_space(&tokens[*place])).collect();
    for four in places.windows(4) {
        let word = |place: usize| match &tokens[four[place]].token {
            Token::Word(word) if word.quote_style.is_none() => Some(word),
            _ => None,
        };
        let is_extract = word(0).is_some_and(|word| word.keyword == Keyword::EXTRACT)
            && tokens[four[1]].token == Token::LParen
            && word(3).is_some_and(|word| word.keyword == Keyword::FROM);
        if is_extract && let Some(part) = word(2) {
            tokens[four[2]].token = Token::SingleQuotedString(part.value.clone());
        }
    }
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
