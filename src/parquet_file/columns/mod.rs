//! The columns of a file as Arrow types, according to the Parquet schema and the Arrow schema that
//! a writer may have stored with it.
//!
//! Each top-level column is converted by itself, so that an unusual one does not block the others,
//! and a file of many columns costs no more than the columns that are read. Types that the
//! `parquet` crate would read wrongly (INT96, INTERVAL) are decoded as bytes and converted in
//! `raw`.
//!
//! `file_columns` combines for each column the `stored` Parquet type, the `hint` of the Arrow
//! schema in the file, the `decoded_field` of the crate and the metadata made by `annotate`. A
//! `reader` then has what the decoder needs, and `raw` converts by `int96`, `interval` and
//! `decimal`.

mod annotate;
mod decimal;
mod decoded_field;
pub(crate) mod file_columns;
mod hint;
mod int96;
mod leaf_fields;
mod map_keys;
pub(crate) mod options;
mod raw;
mod reader;
mod stored;
mod value_error;

pub(crate) use int96::{finest_unit, nanoseconds_since_1970};
pub(crate) use map_keys::check_keys;
pub(crate) use raw::converted;
pub(crate) use reader::ColumnReader;
