//! Options for trees of files, as plain data.

use super::tree_names::NameTemplate;
use crate::io::Existing;
use crate::options::Destination;

/// The file with the footers of all other files.
pub(super) const METADATA: &str = "_metadata";

/// Options for writing a tree of files.
#[derive(Debug, Clone)]
pub struct TreeOptions {
    /// The target directory, or the URL that the names of all files begin with.
    pub destination: Destination,
    /// The treatment of a tree that already exists.
    pub existing: Existing,
    /// When files appear.
    pub publish: Publish,
    /// Whether to wait until everything is on disk.
    pub sync: bool,
    /// The template for file names, or `None` for the default.
    pub template: Option<NameTemplate>,
    /// Whether to write `_metadata`.
    pub metadata_file: bool,
    /// Whether to write `_SUCCESS`, last of all.
    pub success_marker: bool,
}

/// When the files of a tree appear under their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Publish {
    /// All at once, after the last one.
    #[default]
    All,
    /// Each as soon as it is complete.
    Each,
}

impl Publish {
    /// The moments, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("all", Self::All), ("each", Self::Each)];
}
