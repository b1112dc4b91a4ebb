//! What other programs find in the Parquet files that stream-to-parquet writes.

use crate::support::{Python, Workplace};

#[test]
fn logical_types_are_those_that_fields_name() {
    Python::run(include_str!("parquet_logical_types.py"), Workplace::new().path(), [""]).succeeds();
}

#[test]
fn metadata_is_where_readers_look_for_it() {
    Python::run(include_str!("parquet_metadata.py"), Workplace::new().path(), [""]).succeeds();
}

#[test]
fn bounds_of_floats_prune_and_long_values_have_short_ones() {
    Python::run(include_str!("parquet_bounds.py"), Workplace::new().path(), [""]).succeeds();
}
