//! The executable `arrow-pipes`, which contains all tools.
//!
//! - [`by_call`], [`by_name`] (`lookup`): the tool that a command line asks for.
//! - [`list`]: the tools with a line each.
//! - [`page`] (`manuals`): a manual page by its name.

mod list;
mod lookup;
mod manuals;

pub use list::list;
pub use lookup::{by_call, by_name};
pub use manuals::page;

use crate::command::Tool;

/// All tools, as `build.rs` finds them in `src/bin`.
pub type Tools = [&'static dyn Tool];

/// The name of the executable.
pub const NAME: &str = "arrow-pipes";
