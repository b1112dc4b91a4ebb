//! A candidate for the unfinished word.

/// A word that can take the place of the unfinished one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word, without the quotes of the shell.
    pub text: String,
    /// The part of it that is shown in a list.
    pub shown: String,
    /// A few words about it.
    pub description: String,
    /// Whether the word goes on after it, so that no space follows.
    pub continues: bool,
}

impl Candidate {
    /// A word without a description.
    pub fn word(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { shown: text.clone(), text, ..Self::default() }
    }
}

#[cfg(test)]
pub(super) fn texts(candidates: Vec<Candidate>) -> Vec<String> {
    candidates.into_iter().map(|candidate| candidate.text).collect()
}
