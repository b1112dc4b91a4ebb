//! What every tool has in common towards the person who types it: option tables and everything that
//! is rendered from them, running a verb and reporting what became of it.
//!
//! Knows no Arrow. A tool is one [`Command`] table beside its `main`; the parser, `-h`, `--help`, the
//! manual and the completions only read that table, so they cannot differ.
//!
//! - [`Command`], [`Flag`]: the table.
//! - [`Common`] and the groups [`INPUT`], [`OUTPUT`], [`TEXT_OUTPUT`], [`PROGRESS`], [`SELECTION`],
//!   [`THREADS`], [`spill`], [`DATASET`], [`TEXT_COLUMNS`], [`DIALECT`], [`BINARY_TEXT`]: options that several tools share.
//! - [`Value`], [`NumberList`]: what stands behind an option.
//! - [`Progress`]: how far a long job is.

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
mod shared_options;
mod shared_selection;
mod shared_spill;
mod shared_text;
mod table;
mod value;

pub use crate::endpoint::NumberList;
pub use expression_file::expression_text;
pub use progress::{Progress, ProgressOptions};
pub use run::show;
pub use shared_dataset::DATASET;
pub use shared_options::{Common, INPUT, OUTPUT, PROGRESS, TEXT_OUTPUT, THREADS};
pub use shared_selection::SELECTION;
pub use shared_spill::{SpillOptions, spill};
pub use shared_text::{BINARY_TEXT, DIALECT, TEXT_COLUMNS};
pub use table::{Command, Example, Flag, Set, Take};
pub use value::{SignedCount, Value};
