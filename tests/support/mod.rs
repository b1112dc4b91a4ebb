//! Shared by the tests: tools as processes, streams in memory, Python for comparison.

pub(crate) mod mutate;
#[cfg(feature = "remote")]
pub(crate) mod object_server;
pub(crate) mod parquet_bytes;
mod process;
mod python;
#[cfg(feature = "remote")]
mod python_server;
#[cfg(feature = "remote")]
pub(crate) mod real_servers;
mod streams;
#[cfg(target_os = "linux")]
mod traced;
#[cfg(feature = "remote")]
pub(crate) mod upload_server;

#[cfg(feature = "remote")]
pub(crate) use process::LOOPBACK;
pub(crate) use process::{Outcome, Tool, Workplace, tool_directory, tools};
pub(crate) use python::{Python, peak_kilobytes};
pub(crate) use streams::{file_of, int64_batch, read_stream, stream_of};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) use traced::{Traced, run_with_failing_call, run_with_failing_unlink};
#[cfg(target_os = "linux")]
pub(crate) use traced::{run_and_do, run_with_signal, send_signal, send_signal_to_thread};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) use traced::{run_with_full_disk, run_with_late_failure};
