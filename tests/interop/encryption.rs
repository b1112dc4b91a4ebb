//! Encrypted Parquet files: those that pyarrow writes, and the official ones, read with their keys.
#![allow(clippy::print_stderr)]

use crate::support::{Python, Workplace};
use std::path::{Path, PathBuf};

const SCRIPT: &str = include_str!("encryption.py");

#[test]
fn encrypted_files_of_pyarrow_are_read_with_their_keys() {
    let place = Workplace::new();
    Python::run(SCRIPT, place.path(), ["written"]).exits_with(0).stdout_is("");
}

#[test]
fn the_official_encrypted_files_hold_the_values_that_pyarrow_reads() {
    let beside =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/parquet-testing/data");
    let data = std::env::var_os("PARQUET_TEST_DATA").map_or(beside, PathBuf::from);
    if !data.is_dir() {
        eprintln!("skipped: no Parquet files in {}; set PARQUET_TEST_DATA", data.display());
        return;
    }
    let place = Workplace::new();
    let arguments = ["official".into(), data.into_os_string()];
    Python::run(SCRIPT, place.path(), arguments).exits_with(0).stdout_is("");
}
