//! Files that differ in time zones and in the signs of integers, read as one.

use crate::support::{Python, Workplace};

#[test]
fn unions_hold_the_values_that_duckdb_and_polars_read() {
    let place = Workplace::new();
    Python::run(include_str!("unions.py"), place.path(), [""]).exits_with(0).stdout_is("");
}
