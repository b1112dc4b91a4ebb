//! A verdict on a file: its faults, each with its place. Nothing is assumed to be right because a
//! reader could do without it.
//!
//! - [`Verdicts`] (`verdicts`): the verdicts on all operands, in order, made by threads.
//! - `fault`: a fault, its kind and its place.
//! - Parquet (`parquet_file`): `parquet_footer` counts and ranges; `parquet_pages` page headers,
//!   checksums, sizes and the page index; `parquet_values` decoded values, passed page by page by
//!   `page_gate`, summed up in `parquet_found` and checked in `parquet_page_values`;
//!   `parquet_statistics` compares in the `parquet_order`; `parquet_sorted` checks the declared order
//!   of rows. `parquet_parts` are what a thread does.
//! - Arrow: `arrow_file`, `arrow_stream`, `arrow_batch` for the messages of both, and
//!   `arrow_cause` for the errors of their reader.

mod arrow_batch;
mod arrow_cause;
mod arrow_file;
mod arrow_stream;
mod fault;
mod page_gate;
mod parquet_file;
mod parquet_footer;
mod parquet_found;
mod parquet_order;
mod parquet_page_values;
mod parquet_pages;
mod parquet_parts;
mod parquet_sorted;
mod parquet_statistics;
mod parquet_type_range;
mod parquet_values;
mod verdicts;

pub(super) use fault::Fault;
pub use verdicts::Verdicts;

/// How much of a file is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Footers, headers and structure, without decoding values.
    Quick,
    /// Everything.
    Full,
}

impl Depth {
    /// All depths, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("quick", Self::Quick), ("full", Self::Full)];
}
