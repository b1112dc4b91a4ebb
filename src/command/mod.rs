//! The command line interface shared by all tools: option tables and everything rendered from them,
//! running a tool's function and reporting its result.
//!
//! This module does not know Arrow. A tool is one [`Command`] table next to its `main`; the parser,
//! `-h`, `--help`, the manual and the completions only read that table, so they cannot differ.
//!
//! - [`Command`], [`Flag`]: the table.
//! - [`Common`] and the groups [`INPUT`], [`OUTPUT`], [`TEXT_OUTPUT`], [`PROGRESS`], [`SELECTION`],
//!   [`THREADS`], [`spill`], [`DATASET`], [`TEXT_COLUMNS`], [`DIALECT`], [`BINARY_TEXT`]: shared
//!   options.
//! - [`Value`], [`NumberList`]: values of options.
//! - [`Progress`]: the progress of a long job.

mod completions;
mod expression_file;
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
mod shared_selection;
mod shared_spill;
mod shared_text;
mod table;
mod value;

pub use crate::options::NumberList;
pub use expression_file::expression_text;
pub use progress::{Progress, ProgressOptions};
pub use run::show;
pub use shared_dataset::DATASET;
pub use shared_flags::{functions, limit};
pub use shared_options::{Common, INPUT, OUTPUT, PROGRESS, TEXT_OUTPUT, THREADS};
pub use shared_selection::SELECTION;
pub use shared_spill::{SpillOptions, spill};
pub use shared_text::{BINARY_TEXT, DIALECT, TEXT_COLUMNS};
pub use table::{Command, Example, Flag, Set, Take};
pub use value::{SignedCount, Value};
