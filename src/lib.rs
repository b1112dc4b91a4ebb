//! arrow-pipes: small Unix programs that speak the Arrow IPC streaming format over stdin and stdout.
//!
//! The modules in reading order:
//!
//! - [`error`]: what went wrong and with what; exit statuses.
//! - [`text`]: sizes, counts, tables, names made safe for a terminal.
//! - `meter`: how many bytes of its inputs the process has read.
//! - [`endpoint`]: what a command line says of inputs and outputs, as plain data.
//! - `calendar`: days since 1970 as year, month and day.
//! - [`schema`]: schemas that are equal enough to be read as one.
//! - [`dataset`]: directories and patterns: their files, and the keys that their paths hold.
//! - [`io`]: descriptors and memory: inputs, outputs that appear whole or not at all, mappings.
//! - [`arrow_file`]: the Arrow IPC file format: its footer, random access, writer.
//! - [`stream`]: the Arrow IPC streaming format: framing, reader, writer.
//! - [`expression`]: SQL expressions: parsed, bound to a schema, evaluated, bounded.
//! - [`batch`]: record batch in, record batch out: filter, sample, generate, cut.
//! - `spill`: batches in a temporary file.
//! - [`sort`]: streams larger than memory, sorted through temporary files.
//! - [`parquet_file`]: Parquet: which row groups, decoding, encoding.
//! - [`partition`]: rows into a tree of Parquet files by the values of some columns.
//! - [`text_format`]: CSV, JSON, tables for people.
//! - [`inspect`]: what `file-inspect` shows, as data, as text, as JSON.
//! - [`any_file`]: inputs of any format, for a quick look.
//! - [`command`]: option tables and everything rendered from them; running and reporting.
//!
//! The rule of direction (an arrow reads "is used by"): `error`, `text` → all others; `meter` → `io`,
//! `arrow_file`, `command`; `endpoint` →
//! `command`, `io` and what stands above `io`; `io` → `arrow_file`, `stream`, `parquet_file`, `text_format`,
//! `inspect`; `arrow_file` → `stream` → `inspect`; `schema` → all that hold batches; `expression` →
//! `batch`, `parquet_file`; `batch` → `arrow_file`, `stream`, `parquet_file`, `text_format`;
//! `stream`, `parquet_file`, `text_format` → `any_file`;
//! `spill` → `sort`, `partition`; `parquet_file`, `dataset` → `partition`; `parquet_file` → `inspect`;
//! `calendar` → `dataset`, `expression`, `text_format`, `inspect`; `dataset` → what reads and writes trees
//! of files.
//! Only `src/bin` sees `command` and the formats together. `tests/house.rs` keeps the rule.

#![deny(missing_docs)]

pub mod any_file;
pub mod arrow_file;
pub mod batch;
mod calendar;
pub mod command;
pub mod dataset;
pub mod endpoint;
pub mod error;
pub mod expression;
pub mod inspect;
pub mod io;
mod meter;
pub mod parquet_file;
pub mod partition;
pub mod schema;
pub mod sort;
mod spill;
pub mod stream;
pub mod text;
pub mod text_format;
mod time;

pub use error::{Error, Result};
