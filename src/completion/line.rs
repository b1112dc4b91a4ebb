//! The request of a shell: the line up to the cursor, and the text around it.

use super::words::{Quote, Shell, Token, Tokens, tokens};
use std::collections::VecDeque;
use std::ffi::OsString;

/// A command line with an unfinished word.
pub struct Line {
    pub(super) shell: Shell,
    /// The finished words, with the command.
    words: VecDeque<String>,
    /// The unfinished word up to the cursor, without quotes.
    current: String,
    /// The words of other commands of the same pipeline, and those after the cursor.
    pub(super) around: Vec<Vec<String>>,
    /// The text that the shell replaces: the unfinished word without its first bytes.
    pub(super) kept_bytes: usize,
    /// The quotes that are open where that text begins.
    pub(super) quote: Quote,
}

impl Line {
    /// Reads the arguments that follow [`REQUEST`](super::REQUEST):
    ///
    /// 1. the name of the shell,
    /// 2. the command up to the cursor, as it was typed,
    /// 3. the text before it, of which this command may be a part,
    /// 4. the text after the cursor,
    /// 5. the text that the shell is going to replace, which is at the end of the second one.
    ///
    /// All but the first two may be missing.
    pub fn read(arguments: &[OsString]) -> Option<Self> {
        let argument = |place: usize| arguments.get(place).and_then(|text| text.to_str());
        let shell = Shell::of_name(argument(0)?)?;
        let (typed, before, after) = (argument(1)?, argument(2), argument(3));
        let found = tokens(shell, typed);
        let kept = argument(4).and_then(|replaced| typed.strip_suffix(replaced));
        let kept = kept.map(|kept| tokens(shell, kept));
        let mut words = VecDeque::new();
        let mut inputs = Vec::new();
        for token in found.finished {
            match token {
                Token::Word(word) => words.push_back(word),
                Token::Input(file) => inputs.push(file),
                Token::Pipe | Token::End => {}
            }
        }
        while words.len() > 1 && words.front().is_some_and(|word| precedes_command(word)) {
            words.pop_front();
        }
        let mut around = vec![inputs];
        let until_end = |tokens: &[Token]| {
            let end = tokens.iter().position(|token| *token == Token::End);
            tokens[..end.unwrap_or(tokens.len())].to_vec()
        };
        around.extend(commands(&until_end(&whole(shell, after.unwrap_or_default()))));
        let before = whole(shell, before.unwrap_or_default());
        let start = before.iter().rposition(|token| *token == Token::End).map_or(0, |end| end + 1);
        around.extend(commands(&before[start..]));
        Some(Self {
            shell,
            words,
            current: found.last,
            around,
            kept_bytes: kept.as_ref().map_or(0, |kept| kept.last.len()),
            quote: kept.map_or(Quote::None, |kept| kept.quote),
        })
    }

    /// Removes the first word, and returns it.
    pub fn take_first(&mut self) -> String {
        self.words.pop_front().unwrap_or_default()
    }

    /// The first word, if it is finished.
    pub fn first(&self) -> Option<&str> {
        self.words.front().map(String::as_str)
    }

    /// The finished words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The unfinished word.
    pub fn current(&self) -> &str {
        &self.current
    }
}

/// Whether the command comes after this word: `NAME=VALUE` sets a variable, and fish passes its
/// keywords, too.
fn precedes_command(word: &str) -> bool {
    const KEYWORDS: &[&str] =
        &["and", "begin", "command", "else", "exec", "if", "not", "or", "time", "while"];
    let name = word.split_once('=').map_or("", |(name, _)| name);
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    KEYWORDS.contains(&word) || !name.is_empty() && is_name(name)
}

/// The tokens of a text whose last word is finished, too.
fn whole(shell: Shell, text: &str) -> Vec<Token> {
    let Tokens { mut finished, last, .. } = tokens(shell, text);
    finished.push(Token::Word(last));
    finished
}

/// The words of each command.
fn commands(tokens: &[Token]) -> Vec<Vec<String>> {
    let parts = tokens.split(|token| *token == Token::Pipe);
    let words = |part: &[Token]| {
        let words = part.iter().filter_map(|token| match token {
            Token::Word(word) | Token::Input(word) => Some(word.clone()),
            Token::Pipe | Token::End => None,
        });
        words.collect()
    };
    parts.map(words).collect()
}
