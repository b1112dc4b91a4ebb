//! Sketches: answers about any number of values, from little memory and with a known error.
//!
//! - [`Distinct`]: the number of distinct values; `hashes` feeds it with arrays.
//! - [`Quantiles`]: quantiles of numbers.
//! - [`Frequent`]: the most frequent values.
//! - [`Sampler`]: picks rows for the last two, so that most rows of a long column are not looked at.
//! - [`Number`]: what quantiles are made of.
//!
//! All of them give the same answer whenever they get the same values in the same order.

mod distinct;
mod failure;
mod frequent;
mod hashes;
mod number;
mod quantiles;
mod sampler;

pub use distinct::Distinct;
pub use frequent::{Frequent, FrequentValues};
pub use hashes::{Hashed, Hashes, each_bytes};
pub use number::Number;
pub use quantiles::{Quantiles, Weighed};
pub use sampler::{Pick, Sampler};
