//! Record batch in, record batch out; no input, no output.
//!
//! - [`filter`]: the rows for which an expression is true.
//! - [`sample`]: the first values of each group, every so many rows.
//! - [`generate`]: made-up tables.
//! - [`limit`]: rows by number.
//! - [`compact`]: lets go of memory that few rows keep alive.

mod compact;
pub mod filter;
pub mod generate;
pub mod limit;
pub mod sample;

pub use compact::compact;
