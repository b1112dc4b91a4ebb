//! Text formats: delimited text, JSON, aligned tables.

mod binary_text;
mod conversion_error;
pub mod csv;
mod infer;
pub mod json;
mod parse_number;
mod parse_temporal;
pub mod print;
mod temporal;
mod temporal_format;
mod value_builder;
mod values_inferred;

pub use temporal_format::MomentFormat;
