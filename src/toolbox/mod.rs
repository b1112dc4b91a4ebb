//! The executable `arrow-pipes`, which contains all tools.
//!
//! - [`by_call`], [`by_name`] (`lookup`): the tool that a command line asks for.
//! - [`script`], [`answer`] (`completions`): completions in shells.
//! - [`list`]: the tools with a line each.
//! - [`page`] (`manuals`): a manual page by its name.
//! - [`install()`], [`uninstall()`]: links to the executable, manuals and completions; `layout`: where
//!   they are; `state`: what is in their place; `made`: what to undo after a failure; `record`:
//!   directories that were made; `report`: what was done.

mod completions;
mod install;
mod layout;
mod list;
mod lookup;
mod made;
mod manuals;
mod record;
mod report;
mod state;
mod uninstall;

pub use completions::{answer, script};
pub use install::install;
pub use list::list;
pub use lookup::{by_call, by_name};
pub use manuals::page;
pub use uninstall::uninstall;

use crate::command::Tool;

/// All tools, as `build.rs` finds them in `src/bin`.
pub type Tools = [&'static dyn Tool];

/// The name of the executable.
pub const NAME: &str = "arrow-pipes";
