//! Text formats: delimited text ([`csv`]), JSON ([`json`]), tables for people (`print`).
//!
//! Shared by them, from text to arrays: `infer` finds types; `value_builder` (`values_inferred` for
//! inferred types) builds columns by `parse_number` and `parse_temporal`, and reports a
//! `conversion_error`. From arrays to text: `temporal`; in both directions `temporal_format`
//! (strftime patterns) and `binary_text` (base64, hexadecimal).

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

pub use temporal_format::TemporalFormat;
