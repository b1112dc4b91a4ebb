//! The answers that a predicate can have for rows of which only statistics or constants are known.

pub(crate) mod bloom;
pub(crate) mod bounds;
pub(crate) mod partial;
