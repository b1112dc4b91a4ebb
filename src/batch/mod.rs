//! Record batch in, record batch out; no input, no output.
//!
//! - [`filter`]: the rows for which an expression is true.
//! - [`sample`]: the first values of each group, every so many rows.
//! - [`generate`]: made-up tables.
//! - [`limit`]: rows by number.
//! - [`RowCounts`]: rows per value.
//! - [`LastRows`]: the last rows, and all but the last.
//! - [`OrderKeys`], [`OrderCheck`]: rows compared by some columns.
//! - [`compact`]: lets go of memory that few rows keep alive.

mod canonical;
mod compact;
mod count;
pub mod filter;
pub mod generate;
mod groups;
mod last_rows;
pub mod limit;
mod numbering;
mod order;
pub mod sample;

pub use compact::compact;
pub use count::RowCounts;
pub use last_rows::LastRows;
pub use order::{OrderCheck, OrderKeys};
