//! Parquet files of other writers, read by parquet-to-stream as pyarrow and DuckDB read them.

use super::types::SUPPORT;
use crate::support::{Python, Workplace};

#[test]
fn files_of_other_writers_give_their_values_or_a_named_error() {
    let script = include_str!("parquet_reading.py");
    Python::run(script, Workplace::new().path(), [SUPPORT]).succeeds();
}
