//! The words: phrases that readers stumble over, and options that messages name.

use super::{files_below, is_test, root, sources, without_tests};
use std::collections::BTreeSet;

/// Phrases that are not written, in lower case, and the words of the field for them.
const PHRASES: &[(&str, &str)] = &[
    ("so many", "name the number, or rewrite the sentence"),
    ("nobody", "name who"),
    ("whoever", "name who"),
    ("parted by", "separated by"),
    ("is told", "is reported"),
    ("are told", "are reported"),
    ("passed over", "skipped"),
    ("passes over", "skips"),
    ("pass over", "skip"),
    ("behind the", "after the"),
    ("behind it", "after it"),
    ("for the way", "in transit"),
    ("ruled out", "pruned"),
    ("rules out", "prunes"),
    ("goes down into", "is pushed down into"),
    ("words of sql", "keywords"),
    ("if none is given", "default"),
    ("alike often", "with equal probability"),
    ("stand together", "are adjacent"),
    ("in double quotes stand", "quote"),
    ("is meant by", "matches"),
    ("goes with no", "cannot be combined with"),
    ("is called so", "has that name"),
    ("called so", "named like that"),
    (" lest ", "so that ... not"),
    ("what is asked", "name the thing"),
    ("what the system says", "I/O errors"),
    ("what parts", "separator"),
];

#[test]
fn texts_use_the_words_of_the_field() {
    let manuals = ["1", "7"].into_iter().flat_map(|section| files_below("man", section));
    let shell = files_below("examples", "sh");
    let python = files_below("python", "py");
    let texts = sources().into_iter().chain(manuals).chain(shell).chain(python);
    let readme = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let readme =
        readme.map(|name| (name.into(), std::fs::read_to_string(root().join(name)).unwrap()));
    for (path, text) in texts.chain(readme) {
        for (number, line) in without_tests(&text).lines().enumerate() {
            let lower = line.to_lowercase();
            for (phrase, better) in PHRASES {
                let (path, number) = (path.display(), number + 1);
                assert!(!lower.contains(phrase), "{path}:{number}: \"{phrase}\": {better}");
            }
        }
    }
}

/// The summary of an item names it: "The columns that ...".
#[test]
fn no_summary_begins_with_a_question_word() {
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for (number, line) in lines.iter().enumerate() {
            let doc = |line: &str| line.starts_with("///") || line.starts_with("//!");
            let begins = number == 0 || !doc(lines[number - 1]);
            let word = line.split_whitespace().nth(1).unwrap_or_default();
            let asks = ["What", "Who", "Whoever"].contains(&word);
            let place = format!("{}:{}", path.display(), number + 1);
            assert!(!(begins && doc(line) && asks), "{place}: name the thing, not \"{word} ...\"");
        }
    }
}

/// An option that a message names as the way out must exist.
#[test]
fn every_option_in_a_message_is_one_of_some_tool() {
    let manuals: String = files_below("man", "1").into_iter().map(|(_, text)| text).collect();
    let options: BTreeSet<&str> =
        manuals.split("Fl -").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    assert!(50 < options.len());
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        for (number, line) in without_tests(&text).lines().enumerate() {
            for (at, _) in line.match_indices("--") {
                let name: String = line[at + 2..]
                    .chars()
                    .take_while(|letter| {
                        letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == '-'
                    })
                    .collect();
                let begins = line[..at].ends_with([' ', '"', '(', '`', '\'', '[']);
                let is_word = name.len() > 1 && name.starts_with(|letter: char| letter != '-');
                let name = name.trim_end_matches('-');
                assert!(
                    !begins || !is_word || options.contains(name) || OTHERS.contains(&name),
                    "{}:{}: no tool has the option --{name}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

/// Options of every tool, and of the executable that contains them.
const OTHERS: &[&str] = &["help", "version", "complete", "completions", "profile", "format"];
