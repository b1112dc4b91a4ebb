//! `regexp_matches` and `regexp_replace`, in the syntax of RE2, which DuckDB uses.
//!
//! The `regex` crate has nearly the same syntax; the differences are translated in
//! `regular_expression_syntax`.

use super::function::{CallError, Function, Parameter, constant_text};
use super::regular_expression_syntax::{Options, check_replacement, compile, expanded};
use super::split::{Part, list_of_texts, lists_of_texts};
use super::text::{check_length, gives_text};
use crate::expression::evaluate::call::{Body, Failure, Inputs, Prepared};
use crate::expression::evaluate::node::Node;
use arrow::datatypes::DataType;
use regex::Regex;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use Parameter::{Integer, Text};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        &["regexp_matches"],
        "regexp_matches(text, pattern [, options])",
        &[Text, Text, Text],
        |arguments| test(arguments, false),
    )
    .requires(2)
    .help(
        "whether the regular expression matches anywhere; the syntax is that of RE2, the \
         options are i (ignore case), s (a dot also matches a line break), l (the pattern \
         is literal text)",
    )
    .examples(&["regexp_matches('abc', 'b.') = TRUE", "regexp_matches('ABC', '^b', 'i') = FALSE"]),
    Function::new(
        &["regexp_replace"],
        "regexp_replace(text, pattern, replacement [, options])",
        &[Text, Text, Text, Text],
        replace,
    )
    .requires(3)
    .help(
        "replaces the first match, or all with the option g; \\0 to \\9 mean the match and \
         its groups",
    )
    .examples(&[
        "regexp_replace('hello', 'l', 'L') = 'heLlo'",
        "regexp_replace('hello', '(l)(.)', '\\2\\1', 'g') = 'hello'",
    ]),
    Function::new(
        &["regexp_full_match"],
        "regexp_full_match(text, pattern [, options])",
        &[Text, Text, Text],
        |arguments| test(arguments, true),
    )
    .requires(2)
    .help("whether the whole text matches; also text SIMILAR TO pattern")
    .examples(&["regexp_full_match('abc', 'b') = FALSE", "'abc' SIMILAR TO 'a.c'"]),
    Function::new(
        &["regexp_extract"],
        "regexp_extract(text, pattern [, group [, options]])",
        &[Text, Text, Integer, Text],
        extract,
    )
    .requires(2)
    .help("the first match, or a group of it; empty if there is none")
    .examples(&[
        "regexp_extract('order 1234', '[0-9]+') = '1234'",
        "regexp_extract('a=1', '(.)=(.)', 2) = '1'",
    ]),
    Function::new(
        &["regexp_extract_all"],
        "regexp_extract_all(text, pattern [, group [, options]])",
        &[Text, Text, Integer, Text],
        extract_all,
    )
    .requires(2)
    .help("all matches, or a group of each, as a list")
    .examples(&["regexp_extract_all('a1b2', '[0-9]')[2] = '2'"]),
];

/// A compiled pattern, or one that comes with each row.
enum Pattern {
    Ready(Regex),
    PerRow,
}

fn test(arguments: &mut Vec<Node>, whole: bool) -> Result<Prepared, CallError> {
    let options = Options { whole, ..options(arguments, 2, false)? };
    let pattern = pattern(arguments, options)?;
    let can_fail = matches!(pattern, Pattern::PerRow);
    let body: Body = Arc::new(move |inputs| {
        let (text, find) = (inputs.text(0)?, finder(inputs, &pattern, options)?);
        inputs.booleans(|row| find(row, &|regex: &Regex| Ok(regex.is_match(text(row)))))
    });
    Ok(Prepared { data_type: DataType::Boolean, body, can_fail })
}

fn replace(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let options = options(arguments, 3, true)?;
    let pattern = pattern(arguments, options)?;
    let ready = match (&pattern, constant_text(&arguments[2])) {
        (Pattern::Ready(regex), Some(Some(replacement))) => {
            check_replacement(replacement, regex).map_err(|why| CallError::at(2, why))?;
            true
        }
        _ => false,
    };
    Ok(gives_text(arguments, true, move |inputs| {
        let (text, replacement) = (inputs.text(0)?, inputs.text(2)?);
        let find = finder(inputs, &pattern, options)?;
        inputs.texts(|row| {
            find(row, &|regex: &Regex| {
                let replacement = replacement(row);
                if !ready {
                    check_replacement(replacement, regex)?;
                }
                let most = if options.all { usize::MAX } else { 1 };
                replaced(text(row), regex, replacement, most)
            })
            .map(Cow::Owned)
        })
    }))
}

/// The first match, or a group of it; empty if there is none.
fn extract(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let options = options(arguments, 3, false)?;
    let pattern = pattern(arguments, options)?;
    Ok(gives_text(arguments, true, move |inputs| {
        let (text, group) = (inputs.text(0)?, inputs.integers_or(2, 0)?);
        let find = finder(inputs, &pattern, options)?;
        // Memory for the groups of a match, which is used again for the next row.
        let groups = RefCell::new(match &pattern {
            Pattern::Ready(regex) => Some(regex.capture_locations()),
            Pattern::PerRow => None,
        });
        inputs.texts(|row| {
            find(row, &|regex: &Regex| {
                let group = checked_group(group(row), regex)?;
                let text = text(row);
                let mut groups = groups.borrow_mut();
                let found = match (group, groups.as_mut()) {
                    (0, _) => regex.find(text).map(|found| found.range()),
                    (_, Some(groups)) => regex
                        .captures_read(groups, text)
                        .and_then(|_| groups.get(group))
                        .map(|(start, end)| start..end),
                    (_, None) => regex
                        .captures(text)
                        .and_then(|found| found.get(group))
                        .map(|found| found.range()),
                };
                Ok(Cow::Borrowed(found.map_or("", |found| &text[found])))
            })
        })
    }))
}

/// Every match, or a group of each.
fn extract_all(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let options = options(arguments, 3, false)?;
    let pattern = pattern(arguments, options)?;
    Ok(Prepared::fallible(list_of_texts(), move |inputs| {
        let (text, group) = (inputs.text(0)?, inputs.integers_or(2, 0)?);
        let find = finder(inputs, &pattern, options)?;
        lists_of_texts(inputs, |row, part| {
            let part = RefCell::new(part);
            find(row, &|regex: &Regex| {
                let group = checked_group(group(row), regex)?;
                all_matches(regex, text(row), group, &mut **part.borrow_mut())
            })
        })
    }))
}

/// Counted as in RE2: an empty match may directly follow a match, which Rust's iterator skips.
fn all_matches(regex: &Regex, text: &str, group: usize, part: Part<'_>) -> Result<(), String> {
    let mut place = 0;
    while let Some(found) = regex.captures_at(text, place)
        && let Some(whole) = found.get(0)
    {
        part(found.get(group).map_or("", |found| found.as_str()))?;
        place = if whole.is_empty() {
            match text[whole.end()..].chars().next() {
                Some(letter) => whole.end() + letter.len_utf8(),
                None => break,
            }
        } else {
            whole.end()
        };
    }
    Ok(())
}

fn checked_group(group: i128, regex: &Regex) -> Result<usize, String> {
    let most = regex.captures_len() - 1;
    match usize::try_from(group) {
        Ok(group) if group <= most.max(9) => Ok(group),
        _ => Err(format!("the pattern has no group {group}")),
    }
}

/// The text with at most `most` matches replaced.
fn replaced(text: &str, regex: &Regex, by: &str, most: usize) -> Result<String, String> {
    let (mut result, mut end) = (String::new(), 0);
    for found in regex.captures_iter(text).take(most) {
        let Some(whole) = found.get(0) else { continue };
        result.push_str(&text[end..whole.start()]);
        result.push_str(&expanded(by, &found));
        check_length(result.len())?;
        end = whole.end();
    }
    result.push_str(&text[end..]);
    Ok(result)
}

/// Runs a function with the regular expression of a row.
#[allow(clippy::type_complexity)]
fn finder<'a, T: 'a>(
    inputs: &Inputs<'a>,
    pattern: &'a Pattern,
    options: Options,
) -> Result<
    Box<dyn Fn(usize, &dyn Fn(&Regex) -> Result<T, String>) -> Result<T, String> + 'a>,
    Failure,
> {
    if let Pattern::Ready(regex) = pattern {
        return Ok(Box::new(move |_, work| work(regex)));
    }
    let texts = inputs.text(1)?;
    // Consecutive rows often have the same pattern.
    let last: RefCell<Option<(String, Regex)>> = RefCell::new(None);
    Ok(Box::new(move |row, work| {
        let mut last = last.borrow_mut();
        let text = texts(row);
        if last.as_ref().is_none_or(|(known, _)| known != text) {
            *last = Some((text.to_owned(), compile(text, options)?));
        }
        match last.as_ref() {
            Some((_, regex)) => work(regex),
            None => Err("missing pattern".to_owned()),
        }
    }))
}

fn options(arguments: &mut Vec<Node>, place: usize, replaces: bool) -> Result<Options, CallError> {
    let mut options = Options::default();
    let Some(argument) = arguments.get(place) else { return Ok(options) };
    let Some(Some(letters)) = constant_text(argument) else {
        return Err(CallError::at(place, "the options must be a string literal"));
    };
    for letter in letters.chars() {
        match letter {
            'c' => options.ignore_case = false,
            'i' => options.ignore_case = true,
            'l' => options.literal = true,
            'm' | 'n' | 'p' => options.dot_is_any = false,
            's' => options.dot_is_any = true,
            'g' if replaces => options.all = true,
            other => {
                let known = if replaces { "c, i, l, m, n, p, s, g" } else { "c, i, l, m, n, p, s" };
                let message = format!("unknown option \"{other}\"; the options are {known}");
                return Err(CallError::at(place, message));
            }
        }
    }
    arguments.truncate(place);
    Ok(options)
}

fn pattern(arguments: &[Node], options: Options) -> Result<Pattern, CallError> {
    match constant_text(&arguments[1]) {
        // Null gives null, whatever the pattern.
        Some(text) => compile(text.unwrap_or_default(), options)
            .map(Pattern::Ready)
            .map_err(|why| CallError::at(1, why)),
        None => Ok(Pattern::PerRow),
    }
}
