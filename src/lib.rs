//! arrow-pipes: small Unix programs that speak the Arrow IPC streaming format over stdin and
//! stdout. The library is internal to the tools, without any promise of stability.
//!
//! The modules in reading order, and the modules that each may use, which all stand above it.
//! `tests/house/directions.rs` checks this table. Only `src/bin` uses [`command`] and the formats
//! together.
//!
//! | module | content | uses |
//! |---|---|---|
//! | [`error`] | errors and exit statuses |  |
//! | [`text`] | sizes, counts, tables, safe names | error |
//! | `time` | days, zones, units; their text | text |
//! | [`threads`] | work done by threads; how many | error |
//! | [`options`] | a command line as plain data | error text threads |
//! | [`schema`] | merging and projecting schemas | error text time |
//! | [`io`] | inputs, outputs, mappings; `unsafe` | error text options |
//! | [`explain`] | what was read, what was pruned and why | text io |
//! | [`remote`] | objects by URL | error options io |
//! | [`dataset`] | directories, patterns, hive-style keys | error text time options io schema |
//! | [`expression`] | SQL expressions | error text time schema |
//! | [`batch`] | batch to batch, without I/O | error text time schema expression |
//! | [`arrow_file`] | the Arrow IPC file format | error text options io schema batch |
//! | [`stream`] | Arrow IPC streams | error text explain threads options io schema expression batch arrow_file |
//! | `spill` | batches in temporary files | error io |
//! | [`sort`] | external sort | error threads io schema batch spill |
//! | [`sketch`] | estimates from little memory | error schema batch |
//! | [`aggregate`] | aggregates of groups | error text threads io schema expression batch spill sort sketch |
//! | [`join`] | joins of a stream and a table | error text threads schema expression batch spill sort |
//! | [`parquet_file`] | Parquet files | error text explain time threads options io schema expression batch |
//! | [`partition`] | trees of files | error text threads options io dataset schema batch spill parquet_file |
//! | [`text_format`] | CSV, JSON, tables | error text time options io schema batch |
//! | [`summary`] | summaries of columns | error text threads options schema batch sketch text_format |
//! | [`inspect`] | file views | error text time threads options io dataset schema sort arrow_file stream parquet_file |
//! | [`any_file`] | any format | error text threads options io dataset batch stream parquet_file text_format |
//! | [`diff`] | two tables compared | error text threads io schema expression batch sort join text_format |
//! | [`completion`] | candidates for a command line | schema dataset expression any_file |
//! | [`command`] | option tables, parsing, help | error text explain threads options io remote completion |
//! | [`toolbox`] | the executable with all tools | error text options io completion command |

#![deny(missing_docs)]

pub mod aggregate;
pub mod any_file;
pub mod arrow_file;
pub mod batch;
pub mod command;
pub mod completion;
pub mod dataset;
pub mod diff;
pub mod error;
pub mod explain;
pub mod expression;
pub mod inspect;
pub mod io;
pub mod join;
pub mod options;
pub mod parquet_file;
pub mod partition;
#[cfg(feature = "remote")]
pub mod remote;
pub mod schema;
pub mod sketch;
pub mod sort;
mod spill;
pub mod stream;
pub mod summary;
pub mod text;
pub mod text_format;
pub mod threads;
mod time;
pub mod toolbox;

pub use error::{Error, Result};
