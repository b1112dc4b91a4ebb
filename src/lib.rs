//! arrow-pipes: small Unix programs that speak the Arrow IPC streaming format over stdin and
//! stdout.
//!
//! The modules in reading order:
//!
//! - [`error`]: the error type and the exit statuses.
//! - [`text`]: sizes, counts, tables, names made safe for a terminal.
//! - `meter`: the number of input bytes that the process has read.
//! - [`endpoint`]: the inputs and outputs given on a command line, as plain data.
//! - `calendar`: days since 1970 as year, month and day.
//! - [`schema`]: comparing, merging and selecting columns of schemas.
//! - [`dataset`]: expansion of directories and patterns to files and partition columns.
//! - [`io`]: descriptors and memory: inputs, outputs that appear whole or not at all, mappings.
//! - [`arrow_file`]: the Arrow IPC file format: footer, random access, writer.
//! - [`stream`]: the Arrow IPC streaming format: framing, reader, writer.
//! - [`expression`]: SQL expressions: parsing, binding to a schema, evaluation, pruning.
//! - [`batch`]: operations on record batches: filter, sample, generate, rechunk.
//! - `spill`: record batches in a temporary file.
//! - [`sort`]: external sort of streams larger than memory.
//! - [`parquet_file`]: Parquet: pruning, decoding, encoding.
//! - [`partition`]: writing rows to a tree of Parquet files, by the values of some columns.
//! - [`text_format`]: CSV, JSON, tables for people.
//! - [`inspect`]: the output of `file-inspect`, as data, as text, as JSON.
//! - [`any_file`]: inputs of any format, for a quick look.
//! - [`command`]: option tables and everything rendered from them; running and reporting.
//!
//! Dependencies point one way (an arrow reads "is used by"): `error`, `text` → all others; `meter`
//! → `io`, `arrow_file`, `command`; `endpoint` → `command`, `io` and everything above `io`; `io` →
//! `arrow_file`, `stream`, `parquet_file`, `text_format`, `inspect`; `arrow_file` → `stream` →
//! `inspect`; `schema` → all modules that handle batches; `expression` → `batch`, `parquet_file`;
//! `batch` → `arrow_file`, `stream`, `parquet_file`, `text_format`; `stream`, `parquet_file`,
//! `text_format` → `any_file`; `spill` → `sort`, `partition`; `parquet_file`, `dataset` →
//! `partition`; `parquet_file` → `inspect`; `calendar` → `dataset`, `expression`, `text_format`,
//! `inspect`; `dataset` → modules that read and write trees of files. Only `src/bin` uses `command`
//! and the formats together. `tests/house.rs` enforces this.

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
