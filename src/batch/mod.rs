//! Record batch in, record batch out; no input, no output.
//!
//! - [`filter`]: the rows for which an expression is true.
//! - [`limit`]: rows by number.
//! - [`compact`]: lets go of memory that a few rows left keep alive.

pub mod compact;
pub mod filter;
pub mod limit;
