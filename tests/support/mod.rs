//! What the tests share: tools as processes, streams in memory, Python as the other side.

mod process;
mod python;
mod streams;

pub(crate) use process::{Outcome, Tool, Workplace, tool_directory};
pub(crate) use python::Python;
pub(crate) use streams::{file_of, int64_batch, read_stream, stream_of};
