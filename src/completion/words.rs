//! Splits a command line into words as a shell does, and quotes a text for it.

/// The shell that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

impl Shell {
    /// The shells, by their names.
    pub const NAMES: &[(&str, Self)] =
        &[("bash", Self::Bash), ("zsh", Self::Zsh), ("fish", Self::Fish)];

    /// The shell of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, shell)| *shell)
    }
}

/// The quotes around a place in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    None,
    Single,
    Double,
    /// `$'`, with escapes such as `\n`.
    Dollar,
}

impl Quote {
    /// The sign that ends it.
    pub(super) fn end(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Single | Self::Dollar => Some("'"),
            Self::Double => Some("\""),
        }
    }
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, without its quotes.
    Word(String),
    /// The file of `<`.
    Input(String),
    /// `|` or a parenthesis: another command begins.
    Pipe,
    /// `;`, `&` or the end of the line: what follows has another input.
    End,
}

/// The tokens of a line, the last of which is unfinished.
pub(super) struct Tokens {
    pub(super) finished: Vec<Token>,
    pub(super) last: String,
    /// The quotes that are open at the end.
    pub(super) quote: Quote,
}

/// Splits a line. Variables are not expanded, and commands in it are not run.
pub(super) fn tokens(shell: Shell, line: &str) -> Tokens {
    let mut reader =
        Reader { shell, found: Vec::new(), word: None, quote: Quote::None, next: None };
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\' && reader.escapes(letters.peek().copied());
        if escapes {
            // A backslash at the end escapes nothing yet.
            reader.push(letters.next());
        } else if reader.quote == Quote::None {
            let opens = letter == '$' && shell != Shell::Fish && letters.peek() == Some(&'\'');
            if opens {
                letters.next();
                reader.open(Quote::Dollar);
            } else {
                reader.unquoted(letter);
            }
        } else {
            reader.quoted(letter);
        }
    }
    // After an output redirection comes no word of the command either, but it is finished by the
    // shell itself.
    Tokens { finished: reader.found, last: reader.word.unwrap_or_default(), quote: reader.quote }
}

struct Reader {
    shell: Shell,
    found: Vec<Token>,
    /// The current word, if one has begun.
    word: Option<String>,
    quote: Quote,
    /// The redirection (`<` or `>`) whose file comes next.
    next: Option<char>,
}

impl Reader {
    /// Whether a backslash escapes the letter after it.
    fn escapes(&self, next: Option<char>) -> bool {
        let is = |signs: &str| next.is_some_and(|next| signs.contains(next));
        match (self.quote, self.shell) {
            (Quote::None | Quote::Dollar, _) => true,
            (Quote::Single, Shell::Fish) => is("'\\"),
            (Quote::Single, _) => false,
            (Quote::Double, Shell::Fish) => is("\"\\$\n"),
            (Quote::Double, _) => is("\"\\$`\n"),
        }
    }

    fn open(&mut self, quote: Quote) {
        self.word.get_or_insert_default();
        self.quote = quote;
    }

    fn push(&mut self, letter: Option<char>) {
        self.word.get_or_insert_default().extend(letter);
    }

    fn quoted(&mut self, letter: char) {
        if self.quote.end().is_some_and(|end| end.starts_with(letter)) {
            self.quote = Quote::None;
        } else {
            self.push(Some(letter));
        }
    }

    fn unquoted(&mut self, letter: char) {
        match letter {
            '\'' => self.open(Quote::Single),
            '"' => self.open(Quote::Double),
            '\n' | ';' => self.end(Some(Token::End)),
            // `>&` is one sign.
            '&' if self.next.is_none() || self.word.is_some() => self.end(Some(Token::End)),
            '|' | '(' | ')' => self.end(Some(Token::Pipe)),
            '<' | '>' => {
                // `2>` redirects by number.
                self.word.take_if(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
                self.end(None);
                self.next = Some(letter);
            }
            _ if letter.is_whitespace() => self.end(None),
            _ => self.push(Some(letter)),
        }
    }

    /// Ends the current word.
    fn end(&mut self, token: Option<Token>) {
        if let Some(word) = self.word.take() {
            match self.next.take() {
                None => self.found.push(Token::Word(word)),
                Some('<') => self.found.push(Token::Input(word)),
                Some(_) => {}
            }
        }
        if token.is_some() {
            // `<(` opens a command and is not the name of a file.
            self.next = None;
        }
        self.found.extend(token);
    }
}

/// A text as it is typed in bash, where these quotes are open.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    match quote {
        Quote::Single => text.replace('\'', "'\\''"),
        // Between double quotes `!` begins a word of the history, and a backslash before it stays.
        Quote::Double => {
            escaped_by(text, |letter| "\"\\$`".contains(letter)).replace('!', "\"'!'\"")
        }
        Quote::Dollar => escaped_by(text, |letter| "'\\".contains(letter)),
        Quote::None => escaped_by(text, |letter| {
            letter.is_ascii() && !letter.is_ascii_alphanumeric() && !"_-+=./,:@%^".contains(letter)
                || letter.is_whitespace()
        }),
    }
}

fn escaped_by(text: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_special(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(shell: Shell, line: &str) -> (Vec<String>, String, Quote) {
        let found = tokens(shell, line);
        let shown = found.finished.into_iter().map(|token| match token {
            Token::Word(word) => word,
            Token::Input(file) => format!("<{file}"),
            Token::Pipe => "|".to_owned(),
            Token::End => ";".to_owned(),
        });
        (shown.collect(), found.last, found.quote)
    }

    #[test]
    fn lines_are_split_as_by_the_shell() {
        for (line, words, last, quote) in [
            ("", &[][..], "", Quote::None),
            ("a b", &["a"], "b", Quote::None),
            ("a b ", &["a", "b"], "", Quote::None),
            (r"a b\ c", &["a"], "b c", Quote::None),
            ("a 'b c", &["a"], "b c", Quote::Single),
            ("a 'b'\\''c' ", &["a", "b'c"], "", Quote::None),
            (r#"a x"b \"\c$"#, &["a"], r#"xb "\c$"#, Quote::Double),
            (r"a $'b\' c", &["a"], "b' c", Quote::Dollar),
            ("a '' b", &["a", ""], "b", Quote::None),
            ("a <b 2>c >d& e", &["a", "<b", ";"], "e", Quote::None),
            ("a|b;c&&d", &["a", "|", "b", ";", "c", ";", ";"], "d", Quote::None),
            ("<(a b) c", &["|", "a", "b", "|"], "c", Quote::None),
            ("a\\", &[], "a", Quote::None),
        ] {
            let expected = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(split(Shell::Bash, line), (expected, last.to_owned(), quote), "{line}");
        }
        assert_eq!(split(Shell::Fish, r"a 'b\'c").1, "b'c");
        assert_eq!(split(Shell::Fish, r"a $'b").1, "$b");
    }

    #[test]
    fn a_quoted_text_is_read_back() {
        let names = ["plain", "with space", "it's", "say \"hi\"", "a,b", "$x", "ümlaut", "a\\b`!*"];
        for name in names {
            for (open, close, quote) in [
                ("", "", Quote::None),
                ("'", "'", Quote::Single),
                ("\"", "\"", Quote::Double),
                ("$'", "'", Quote::Dollar),
            ] {
                let line = format!("x {open}{}{close}", quoted(name, quote));
                assert_eq!(
                    split(Shell::Bash, &line),
                    (vec!["x".to_owned()], name.to_owned(), Quote::None)
                );
            }
        }
    }
}
