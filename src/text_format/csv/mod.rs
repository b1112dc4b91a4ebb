//! Delimited text (RFC 4180) to record batches and back: given the schema, every value that is
//! written is read back unchanged.
//!
//! - [`Reader`]: text to record batches. `window` holds bytes, after `encoding` made them UTF-8;
//!   `splitter` finds records and fields (`line_ends`, `find`); `source` joins
//!   inputs and sorts out `rejects`; `schema` gives the types; `columns` builds
//!   arrays from `cells`, by way of `forms` if numbers or dates are regional.
//! - [`Writer`]: record batches to text, by the encoders of `encode`.
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
