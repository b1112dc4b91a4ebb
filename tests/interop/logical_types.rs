//! Round trips of logical types and metadata, checked with pyarrow, DuckDB, pandas and GeoPandas.

use super::types::SUPPORT;
use crate::support::{Python, Workplace};

fn part(name: &str) {
    let place = Workplace::new();
    let script = include_str!("logical_types.py");
    Python::run(script, place.path(), [SUPPORT, name]).succeeds().stdout_is("");
}

#[test]
fn annotated_types_survive() {
    part("annotated");
}

#[test]
fn numbers_and_times_keep_widths_and_units() {
    part("plain");
}

#[test]
fn nested_types_and_field_ids_survive() {
    part("nested");
}

#[test]
fn geometries_keep_their_crs() {
    part("geometry");
}

#[test]
fn extension_types_of_streams_become_logical_types() {
    part("streams");
}

#[test]
fn uuid_json_and_enum_are_text_in_csv_and_json() {
    part("text");
}

#[test]
fn pandas_indexes_and_types_survive() {
    part("pandas");
}

#[test]
fn schema_metadata_survives() {
    part("schema");
}

#[test]
fn geopandas_frames_survive() {
    part("geopandas");
}
