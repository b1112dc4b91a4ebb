//! Input and output: file descriptors, files, pipes and memory.
//!
//! This is the only module with `unsafe` code and the only one that maps files. It knows nothing
//! about formats.
//!
//! - In: [`Input`] (`input`) reads a mapped file (`mapped_file`) in place, everything else into
//!   memory of the `buffer_pool`, and decompresses what is `compressed`. `spool` keeps
//!   piped input for a second look; `bytes_read` counts for `command`. `ranged_bytes` are those of a
//!   file that is read at places, mapped or not. `objects` lie behind a URL;
//!   `object_bytes` are those of one from front to back, and `open_objects` opens others.
//! - Out: [`Output`] (`output`, after `output_checks`) writes to an `output_target`: a descriptor, a `pipe`
//!   (by `spliced_pages`), a `pending_file` that appears when complete, a file of a `directory` that does, an
//!   object, or one below a `pending_prefix`; `write_back` starts early. `pipe_locks` ([`PipeEnd`],
//!   `pipe_ends`) tell what a reader needs.
//! - Temporary: `temporary_file` has no name; `signals` removes what has one.
//! - Arrays: [`dictionary_array`] checks its keys faster than the `arrow` crate.
//! - Process: `heap`, `limits`, `closed_descriptors`, `open`; `block` is memory outside the heap. `allocator`
//!   and `memory_faults` (with `mapped_names`) bring about a `sudden_end`.
#![allow(unsafe_code)]

mod allocator;
mod block;
mod buffer_pool;
pub(crate) mod bytes_read;
mod closed_descriptors;
mod compressed;
mod dictionary_array;
mod directory;
mod heap;
#[cfg(target_os = "linux")]
mod huge_page_backoff;
mod input;
mod limits;
mod mapped_file;
mod mapped_names;
mod memory_faults;
mod object_bytes;
mod objects;
mod open;
mod open_objects;
mod output;
mod output_checks;
mod output_target;
mod own_directory;
mod pending_file;
mod pending_prefix;
mod pipe;
mod pipe_ends;
mod pipe_locks;
pub(crate) mod ranged_bytes;
mod seen_directory;
mod signals;
#[cfg(target_os = "linux")]
mod spliced_pages;
#[cfg(not(target_os = "linux"))]
#[path = "no_spliced_pages.rs"]
mod spliced_pages;
mod spool;
mod sudden_end;
mod temporary_file;
mod write_back;

pub use block::Block;
pub use dictionary_array::dictionary_array;
pub use directory::{EntryKind, Existing, Expected, PendingDirectory};
pub use heap::give_back_free_pages;
pub use input::{Input, have_bytes, is_regular_file};
pub use limits::most_open_files;
pub use mapped_file::MappedFile;
pub use memory_faults::{end_at_fatal_panic, end_cleanly_on_faults};
pub use objects::{
    Access, Blocks, FirstRequest, ListedObject, NewObject, ObjectPrefix, Objects, Opened, Opening,
    Transferred, access, count_request, open_urls_by, set_access, tell_by, transferred,
};
pub use open_objects::{begin_object, finish_object, list_objects, open_object};
pub use output::Output;
pub use own_directory::OwnDirectory;
pub use pending_prefix::{PendingPrefix, SUCCESS};
pub use pipe_locks::{Heard, MOST_MESSAGE_BYTES, PipeEnd};
#[cfg(feature = "remote")]
pub(crate) use ranged_bytes::too_short;
pub use ranged_bytes::{RangedBytes, read_at};
pub use seen_directory::SeenDirectory;
pub use signals::{forget as forget_on_signal, on_signal};
pub use spool::{Unread, map_or_spool, open_mapped, open_twice, refuse_to_spool};
pub use sudden_end::fail_with_status;
pub use temporary_file::TemporaryFile;
