//! RE2's syntax, where it differs from that of the `regex` crate.

use regex::{Captures, Regex, RegexBuilder};

/// The options after a pattern.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    pub(crate) ignore_case: bool,
    pub(crate) dot_is_any: bool,
    pub(crate) literal: bool,
    pub(crate) all: bool,
    /// Whether the whole text must match.
    pub(crate) whole: bool,
}

/// Compiles a pattern in RE2's syntax.
///
/// # Errors
/// An invalid pattern, with the cause.
pub(crate) fn compile(pattern: &str, options: Options) -> Result<Regex, String> {
    let translated = if options.literal { regex::escape(pattern) } else { translated(pattern) };
    let translated = if options.whole { format!("\\A(?:{translated})\\z") } else { translated };
    RegexBuilder::new(&translated)
        .case_insensitive(options.ignore_case)
        .dot_matches_new_line(options.dot_is_any)
        .build()
        .map_err(|error| {
            // The crate prints the pattern and a caret; the last line is the cause.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let why = last.strip_prefix("error: ").unwrap_or(last);
            format!("invalid regular expression: {why}")
        })
}

/// RE2's classes are ASCII-only, `[` and `&&` are literal in brackets, and `\Q…\E` quotes its
/// contents.
fn translated(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars().peekable();
    // The number of characters seen in a bracket, None outside; and the position of its first
    // member.
    let mut bracket: Option<usize> = None;
    let mut first_member = 0;
    while let Some(letter) = letters.next() {
        let inside = bracket;
        if let Some(seen) = &mut bracket {
            *seen += 1;
        }
        match (letter, letters.peek().copied()) {
            ('\\', Some('Q')) => {
                letters.next();
                let rest: String = letters.clone().collect();
                let quoted = rest.split("\\E").next().unwrap_or_default();
                result.push_str(&regex::escape(quoted));
                letters.nth(quoted.chars().count() + 1);
            }
            ('\\', Some(escaped)) => {
                letters.next();
                match (escaped, inside.is_some()) {
                    ('d', _) => result.push_str("[0-9]"),
                    ('D', _) => result.push_str("[^0-9]"),
                    ('w', _) => result.push_str("[0-9A-Za-z_]"),
                    ('W', _) => result.push_str("[^0-9A-Za-z_]"),
                    ('s', _) => result.push_str("[\\t\\n\\f\\r ]"),
                    ('S', _) => result.push_str("[^\\t\\n\\f\\r ]"),
                    ('b', false) => result.push_str("(?-u:\\b)"),
                    _ => result.extend(['\\', escaped]),
                }
            }
            ('[', next) if inside.is_some() => {
                if next == Some(':') {
                    // Copy `[:alpha:]` to its end.
                    result.push('[');
                    for letter in letters.by_ref() {
                        result.push(letter);
                        if letter == ']' {
                            break;
                        }
                    }
                } else {
                    result.push_str("\\[");
                }
            }
            ('&' | '~' | '-', Some(next)) if inside.is_some() && next == letter => {
                result.extend(['\\', letter]);
            }
            ('[', _) => {
                (bracket, first_member) = (Some(0), 0);
                result.push('[');
            }
            ('^', _) if inside == Some(0) => {
                first_member = 1;
                result.push('^');
            }
            (']', _) if inside == Some(first_member) => result.push_str("\\]"),
            (']', _) if inside.is_some() => {
                bracket = None;
                result.push(']');
            }
            _ => result.push(letter),
        }
    }
    result
}

/// `\0` to `\9` insert a match or group, `\\` a backslash.
pub(crate) fn expanded(replacement: &str, found: &Captures<'_>) -> String {
    let mut result = String::new();
    let mut letters = replacement.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    let group = digit as usize - '0' as usize;
                    result.push_str(found.get(group).map_or("", |found| found.as_str()));
                }
                other => result.extend(other),
            },
            other => result.push(other),
        }
    }
    result
}

pub(crate) fn check_replacement(replacement: &str, regex: &Regex) -> Result<(), String> {
    let mut letters = replacement.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            continue;
        }
        match letters.next() {
            Some('\\') => {}
            Some(digit) if digit.is_ascii_digit() => {
                let (group, groups) = (digit as usize - '0' as usize, regex.captures_len() - 1);
                if group > groups {
                    return Err(format!(
                        "\\{group} in the replacement, but the pattern has {groups} groups"
                    ));
                }
            }
            _ => return Err("a \\ in the replacement must be followed by a digit or \\".to_owned()),
        }
    }
    Ok(())
}
