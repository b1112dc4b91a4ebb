//! JSON: an object per row, one per line, in any layout, or all in one array.

pub(crate) mod column;
pub(crate) mod encode;
mod encoders;
mod infer;
mod lists;
mod not_a_number;
mod object_end;
pub(crate) mod options;
mod parts;
mod problem;
mod read;
mod records;
mod row;
mod source;
mod write;
mod wrong;

pub(crate) use encode::{ColumnEncoder, Encoding, check_type};
pub use encoders::NotFinite;
pub use options::ReadOptions;
pub use read::Reader;
pub use write::{WriteOptions, Writer};
