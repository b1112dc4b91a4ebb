//! Which files a command line means beside its operands, and what it says of their paths.

use super::Operand;

/// How operands that are directories, patterns or lists are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetOptions {
    /// A list of more operands.
    pub files_from: Option<Operand>,
    /// Which parts of paths are keys.
    pub hive: HiveKeys,
    /// The types of some keys, or the file that has them: `year int16, day date`.
    pub hive_types: Option<String>,
}

/// Which parts of a file's path are keys, `year=2024`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HiveKeys {
    /// Those below a directory that is an operand, and those of a pattern from its first wildcard on.
    #[default]
    Below,
    /// All, also those of files that are operands.
    All,
    /// None.
    Never,
}
