//! arrow-pipes: small Unix programs that speak the Arrow IPC streaming format over stdin and stdout.
//!
//! The modules in reading order:
//!
//! - [`error`]: what went wrong and with what; exit statuses.
//! - [`text`]: sizes, counts, tables, names made safe for a terminal.
//! - [`endpoint`]: what a command line says of inputs and outputs, as plain data.
//! - `calendar`: days since 1970 as year, month and day.
//! - [`schema`]: schemas that are equal enough to be read as one.
//! - [`io`]: descriptors and memory: inputs, outputs that appear whole or not at all, mappings.
//! - [`stream`]: the Arrow IPC streaming format: framing, reader, writer.
//! - [`expression`]: SQL expressions: parsed, bound to a schema, evaluated, bounded.
//! - [`batch`]: record batch in, record batch out: filter, sample, generate, cut.
//! - [`parquet_file`]: Parquet: which row groups, decoding, encoding.
//! - [`inspect`]: what `file-inspect` shows, as data, as text, as JSON.
//! - [`command`]: option tables and everything rendered from them; running and reporting.
//!
//! The rule of direction (an arrow reads "is used by"): `error`, `text` → all others; `endpoint` →
//! `command`, `io` and what stands above `io`; `io` → `stream`, `parquet_file`, `inspect`; `stream` →
//! `inspect`; `schema` → `stream`, `parquet_file`, `batch`; `expression` → `batch`, `parquet_file`;
//! `batch` → `parquet_file` → `inspect`; `calendar` → `expression`, `inspect`.
//! Only `src/bin` sees `command` and the formats together. `tests/house.rs` keeps the rule.

#![deny(missing_docs)]

pub mod batch;
mod calendar;
pub mod command;
pub mod endpoint;
pub mod error;
pub mod expression;
pub mod inspect;
pub mod io;
pub mod parquet_file;
pub mod schema;
pub mod stream;
pub mod text;

pub use error::{Error, Result};
