//! Delimited text, as RFC 4180 describes it, to batches and back: every value that is written is read
//! again as the same, given the schema.
//!
//! - [`Reader`]: text to record batches.
//! - [`Writer`]: record batches to text.
//! - `dialect`: what its signs ([`Dialect`](crate::endpoint::Dialect)) ask for.

mod cells;
mod columns;
mod dialect;
mod encode;
mod encoding;
mod find;
mod forms;
mod inference;
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
