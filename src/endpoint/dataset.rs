//! Which files a command line means beside its operands, and what it says of their paths.

use super::Operand;

/// How operands that are directories, patterns or lists are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetOptions {
    /// A list of more files and directories.
    pub files_from: Option<Operand>,
    /// Parts of all paths such as `year=2024` are keys, also in those of files that are operands.
    pub hive: bool,
    /// No part of a path is a key.
    pub no_hive: bool,
    /// The types of some keys, or the file that has them: `year int16, day date`.
    pub hive_types: Option<String>,
}
