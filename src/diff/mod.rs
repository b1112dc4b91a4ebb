//! Compares two tables by key: rows only in one, and rows that changed.
//!
//! - [`DiffPlan`] (`plan`): the columns that are read, and those that both tables have; `meeting`: the
//!   types in which they are compared. [`SchemaChange`] (`schema_change`): how the schemas differ.
//! - `layout`: batches of a table as keys and values of both tables' types.
//! - `key_values`: keys that are compared; `cells`: the rows in which a column differs.
//! - [`compare`], [`is_sorted`] (`keyed`): tables with keys, sorted if they are not; `ahead`: the next
//!   rows of a table; `merge`: both tables, in the order of their keys.
//! - [`compare_unordered`] (`unordered`): tables as multisets of rows, by their `digest`.
//! - [`Changes`] (`changes`): differing rows, as plain data; [`Counts`] counts them.
//! - [`ResultSchema`] (`result`): changes as record batches; [`TextReport`] (`text`): for people, with
//!   `row_text`, the texts of their values.

mod ahead;
mod cells;
mod changes;
mod digest;
mod key_values;
mod keyed;
mod layout;
mod meeting;
mod merge;
mod options;
mod plan;
mod result;
mod row_text;
mod schema_change;
mod text;
mod unordered;

pub use changes::{Changes, Counts, Kind, Wanted};
pub use keyed::{compare, is_sorted};
pub use options::{Batches, DiffOptions, Duplicates, InputOrder, Report, Resources, Side, Tables};
pub use plan::DiffPlan;
pub use result::ResultSchema;
pub use schema_change::SchemaChange;
pub use text::{Look, TextReport};
pub use unordered::compare_unordered;

use crate::error::Error;
use arrow::error::ArrowError;

fn failed(cause: ArrowError) -> Error {
    Error::failed(format!("cannot compare rows: {cause}"))
}
