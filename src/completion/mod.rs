//! Candidates for the unfinished word of a command line, which a shell asks for at each TAB.
//!
//! The scripts of the shells contain no knowledge: they pass the line to the command itself
//! (`COMMAND --complete SHELL LINE`) and offer its answer. [`crate::command`] finds what the
//! unfinished word is, by the option table; this module finds the candidates. Nothing is reported:
//! after an error there are no candidates.
//!
//! - [`Complete`] (`kinds`): what completes a value.
//! - [`Line`]: the request; `words` splits it as the [`Shell`] does.
//! - [`value`] (`values`): the candidates of each kind; `lists` and `names` write the
//!   columns that `columns` has read, `paths` lists directories.
//! - [`Answer`]: each [`Candidate`] as a line for the shell, quoted if the shell does not do it.

mod answer;
mod candidate;
mod columns;
mod kinds;
mod line;
mod lists;
mod names;
mod paths;
mod values;
mod words;

pub use answer::Answer;
pub use candidate::Candidate;
pub use kinds::{Complete, names, suffixes};
pub use line::Line;
pub use values::value;
pub use words::Shell;

/// The hidden first argument of a request.
pub const REQUEST: &str = "--complete";
