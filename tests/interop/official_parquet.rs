//! The official Parquet files give the values that pyarrow and DuckDB read.

use super::types::SUPPORT;
use crate::golden_parquet::official_files;
use crate::support::{Python, Workplace};

#[test]
fn official_files_give_the_values_of_other_readers() {
    let Some(root) = official_files() else { return };
    let place = Workplace::new();
    let arguments = [SUPPORT.into(), root.into_os_string()];
    Python::run(include_str!("official_parquet.py"), place.path(), arguments).succeeds();
}
