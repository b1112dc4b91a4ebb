//! `text GLOB pattern`: `*` and `?` as in a shell, and sets such as `[a-z]`, `[!a]`.

use super::function::{Function, Parameter};
use super::text::test;

use Parameter::Text;

pub(crate) const FUNCTIONS: &[Function] =
    &[Function::new(&["glob"], "text GLOB pattern", &[Text, Text], |_| Ok(test(matches)))
        .help("matches as the shell matches file names: * and ?, sets such as [a-z] and [!a]")
        .examples(&["'report-7.csv' GLOB 'report-[0-9].*'"])];

/// Whether the whole text matches. A star is tried at successively later positions; once a later
/// star is reached, an earlier one need never be retried.
fn matches(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    // The pattern after the last star, and the text at which it was last tried.
    let mut last_star: Option<(&str, &str)> = None;
    loop {
        if let Some(rest) = pattern.strip_prefix('*') {
            pattern = rest;
            last_star = Some((rest, text));
            continue;
        }
        let mut letters = text.chars();
        let letter = letters.next();
        let step = match letter {
            None if pattern.is_empty() => return true,
            None => return false,
            Some(letter) => one(letter, pattern),
        };
        match (step, last_star) {
            (Some(rest), _) => (text, pattern) = (letters.as_str(), rest),
            (None, Some((after, tried))) => {
                let mut tried = tried.chars();
                if tried.next().is_none() {
                    return false;
                }
                (text, pattern) = (tried.as_str(), after);
                last_star = Some((after, text));
            }
            (None, None) => return false,
        }
    }
}

/// The rest of the pattern after the part that matches this character; None if it does not match.
fn one(letter: char, pattern: &str) -> Option<&str> {
    let mut rest = pattern.chars();
    match rest.next()? {
        '?' => Some(rest.as_str()),
        '\\' => {
            let literal = rest.next()?;
            (literal == letter).then_some(rest.as_str())
        }
        '[' => set(letter, rest.as_str()),
        literal => (literal == letter).then_some(rest.as_str()),
    }
}

/// The same for a set, after its opening bracket.
fn set(letter: char, pattern: &str) -> Option<&str> {
    let members = pattern.strip_prefix('!').unwrap_or(pattern);
    let is_negated = members.len() < pattern.len();
    let (mut rest, mut is_member, mut is_first) = (members.chars(), false, true);
    loop {
        let start = rest.next()?;
        if start == ']' && !is_first {
            return (is_member != is_negated).then_some(rest.as_str());
        }
        is_first = false;
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(end)) if end != ']' => {
                is_member |= (start..=end).contains(&letter);
                rest = ahead;
            }
            _ => is_member |= start == letter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_duckdb() {
        for (text, pattern, expected) in [
            ("é", "?", true),
            ("éa", "???", false),
            ("abc", "[a-z]*", true),
            ("abc", "[^a]*", true),
            ("[", "[[]", true),
            ("[", "[", false),
            ("a-", "a[a-]", true),
            ("]", "[]]", true),
            ("a*", "a\\*", true),
            ("ab", "a\\*", false),
            ("", "*", true),
            ("ab", "A*", false),
            ("a", "[!]", false),
            ("!", "[a!]", true),
            ("b", "[c-a]", false),
            ("abab", "**b", true),
            ("aXbXc", "*X*c", true),
            ("aXbXd", "*X*c", false),
            ("a", "a[!b]", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }
}
