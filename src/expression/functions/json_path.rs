//! The path to a value in JSON: `$.a.b[0]` (JSONPath without wildcards), `/a/b/0` (RFC 6901), or a
//! key alone.
//!
//! Source: DuckDB's manual, "JSON"; its answers in other cases were compared by hand.

use std::iter::Peekable;
use std::str::Chars;

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// A position in an array, from 0; a negative one counts from the end.
    Position(i64),
    /// Either, in a path with slashes.
    KeyOrPosition(String),
}

/// The steps of a path.
///
/// # Errors
/// Why it is no path.
pub(super) fn parse(path: &str) -> Result<Vec<Step>, String> {
    if let Some(steps) = path.strip_prefix('$') {
        return dotted(steps).map_err(|why| format!("the path \"{path}\" {why}"));
    }
    if let Some(steps) = path.strip_prefix('/') {
        let step = |step: &str| Step::KeyOrPosition(step.replace("~1", "/").replace("~0", "~"));
        return Ok(steps.split('/').map(step).collect());
    }
    // As in DuckDB, an empty path is the whole value.
    Ok(Some(path)
        .filter(|key| !key.is_empty())
        .map(|key| Step::Key(key.to_owned()))
        .into_iter()
        .collect())
}

fn dotted(text: &str) -> Result<Vec<Step>, String> {
    let (mut letters, mut steps) = (text.chars().peekable(), Vec::new());
    while let Some(letter) = letters.next() {
        steps.push(match letter {
            '.' => Step::Key(key(&mut letters)?),
            '[' => position(&mut letters)?,
            _ => return Err("needs a . or a [ after the $".to_owned()),
        });
    }
    Ok(steps)
}

fn key(letters: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    if letters.next_if_eq(&'"').is_some() {
        return quoted(letters);
    }
    let mut key = String::new();
    while let Some(letter) = letters.next_if(|letter| !matches!(letter, '.' | '[')) {
        key.push(letter);
    }
    match &*key {
        "" => Err("lacks a key after a .".to_owned()),
        "*" => Err(WILDCARD.to_owned()),
        _ => Ok(key),
    }
}

const WILDCARD: &str = "has a wildcard, which is not supported: name one value";

fn quoted(letters: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut key = String::new();
    loop {
        match letters.next() {
            Some('"') => return Ok(key),
            Some('\\') => key.extend(letters.next()),
            Some(letter) => key.push(letter),
            None => return Err("lacks a closing \"".to_owned()),
        }
    }
}

/// `0]`, `-1]`, `#-1]` or `"key"]`.
fn position(letters: &mut Peekable<Chars<'_>>) -> Result<Step, String> {
    if letters.next_if_eq(&'"').is_some() {
        let key = quoted(letters)?;
        return match letters.next() {
            Some(']') => Ok(Step::Key(key)),
            _ => Err("lacks a ]".to_owned()),
        };
    }
    let mut inside = String::new();
    loop {
        match letters.next() {
            Some(']') => break,
            Some(letter) => inside.push(letter),
            None => return Err("lacks a ]".to_owned()),
        }
    }
    let number = inside.strip_prefix('#').filter(|number| number.starts_with('-'));
    match number.unwrap_or(&inside).parse() {
        _ if inside == "*" => Err(WILDCARD.to_owned()),
        Ok(position) if !inside.starts_with('+') => Ok(Step::Position(position)),
        _ => Err(format!("has no position in [{inside}]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Step {
        Step::Key(key.to_owned())
    }

    #[test]
    fn paths_of_all_forms() {
        let both = |text: &str| Step::KeyOrPosition(text.to_owned());
        for (path, steps) in [
            ("", vec![]),
            ("$", vec![]),
            ("a.b", vec![key("a.b")]),
            ("$.a.b", vec![key("a"), key("b")]),
            ("$.\"a.b\"[0].c d", vec![key("a.b"), Step::Position(0), key("c d")]),
            ("$[-1][#-2]", vec![Step::Position(-1), Step::Position(-2)]),
            ("$[\"a]\\\"\"]", vec![key("a]\"")]),
            ("/a/0/x~1y~0", vec![both("a"), both("0"), both("x/y~")]),
            ("/", vec![both("")]),
        ] {
            assert_eq!(parse(path), Ok(steps), "{path}");
        }
    }

    #[test]
    fn wrong_paths_are_told() {
        for (path, why) in [
            ("$a", "needs a . or a [ after the $"),
            ("$.", "lacks a key after a ."),
            ("$.a.", "lacks a key after a ."),
            ("$..a", "lacks a key after a ."),
            ("$.\"a", "lacks a closing \""),
            ("$[0", "lacks a ]"),
            ("$[1:2]", "has no position in [1:2]"),
            ("$[#1]", "has no position in [#1]"),
            ("$[99999999999999999999]", "has no position in [99999999999999999999]"),
            ("$[*]", WILDCARD),
            ("$.*", WILDCARD),
        ] {
            assert_eq!(parse(path), Err(format!("the path \"{path}\" {why}")), "{path}");
        }
    }
}
