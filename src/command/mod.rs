//! The command line interface shared by all tools: option tables and everything rendered from them,
//! running a tool's function and reporting its result.
//!
//! This module does not know Arrow. A tool is one [`Command`] table next to its `main`, and a function
//! whose arguments are the groups of options that it shares with other tools. The parser, `-h`,
//! `--help`, the manual and the completions only read these two, so they cannot differ.
//!
//! - [`Command`], [`option`] (`table`): the table; `description`: the same without setters.
//! - [`Verb`]: the function; [`Tool`]: both as a value, which a program runs; `run`: decides the exit
//!   status.
//! - [`Common`], [`Threads`], [`SpillOptions`], and types of [`crate::options`]: the groups
//!   (`group`), defined in `shared_*`.
//! - [`Value`], [`NumberList`]: values of options, as `parse` reads them.
//! - `help`, `manual`: texts made from both; `complete`: the unfinished word of a command line.
//! - [`Progress`]: the progress of a long job; `progress_line`: its place on the terminal.

mod complete;
mod description;
mod destination;
mod expression_file;
mod group;
mod help;
mod manual;
mod parse;
mod progress;
mod progress_line;
mod progress_text;
mod run;
mod shared_dataset;
mod shared_flags;
mod shared_options;
mod shared_pushdown;
mod shared_selection;
mod shared_spill;
mod shared_text;
mod table;
mod tool;
mod value;
mod verb;

pub use crate::completion::{Complete, names, suffixes};
pub use crate::options::NumberList;
pub use crate::threads::Threads;
pub use expression_file::expression_text;
pub use group::{Shared, Typed};
pub use help::indented;
pub use progress::{Progress, ProgressOptions};
pub use run::show;
pub use shared_flags::{functions, limit, max_message_bytes, merge_schema};
pub use shared_options::{Common, TextOutput};
pub use shared_spill::{SpillOptions, Spills};
pub use table::{Command, Example, Flag, OptionText, Role, Take, option};
pub use tool::{Program, Tool, complete};
pub use value::{SignedCount, Value, store};
pub use verb::Verb;
