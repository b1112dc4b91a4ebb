//! The Arrow IPC file format: a magic, the messages of a stream, and a footer that says where each
//! of them lies, so that any record batch can be read alone.
//!
//! Follows the "IPC File Format" section of the Arrow columnar format. Not for what the messages
//! mean: `stream` decodes them, whether they come from a stream or from a file.
//!
//! - [`footer`]: finds and verifies the footer, which comes last.
//! - [`ArrowFile`]: a mapped file's messages by number.
//! - [`BufferCompression`]: how buffers are compressed, here and in streams.
//! - [`Writer`]: record batches → a file. `dictionaries` keeps one dictionary for all of them.

mod blocks;
mod buffer_compression;
mod dictionaries;
mod dictionary;
mod encoder;
mod footer;
mod options;
mod writer;

pub use blocks::{ArrowFile, Block, block_header, blocks};
pub use buffer_compression::BufferCompression;
pub use footer::{MAGIC, footer, starts_like_a_file};
pub use options::{DictionaryKeys, FileOptions};
pub use writer::Writer;
