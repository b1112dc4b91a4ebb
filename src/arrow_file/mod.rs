//! The Arrow IPC file format: a magic, the messages of a stream, and a footer that says where each
//! of them lies, so that any record batch can be read alone.
//!
//! Follows the "IPC File Format" section of the Arrow columnar format. Not for what the messages
//! mean: `stream` decodes them, whether they come from a stream or from a file.
//!
//! - [`footer`]: finds and verifies the footer, which comes last.
//! - [`verified`]: the metadata of a message, before they are believed.
//! - [`ArrowFile`]: a mapped file's messages by number.
//! - [`BufferCompression`]: how buffers are compressed, here and in streams.
//! - [`with_batch_metadata`]: a message with key-value pairs of its own.
//! - [`Writer`]: record batches → a file. `dictionaries` keeps one dictionary for all of them.

mod blocks;
mod buffer_compression;
mod dictionaries;
mod dictionary;
mod encoder;
mod footer;
mod message;
mod options;
mod rewrite;
mod writer;

pub use blocks::{ArrowFile, Block, block_metadata, blocks};
pub use buffer_compression::BufferCompression;
pub use footer::{MAGIC, footer, starts_like_a_file};
pub use message::verified;
pub use options::{DictionaryKeys, FileOptions};
pub use rewrite::with_batch_metadata;
pub use writer::Writer;
