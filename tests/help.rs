//! What a person sees before the first run: help that fits a screen, options without a clash.

use crate::support::{Tool, tools};
use std::collections::BTreeSet;

#[test]
fn help_fits_a_screen() {
    for tool in tools() {
        let help = Tool::new(&tool).arg("-h").run().succeeds().stdout_text();
        // Eighty columns are what everybody has; fifty lines are a window of ordinary height.
        assert!(help.lines().count() <= 50, "{tool}: {} lines", help.lines().count());
        for text in [help, Tool::new(&tool).arg("--help").run().succeeds().stdout_text()] {
            let wide = text.lines().find(|line| 80 < line.chars().count());
            assert_eq!(wide, None, "{tool}: more than 80 columns");
        }
    }
}

#[test]
fn no_option_stands_for_two_things() {
    for tool in tools() {
        let help = Tool::new(&tool).arg("-h").run().succeeds().stdout_text();
        let mut names = BTreeSet::new();
        for line in help.lines().map(str::trim).filter(|line| line.starts_with('-')) {
            for name in line.split_whitespace().take_while(|word| word.starts_with('-')) {
                let name = name.trim_end_matches(',').to_owned();
                assert!(names.insert(name.clone()), "{tool}: {name} stands there twice");
            }
        }
        assert!(names.contains("--help") && 2 < names.len(), "{tool}: {names:?}");
    }
}

#[test]
fn the_version_is_that_of_the_package_and_its_commit() {
    for tool in tools() {
        let text = Tool::new(&tool).arg("--version").run().succeeds().stdout_text();
        Tool::new(&tool).arg("-V").run().succeeds().stdout_is(&text);
        let start = format!("{tool} {}", env!("CARGO_PKG_VERSION"));
        let commit = text.strip_prefix(&start).unwrap().trim_end();
        if !commit.is_empty() {
            let commit = commit.strip_prefix(" (").unwrap().strip_suffix(')').unwrap();
            let commit = commit.trim_end_matches('+');
            assert!(commit.len() >= 10, "{text}");
            assert!(commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{text}");
        }
    }
}
