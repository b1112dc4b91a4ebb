//! Options for tools that spill to temporary files what does not fit into memory.

use super::shared_options::Common;
use super::table::{Flag, Set};
use std::path::PathBuf;

/// The memory budget, and the place of temporary files.
#[derive(Debug, Default)]
pub struct SpillOptions {
    /// The budget in bytes, if given.
    pub memory_bytes: Option<usize>,
    /// The directory of temporary files, if given.
    pub temporary_directory: Option<PathBuf>,
}

/// The default budget. When `stream-sort` merges, it reads at least sixteen sorted runs at once,
/// whatever the budget; with this one, no row is written to a temporary file twice up to 30 GiB of
/// rows. Every machine has that much memory.
const MEMORY_BYTES: usize = 512 << 20;

impl SpillOptions {
    /// The memory budget in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes.unwrap_or(MEMORY_BYTES)
    }
}

/// Options for the memory budget and temporary files; `details` describes what happens to the rest.
pub const fn spill(details: &'static str) -> [Flag<Common>; 2] {
    let memory = Flag {
        short: None,
        long: "memory",
        summary: "use about SIZE (512MiB) of memory",
        details,
        set: Set::Value("SIZE", |common: &mut Common, value| {
            common.spill.memory_bytes = Some(value.memory_bytes()?);
            Ok(())
        }),
    };
    let directory = Flag {
        short: None,
        long: "temporary-directory",
        summary: "create temporary files in DIR",
        details: "The default is $TMPDIR, or else /var/tmp.",
        set: Set::Value("DIR", |common: &mut Common, value| {
            common.spill.temporary_directory = Some(value.raw().into());
            Ok(())
        }),
    };
    [memory, directory]
}
