//! Joins a stream with a table, in memory or larger.
//!
//! - [`KeyNames`], [`AsOfNames`] (`names`): `a = x, b` and `ts >= valid_from`, as typed.
//! - [`JoinPlan`] (`plan`): the columns that are read and written, and their types.
//! - `result`: the names and types of the columns that are written.
//! - `keys`: the columns whose values must be equal; `common`: the types in which they are compared.
//! - [`TableBuilder`] (`joiner`): reads the table. In memory it is `held`, with an `index` of the rows of
//!   each key; otherwise it is `divided` in a temporary file.
//! - [`Joiner`] (`joiner`): joins batches of the stream: a `memory_join`, or one that is `spilled`, whose
//!   parts are joined in memory. A `result_writer` writes rows with their `partners`; `pairs` copies them
//!   into batches of bounded size.
//! - `sorted`: both are sorted by their keys, and only a window of the table is in memory; `checked`: the
//!   keys of a sorted side; `merge`: the order of the rows of a full join.
//! - `sorted_as_of`: both are sorted by time; the `as_of_window` has the rows of the table that may be partners.
//! - `in_order`: rows of the parts in the order of the stream.
//! - `as_of`: the nearest row of the table by time.

mod as_of;
mod as_of_window;
mod checked;
mod common;
mod divided;
mod held;
mod in_order;
mod index;
mod joiner;
mod keys;
mod memory_join;
mod merge;
mod names;
mod options;
mod pairs;
mod partners;
mod plan;
mod result;
mod result_writer;
mod sorted;
mod sorted_as_of;
mod spilled;

pub(crate) use common::{Meeting, meeting};
pub use joiner::{Joiner, TableBuilder};
pub use memory_join::MemoryJoin;
pub use names::{AsOfNames, KeyNames};
pub use options::{Expect, How, JoinOptions, Resources};
pub use plan::JoinPlan;
pub use sorted::{Batches, SortedJoin};
pub use sorted_as_of::SortedAsOf;
pub use spilled::SpilledJoin;

use crate::error::Error;
use arrow::error::ArrowError;

fn failed(cause: ArrowError) -> Error {
    Error::failed(format!("cannot join: {cause}"))
}
