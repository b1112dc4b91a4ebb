//! Files of a command line beyond its operands, and partition keys in paths, as plain data.

use super::Operand;

/// Options for operands that are directories, patterns or lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetOptions {
    /// A list of more files and directories.
    pub files_from: Option<Operand>,
    /// Path components such as `year=2024` are partition keys in all paths, even of files that are
    /// operands.
    pub hive: bool,
    /// No path component is a partition key.
    pub no_hive: bool,
    /// The types of some keys, or a file that contains them: `year int16, day date`.
    pub hive_types: Option<String>,
}
