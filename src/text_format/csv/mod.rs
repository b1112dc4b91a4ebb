//! Delimited text (RFC 4180) to record batches and back: given the schema, every value that is
//! written is read back unchanged.
//!
//! - [`Reader`]: text to record batches.
//! - [`Writer`]: record batches to text.
//! - `dialect`: checks a [`Dialect`](crate::options::Dialect) and finds fields that need quotes.

mod cells;
mod columns;
mod dialect;
mod encode;
mod encoding;
mod find;
mod forms;
mod line_ends;
mod read_options;
mod reader;
mod rejects;
mod schema;
mod source;
mod splitter;
mod window;
mod writer;

pub use forms::Forms;
pub use read_options::{LineOptions, LongRows, ReadOptions, ShortRows};
pub use reader::Reader;
pub use writer::{WriteOptions, Writer};
