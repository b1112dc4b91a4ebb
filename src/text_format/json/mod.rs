//! JSON: an object per row, one per line, in any layout, or all in one array.
//!
//! - [`Reader`] (`read`): `records` splits an input into objects (`object_end`), `source` joins
//!   inputs and has `infer` find a schema, `parts` takes an object apart, and `row` and `column`
//!   build arrays (`lists`). `problem` and `wrong` are errors, `not_a_number` allows NaN.
//! - [`Writer`] (`write`): `encode` uses arrow's encoders, and those of `encoders` where arrow's
//!   are not exact.

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
