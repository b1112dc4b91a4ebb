//! The Arrow IPC file format: a magic, the messages of a stream, and a footer with their positions,
//! so that any record batch can be read on its own.
//!
//! Follows the "IPC File Format" section of the Arrow columnar format. The meaning of the messages
//! is out of scope: `stream` decodes them, from a stream or from a file.
//!
//! - `footer`: finds and verifies the footer, which comes last.
//! - [`verified`]: the metadata of a message, before use.
//! - [`ArrowFile`]: the messages of a mapped file by number.
//! - [`BufferCompression`]: how buffers are compressed, here and in streams.
//! - [`with_batch_metadata`]: a message with its own key-value pairs. [`with_buffers`],
//!   [`with_bytes_of`]: a message for buffers in another body.
//! - [`take`], [`take_header`]: parts of messages as an encoder returns them.
//! - [`Writer`]: record batches → a file.

mod blocks;
mod encoder;
mod footer;
mod message;
mod options;
mod rewrite;
mod writer;

pub use blocks::{ArrowFile, Block, block_metadata, blocks};
pub use encoder::{take, take_header};
pub use footer::{FooterBytes, MAGIC, starts_like_a_file};
pub use message::verified;
pub use options::{BufferCompression, DictionaryKeys, FileOptions};
pub use rewrite::{cannot_write, with_batch_metadata, with_buffers, with_bytes_of};
pub use writer::Writer;
