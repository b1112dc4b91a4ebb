//! JSON: an object per row, on a line of its own or all in one array.

pub(crate) mod encode;
mod encoders;
mod write;

pub use encode::NotFinite;
pub(crate) use encode::{ColumnEncoder, Encoding, check_type};
pub use write::{WriteOptions, Writer};
