//! The table of contents of the tests that run the tools as processes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod support;

/// The rules of the source tree: direction of dependencies, matching names.
mod house;

/// The official Parquet files.
mod golden_parquet;

/// Parquet files that claim more than they hold.
mod hostile_parquet;

/// Parquet files that are large or unusual, but valid.
mod parquet_limits;

/// Objects by URL.
mod remote;
#[cfg(feature = "remote")]
mod remote_azure;
#[cfg(feature = "remote")]
mod remote_credentials;
#[cfg(feature = "remote")]
mod remote_google;
#[cfg(feature = "remote")]
mod remote_https;
#[cfg(feature = "remote")]
mod remote_pages;
#[cfg(feature = "remote")]
mod remote_signatures;
#[cfg(feature = "remote")]
mod remote_streams;
#[cfg(feature = "remote")]
mod remote_trees;
#[cfg(feature = "remote")]
mod remote_write;

/// One file per tool.
mod tools;

/// Help and versions.
mod help;

/// Completions, in the real shells.
mod completions;
/// The executable with all tools, and its installation.
mod toolbox;

/// The tool of CONTRIBUTING.md is one.
mod add_a_tool;

/// Every example in README and manuals is run.
mod examples;

/// The official golden streams and files.
mod golden;

/// A verdict on every file of the official corpora.
mod corpora;

/// Streams of machines with another byte order.
mod big_endian;

/// What fails must fail cleanly.
mod failures;

/// Every system call that fails.
mod faults;

/// Little memory, few descriptors, files that are cut meanwhile.
mod limits;

/// Bytes from strangers, under limits of memory and time.
mod hostile;
/// Streams that claim more than they have, or than a machine has.
mod stream_limits;

/// Null columns whose producer left out the values.
mod absent_values;
/// Views, list views, dictionaries and runs whose rows share far more than a batch has.
mod shared_values;

/// Trees of files, and what may happen while they are written.
mod trees;

/// What was read, what was pruned and why.
mod explain;

/// Several tools through real pipes.
mod pipelines;

/// What a reader tells its writer.
#[cfg(target_os = "linux")]
mod hints;

/// Other programs at either end.
mod interop;

/// The Python package.
mod python_package;

/// The script that measures.
mod bench;
