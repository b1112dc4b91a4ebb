//! The objects that a URL stands for: one, those below a prefix, or those that match a pattern.

use super::natural_order;
use super::pattern::Pattern;
use super::walk::{Content, LOGS, has_log};
use crate::error::{Error, Result};
use crate::io::{ListedObject, list_objects};
use crate::options::{Operand, is_http_url};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

/// The meaning of a URL by its form: no server is asked.
pub(super) enum Named {
    Object,
    /// A prefix, which ends in `/`, and a pattern of what is below it.
    Below(String, Pattern),
}

/// Characters of a key that have another meaning in a URL.
const IN_KEYS: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// Reads the form of a URL: a `/` at its end makes a prefix, and a wildcard a pattern.
///
/// # Errors
/// An invalid pattern.
pub(super) fn named(url: &str) -> Result<Named> {
    let start = path_start(url);
    // Behind HTTP and in Azure, a query gives rights.
    let has_query = is_http_url(url) || url.starts_with("a");
    let end = if has_query { url.find(['?', '#']).unwrap_or(url.len()) } else { url.len() };
    let (base, path) = (&url[..start], &url[start..end.max(start)]);
    let wildcards: &[char] = if has_query { &['*', '[', '{'] } else { &['*', '?', '[', '{'] };
    let Some(first) = path.find(wildcards) else {
        let names_nothing = url.ends_with("://");
        let is_prefix = !names_nothing && (path.is_empty() || path.ends_with('/'));
        let prefix = format!("{}/", url[..end].trim_end_matches('/'));
        return Ok(if is_prefix {
            Named::Below(prefix, Pattern::everything())
        } else {
            Named::Object
        });
    };
    let split = path[..first].rfind('/').map_or(0, |slash| slash + 1);
    let (literal, rest) = path.split_at(split);
    let pattern = unescaped(rest);
    let parsed = Pattern::parse(Path::new(&pattern))?;
    let pattern = parsed.map_or_else(Pattern::everything, |(_, pattern)| pattern);
    Ok(Named::Below(format!("{}/{}", base.trim_end_matches('/'), literal), pattern))
}

/// The offset of the path: after the `/` that follows the bucket or the server.
pub(super) fn path_start(url: &str) -> usize {
    let authority = url.find("://").map_or(0, |place| place + 3);
    url[authority..].find('/').map_or(url.len(), |slash| authority + slash + 1)
}

/// The URLs of the objects below a prefix that match a pattern, in natural order.
///
/// # Errors
/// A prefix that cannot be listed; a table with a log.
pub(super) fn below(prefix: &str, pattern: &Pattern, content: Content) -> Result<Vec<String>> {
    let mut paths = without_directories(list_objects(prefix)?);
    if content == Content::Parquet {
        paths.iter().try_for_each(|path| refuse_log(prefix, pattern, path))?;
    }
    paths.retain(|path| matches(pattern, path));
    paths.sort_unstable_by(|a, b| compare(a, b));
    Ok(paths.iter().map(|path| format!("{prefix}{}", utf8_percent_encode(path, IN_KEYS))).collect())
}

/// Some programs make empty objects for directories.
fn without_directories(objects: Vec<ListedObject>) -> Vec<String> {
    let is_empty = |object: &&ListedObject| object.size == 0;
    let mut directories: HashSet<String> =
        objects.iter().filter(is_empty).map(|object| object.path.clone()).collect();
    if !directories.is_empty() {
        let parents = |object: &ListedObject| -> HashSet<String> {
            let slashes = object.path.match_indices('/');
            slashes.map(|(slash, _)| object.path[..slash].to_owned()).collect()
        };
        let with_objects: HashSet<String> = objects.iter().flat_map(parents).collect();
        directories.retain(|path| path.is_empty() || with_objects.contains(path));
    }
    objects
        .into_iter()
        .map(|object| object.path)
        .filter(|path| !directories.contains(path))
        .collect()
}

fn matches(pattern: &Pattern, path: &str) -> bool {
    let (mut places, mut is_match) = (pattern.start(), false);
    for name in path.split('/') {
        let step = pattern.step(places, OsStr::new(name));
        (places, is_match) = (step.below, step.is_match);
        if !is_match && places == 0 {
            return false;
        }
    }
    is_match
}

/// Refuses a table with a log in a directory of which everything is read, as below a local one.
fn refuse_log(prefix: &str, pattern: &Pattern, path: &str) -> Result<()> {
    if !LOGS.iter().any(|log| path.contains(log)) {
        return Ok(());
    }
    let (mut places, mut directory) = (pattern.start(), prefix.to_owned());
    for name in path.split('/') {
        if pattern.is_everything(places) && LOGS.contains(&name) {
            return Err(has_log(&Operand::Url(directory).name(), name));
        }
        places = pattern.step(places, OsStr::new(name)).below;
        directory.push_str(&format!("{name}/"));
    }
    Ok(())
}

/// Part by part, as a walk through directories meets them.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('/'), b.split('/'));
    loop {
        let order = match (left.next(), right.next()) {
            (Some(x), Some(y)) => natural_order::compare(x.as_bytes(), y.as_bytes()),
            (None, None) => return Ordering::Equal,
            (x, y) => return x.is_some().cmp(&y.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The pattern in a URL without its escapes: an escaped wildcard is an ordinary character.
fn unescaped(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(percent) = rest.find('%') {
        text.push_str(&rest[..percent]);
        // A character may take several escapes.
        let is_escape = |place: usize| {
            let digits = rest.get(place + 1..place + 3);
            rest[place..].starts_with('%')
                && digits
                    .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        };
        let mut end = percent;
        while end < rest.len() && is_escape(end) {
            end += 3;
        }
        if end == percent {
            text.push('%');
            rest = &rest[percent + 1..];
            continue;
        }
        for letter in percent_decode_str(&rest[percent..end]).decode_utf8_lossy().chars() {
            if "*?[{".contains(letter) {
                text.push('\\');
            }
            text.push(letter);
        }
        rest = &rest[end..];
    }
    text + rest
}

/// The error of a prefix without objects.
pub(super) fn none(url: &str, what: &str) -> Error {
    let name = Operand::Url(url.to_owned()).name();
    Error::failed(format!("{name}: {what} (names that begin with . or _ are skipped)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(url: &str) -> Option<(String, bool)> {
        match named(url).unwrap() {
            Named::Object => None,
            Named::Below(prefix, pattern) => Some((prefix, pattern.is_everything(pattern.start()))),
        }
    }

    #[test]
    fn the_form_of_a_url_says_what_it_names() {
        let below = |prefix: &str, is_all| Some((prefix.to_owned(), is_all));
        for object in ["s3://b/a.parquet", "https://h/a.parquet?x=/*", "http://h/a", "s3://b/a%2A"]
        {
            assert_eq!(prefix(object), None, "{object}");
        }
        assert_eq!(prefix("s3://b/sales/"), below("s3://b/sales/", true));
        assert_eq!(prefix("s3://b"), below("s3://b/", true));
        assert_eq!(prefix("s3://b/"), below("s3://b/", true));
        assert_eq!(prefix("s3://b/s/y=1/*.parquet"), below("s3://b/s/y=1/", false));
        assert_eq!(prefix("s3://b/a?c/x"), below("s3://b/", false));
        assert_eq!(prefix("az://c/p/**/x?sig=1"), below("az://c/p/", false));
    }

    #[test]
    fn an_escaped_wildcard_is_no_wildcard() {
        assert_eq!(unescaped("%2A*%C3%BC%zz%"), "\\**ü%zz%");
        let Named::Below(_, pattern) = named("s3://b/*%2A").unwrap() else { panic!("a pattern") };
        assert!(matches(&pattern, "a*") && !matches(&pattern, "ab"));
    }

    #[test]
    fn objects_come_in_the_order_of_a_walk() {
        let mut paths = ["a/b", "a-b", "a/part-10", "a/part-2", "b", "a"];
        paths.sort_unstable_by(|a, b| compare(a, b));
        assert_eq!(paths, ["a", "a/b", "a/part-2", "a/part-10", "a-b", "b"]);
    }

    #[test]
    fn markers_of_directories_are_no_objects() {
        let object = |path: &str, size| ListedObject { path: path.to_owned(), size };
        let listed = vec![object("", 0), object("d", 0), object("d/x", 5), object("empty", 0)];
        assert_eq!(without_directories(listed), ["d/x", "empty"]);
    }
}
