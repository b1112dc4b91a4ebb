//! Options for tools that spill to temporary files what does not fit into memory.

use super::group::Shared;
use super::table::{Flag, option};
use super::value::store;
use crate::completion::Complete;
use std::marker::PhantomData;
use std::path::PathBuf;

/// A tool that spills, named by the type of its own options.
pub trait Spills: Default + 'static {
    /// The treatment of rows that do not fit into memory, as a sentence for the manual.
    const REST: &'static str;
}

/// The memory budget, and the place of temporary files, of the tool `T`.
#[derive(Debug, Default)]
pub struct SpillOptions<T> {
    /// The budget in bytes, if given.
    pub memory_bytes: Option<usize>,
    /// The directory of temporary files, if given.
    pub temporary_directory: Option<PathBuf>,
    tool: PhantomData<T>,
}

/// The default budget. When `stream-sort` merges, it reads at least sixteen sorted runs at once,
/// whatever the budget; with this one, no row is written to a temporary file twice up to 30 GiB of
/// rows. Every machine has that much memory.
const MEMORY_BYTES: usize = 512 << 20;

impl<T> SpillOptions<T> {
    /// The memory budget in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes.unwrap_or(MEMORY_BYTES)
    }
}

impl<T: Spills> Shared for SpillOptions<T> {
    const FLAGS: &'static [Flag<Self>] = &[
        option("memory", "use about SIZE (default 512MiB) of memory")
            .details(T::REST)
            .value("SIZE", |spill, value| store(&mut spill.memory_bytes, value.memory_bytes())),
        option("temporary-directory", "create temporary files in DIR")
            .details("The default is $TMPDIR, or else /var/tmp.")
            .completes(Complete::Directory)
            .value("DIR", |spill, value| {
                spill.temporary_directory = Some(value.raw().into());
                Ok(())
            }),
    ];
}
