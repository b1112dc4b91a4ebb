//! The answer to a shell: candidates, a line each.

use super::candidate::Candidate;
use super::line::Line;
use super::paths::{directories, paths};
use super::words::{Quote, Shell, quoted};

/// The candidates for the unfinished word.
#[derive(Debug, Default)]
pub struct Answer {
    /// The words.
    pub(super) candidates: Vec<Candidate>,
    /// The files.
    pub(super) files: Option<Files>,
}

/// Files that are candidates.
#[derive(Debug)]
pub(super) struct Files {
    /// The beginning of the word that is not a part of the path: `--output=`.
    pub(super) prefix: String,
    pub(super) typed: String,
    pub(super) wanted: Wanted,
}

#[derive(Debug)]
pub(super) enum Wanted {
    Endings(&'static [&'static str]),
    Directories,
}

impl From<Vec<Candidate>> for Answer {
    fn from(candidates: Vec<Candidate>) -> Self {
        Self { candidates, files: None }
    }
}

impl Answer {
    /// Whether nothing can be offered.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.files.is_none()
    }

    /// The lines for the shell. A line that begins with a tab is not a candidate:
    ///
    /// - `nospace`: no space follows the word.
    /// - `files`: the candidates are paths; for zsh, whose own function finds them: the number of
    ///   characters before the path, and the pattern of the names.
    pub fn lines(self, line: &Line) -> String {
        let mut lines = Vec::new();
        let mut candidates = self.candidates;
        match self.files {
            Some(files) if line.shell == Shell::Zsh => {
                let (before, pattern) = (files.prefix.chars().count(), files.wanted.pattern());
                lines.push(format!("\tfiles\t{before}\t{pattern}"));
            }
            Some(files) => {
                lines.extend((line.shell == Shell::Bash).then(|| "\tfiles".to_owned()));
                candidates.extend(files.list());
            }
            None => {}
        }
        // These shells replace the word by what all candidates have in common. That must not take
        // away what was typed, as `"a,b"` would for `a` if there is also a column `ab`.
        let goes_on = |candidate: &Candidate| candidate.text.starts_with(line.current());
        if line.shell != Shell::Fish && candidates.iter().any(goes_on) {
            candidates.retain(goes_on);
        }
        // Another TAB after a whole word ends it.
        if let [only] = candidates.as_mut_slice() {
            only.continues &= only.text != line.current();
        }
        let all_continue = candidates.iter().all(|candidate| candidate.continues);
        if all_continue && line.shell != Shell::Fish {
            lines.push("\tnospace".to_owned());
        }
        lines.extend(candidates.iter().filter_map(|candidate| match line.shell {
            Shell::Bash => replacement(&candidate.text, line),
            Shell::Zsh => {
                let Candidate { text, shown, description, .. } = candidate;
                Some(format!("{text}\t{shown}\t{description}"))
            }
            Shell::Fish => Some(format!("{}\t{}", candidate.text, candidate.description)),
        }));
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

impl Files {
    fn list(&self) -> Vec<Candidate> {
        let found = match self.wanted {
            Wanted::Endings(endings) => paths(&self.typed, endings),
            Wanted::Directories => directories(&self.typed),
        };
        let whole = |candidate: Candidate| Candidate {
            text: format!("{}{}", self.prefix, candidate.text),
            ..candidate
        };
        found.into_iter().map(whole).collect()
    }
}

impl Wanted {
    /// The names as a pattern of zsh; `/` for directories.
    fn pattern(&self) -> String {
        match self {
            Self::Directories => "/".to_owned(),
            Self::Endings([]) => "*".to_owned(),
            Self::Endings(endings) => format!("*({})", endings.join("|")),
        }
    }
}

/// The text that takes the place of the one that bash replaces. It is a part of the word: bash
/// begins after a quote, and after signs such as `=` and `:`.
fn replacement(text: &str, line: &Line) -> Option<String> {
    let kept = line.current().get(..line.kept_bytes)?;
    let rest = text.strip_prefix(kept)?;
    // In quotes, `~` is not the home directory.
    let home = rest.strip_prefix("~/").filter(|_| kept.is_empty() && line.quote == Quote::None);
    let typed = match home {
        Some(rest) => format!("~/{}", quoted(rest, line.quote)),
        None => quoted(rest, line.quote),
    };
    // bash closes the quotes itself, but not after a quote that is a part of the text.
    let end = line.quote.end().filter(|end| typed.ends_with(*end));
    Some(typed + end.unwrap_or_default())
}
