//! JSON: an object per row, on a line of its own or all in one array.

mod encode;
mod encoders;
mod write;

pub use encode::NotFinite;
pub use write::{WriteOptions, Writer};
