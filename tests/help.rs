//! What a person sees before the first run: help that fits a screen, options without a clash.

use crate::support::Tool;
use std::collections::BTreeSet;
use std::path::Path;

fn tools() -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin")).unwrap();
    let stem =
        |entry: std::fs::DirEntry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap())).collect()
}

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
fn the_version_is_that_of_the_package() {
    for tool in tools() {
        let expected = format!("{tool} {}\n", env!("CARGO_PKG_VERSION"));
        Tool::new(&tool).arg("--version").run().succeeds().stdout_is(&expected);
        Tool::new(&tool).arg("-V").run().succeeds().stdout_is(&expected);
    }
}

#[test]
fn completions_are_programs_of_their_shell() {
    let completions = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for tool in tools() {
        let file = completions.join(format!("{tool}.bash"));
        Tool::program("bash", &completions).arg("-n").arg(&file).run().succeeds();
        for name in [format!("_{tool}"), format!("{tool}.fish")] {
            assert!(completions.join(&name).exists(), "no completions/{name}");
        }
    }
}
