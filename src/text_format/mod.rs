//! Text formats: delimited text, JSON, aligned tables.

mod binary_text;
pub mod csv;
mod infer;
pub mod json;
mod misfit;
mod moment;
mod moment_format;
mod parse_moment;
mod parse_number;
pub mod print;
mod values;
mod values_inferred;

pub use moment_format::MomentFormat;
