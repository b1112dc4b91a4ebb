//! A directory that appears under its name only when all files in it are complete.
//!
//! [`PendingDirectory`] is written in a hidden `staging` directory as `staged_file`s, and `put` in
//! its `place` with one step of `renames`. `foreign` finds entries that must not be replaced;
//! `leftovers` of killed runs are removed. Both walk trees by `descent`.

mod descent;
mod foreign;
mod leftovers;
mod pending_directory;
mod place;
mod renames;
mod staged_file;
mod staging;
#[cfg(test)]
mod tests;

pub use foreign::{EntryKind, Expected};
pub use pending_directory::{Existing, PendingDirectory};
pub(super) use staged_file::StagedFile;
