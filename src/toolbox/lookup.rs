//! Finds the tool that a command line asks for.

use super::Tools;
use crate::command::Tool;
use crate::error::{Error, Result};
use crate::text::{did_you_mean, escaped, similar};
use std::ffi::OsStr;
use std::path::Path;

/// The tool whose name the executable was called by, through a link. The name may have more words
/// than the tool's (`stream-head-0.2`); the longest match counts.
pub fn by_call(tools: &Tools, called: &OsStr) -> Option<&'static dyn Tool> {
    let file_name = Path::new(called).file_name()?.to_string_lossy();
    let matching = tools.iter().filter(|tool| has_words(&file_name, tool.name()));
    matching.max_by_key(|tool| tool.name().len()).copied()
}

/// The tool of this name.
///
/// # Errors
/// Unknown names.
pub fn by_name(tools: &Tools, name: &OsStr) -> Result<&'static dyn Tool> {
    let found = tools.iter().find(|tool| name == tool.name()).copied();
    found.ok_or_else(|| unknown(tools, &name.to_string_lossy()))
}

fn unknown(tools: &Tools, name: &str) -> Error {
    let names = || tools.iter().map(|tool| tool.name());
    // "filter" is stream-filter.
    let longer: Vec<&str> = names().filter(|known| has_words(known, name)).collect();
    let near = if longer.is_empty() { similar(name, names()) } else { longer };
    let way_out = if near.is_empty() {
        " (arrow-pipes without arguments lists them)".to_owned()
    } else {
        did_you_mean(near.iter().take(3).map(|name| format!("\"{name}\"")))
    };
    Error::usage(format!("unknown tool \"{}\"{way_out}", escaped(name)))
}

/// Whether `text` contains `words`, with no letter or digit before and after them.
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + words.len()..].chars().next();
        !before.into_iter().chain(after).any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        assert!(has_words("stream-head", "stream-head"));
        assert!(has_words("stream-head-0.2.0", "stream-head"));
        assert!(has_words("old_stream-head.exe", "stream-head"));
        assert!(!has_words("stream-headers", "stream-head"));
        assert!(!has_words("upstream-head", "stream-head"));
        assert!(!has_words("head", "stream-head"));
    }
}
