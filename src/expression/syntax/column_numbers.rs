//! Columns by number: `#2` is the second one. The tokenizer reads that as an operator and a number.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// Merges each `#` and the number directly after it into one name.
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
