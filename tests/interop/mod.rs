//! Other programs as real producers and consumers.

mod aggregates;
mod csv;
mod datasets;
mod diffs;
mod encode_threads;
mod encoded;
mod encryption;
mod expressions;
mod files;
mod functions;
mod hive_trees;
mod joins;
mod json;
mod logical_types;
mod odd_footers;
mod official_parquet;
mod parquet_reading;
mod parquet_writing;
mod partition;
mod select;
mod sort;
mod summaries;
mod types;
mod unions;
mod unnest;
