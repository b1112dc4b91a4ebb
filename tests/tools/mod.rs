//! Each tool as a process: exact output, messages and exit status.

mod csv_to_stream;
mod file_inspect;
mod file_to_stream;
mod json_to_stream;
mod parquet_to_stream;
mod stream_aggregate;
mod stream_cat;
mod stream_count;
mod stream_diff;
mod stream_filter;
mod stream_generate;
mod stream_head;
mod stream_join;
mod stream_print;
mod stream_rechunk;
mod stream_sample;
mod stream_select;
mod stream_sort;
mod stream_summary;
mod stream_tail;
mod stream_to_csv;
mod stream_to_file;
mod stream_to_json;
mod stream_to_parquet;
