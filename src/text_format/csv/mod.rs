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
mod find;
mod line_ends;
mod reader;
mod schema;
mod splitter;
mod window;
mod writer;

pub use reader::{ReadOptions, Reader};
pub use writer::{WriteOptions, Writer};
