//! Schemas: which are equal enough to be read as one, and which of their columns are meant.
//!
//! - [`unite`], [`conform`]: several schemas as one, and batches under it.
//! - [`find_columns`]: places of columns by their names.
//! - [`Projection`]: a choice of columns, and of parts of structs, in an order.

mod columns;
mod projection;
mod unite;

pub use columns::find_columns;
pub use projection::{Kept, Projection};
pub use unite::{conform, unite};
