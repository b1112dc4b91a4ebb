//! Text as programs and people write it: delimited text, JSON, aligned tables.

mod binary_text;
pub mod json;
mod moment;

pub use binary_text::BinaryText;
