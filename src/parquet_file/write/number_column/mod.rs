//! Columns of integers and floats that are not nested, encoded without the crate, which handles
//! each value several times.
//!
//! - [`NumberColumn`] (`column`) cuts rows into pages of a type of `number`, and encodes them plain,
//!   by `delta` or with a `dictionary`, which finds most values in a `window`. `create` makes it
//!   from the crate's settings.
//! - Levels, indices and finished pages are those of `byte_column`.

mod column;
mod create;
mod delta;
mod dictionary;
#[cfg(test)]
mod float_tests;
mod number;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use column::NumberColumn;
