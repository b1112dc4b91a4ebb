//! Reading Parquet files as one sequence of record batches.
//!
//! From the outside in: [`scan::Scan`] reads several files. [`scan_files`] says which of them are
//! opened at all, [`common_schema`] which schema all of them are read as, and [`schema_adapter`]
//! how one file gives that schema, with [`constants`] for columns that hold one value in the whole
//! file. [`plan`] puts the row groups in order: [`prune`] skips row groups and pages, [`row_filter`] is the part of
//! the predicate that is left to evaluate on [`chosen_rows`], and
//! [`row_size`] and [`batch_rows`] limit how many rows are decoded at a time. [`workers`] are the threads, which take
//! their work from [`schedule`]: [`select`] evaluates the predicate and keeps values that are output
//! ([`kept_values`]), and [`column_decoder`] decodes a column, by way of the `parquet` crate
//! ([`decode`]) or without it ([`encoded`]). A [`ledger`] counts what is read and what is pruned. With
//! `--no-pushdown`, the predicate is applied [`afterwards`].

mod adapted;
mod afterwards;
mod batch_rows;
mod chosen_rows;
mod column_decoder;
mod column_work;
pub(crate) mod common_schema;
mod constants;
#[cfg(test)]
mod dataset_tests;
mod decode;
pub(crate) mod encoded;
mod fetched_chunks;
mod kept_values;
mod ledger;
mod open_ahead;
pub(crate) mod options;
mod plan;
#[cfg(test)]
mod predicate_tests;
#[cfg(test)]
mod proven_tests;
mod prune;
mod prune_requests;
#[cfg(test)]
mod ranges_tests;
mod row_filter;
mod row_size;
pub(crate) mod scan;
mod scan_files;
pub(crate) mod scan_head;
#[cfg(test)]
mod scan_tests;
mod schedule;
mod schema_adapter;
mod select;
mod source;
mod workers;
