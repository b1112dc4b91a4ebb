//! Columns of text and binary values that are not nested, encoded without the crate.
//!
//! The crate hashes the value of each row of a dictionary-encoded column, even if it comes as an
//! Arrow dictionary, and compares each value with the min and the max. Here each value of an
//! incoming dictionary is hashed once, and min and max come from the values that a page uses, or
//! from the first bytes of values.
//!
//! - `values` reads arrays of all layouts. `dictionary` numbers values.
//! - [`ByteColumn`] (made in `create`) cuts rows into pages. `page` is the one being filled:
//!   its `levels` and indices, which `hybrid` writes, or `plain_values`.
//! - `pages` stores finished pages, compressed by `compress` (`raw_frame` if they do not shrink),
//!   and makes the metadata of the chunk, with its `statistics`; `bounds` finds min and max.
//!   `number_column` uses it, too, with the `number_bounds` of numbers.

mod bounds;
mod column;
mod compress;
mod create;
mod dictionary;
pub(crate) mod hybrid;
mod levels;
mod number_bounds;
mod page;
mod pages;
mod plain_values;
mod raw_frame;
mod statistics;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use column::{ByteColumn, Limits};
pub(crate) use compress::Codec;
pub(crate) use levels::Levels;
pub(crate) use number_bounds::NumberOrder;
pub(crate) use pages::{DataPage, Pages};
pub(crate) use plain_values::PlainValues;

/// The bytes of a length before a value or levels.
const LENGTH_BYTES: usize = 4;
