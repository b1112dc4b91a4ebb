//! JSON: an object per row, on a line of its own or all in one array.

pub(crate) mod column;
pub(crate) mod encode;
mod encoders;
mod infer;
mod parts;
mod problem;
mod read;
mod records;
mod row;
mod write;

pub use encode::NotFinite;
pub(crate) use encode::{ColumnEncoder, Encoding, check_type};
pub use read::{ReadOptions, Reader};
pub use write::{WriteOptions, Writer};
