//! Parquet files with odd footers, page headers and indexes: the rows of pyarrow and DuckDB, or an error of one line.

use super::types::SUPPORT;
use crate::support::{Python, Workplace};

#[test]
fn odd_files_give_the_rows_of_other_readers_or_an_error() {
    let place = Workplace::new();
    let run = Python::run(include_str!("odd_footers.py"), place.path(), [SUPPORT]).succeeds();
    let text = run.stdout_text();
    let variations = text.split_whitespace().next().and_then(|count| count.parse().ok());
    assert!(Some(2000_u32) < variations, "{text}");
}
