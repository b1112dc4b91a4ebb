//! Trees of files that differ: the rows of DuckDB and pyarrow, whatever is pushed down.

use crate::support::{Python, Workplace};

#[test]
fn trees_are_read_as_duckdb_and_pyarrow_read_them() {
    let place = Workplace::new();
    Python::run(include_str!("datasets.py"), place.path(), ["tree"]).succeeds();
}
