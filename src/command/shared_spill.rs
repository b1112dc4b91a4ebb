//! Options for tools that put aside what does not fit into memory.

use super::shared_options::Common;
use super::table::{Flag, Set};
use std::path::PathBuf;

/// How much memory may be taken, and where the rest goes.
#[derive(Debug, Default)]
pub struct SpillOptions {
    /// So many bytes, if it was said.
    pub memory_bytes: Option<usize>,
    /// Where temporary files are made, if it was said.
    pub temporary_directory: Option<PathBuf>,
}

/// What is taken if nothing was said. When `stream-sort` merges, it reads sixteen runs and more at once,
/// whatever is allowed; with this much it takes 30 GiB of rows before any is written to a temporary
/// file twice. Every machine has it.
const MEMORY_BYTES: usize = 512 << 20;

impl SpillOptions {
    /// How many bytes of memory may be taken.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes.unwrap_or(MEMORY_BYTES)
    }
}

/// How much memory may be taken, and where the rest goes; `details` say what becomes of the rest.
pub const fn spill(details: &'static str) -> [Flag<Common>; 2] {
    let memory = Flag {
        short: None,
        long: "memory",
        summary: "take about SIZE (512MiB) of memory",
        details,
        set: Set::Value("SIZE", |common: &mut Common, value| {
            common.spill.memory_bytes = Some(value.memory_bytes()?);
            Ok(())
        }),
    };
    let directory = Flag {
        short: None,
        long: "temporary-directory",
        summary: "make temporary files here",
        details: "Without it in $TMPDIR, else in /var/tmp.",
        set: Set::Value("DIR", |common: &mut Common, value| {
            common.spill.temporary_directory = Some(value.raw().into());
            Ok(())
        }),
    };
    [memory, directory]
}
