//! Each tool as a process: exact output, messages and exit status.

mod stream_filter;
mod stream_generate;
mod stream_sample;
