//! The answers that a predicate can have for rows of which only statistics or constants are known.

pub(crate) mod bounds;
pub(crate) mod partial;
pub(crate) mod reduce;
#[cfg(test)]
mod reduce_tests;

use arrow::array::ArrayRef;
use std::fmt;
use std::sync::Arc;

/// Tests whether the value in an array of one certainly does not occur in a column.
#[derive(Clone)]
pub struct Absent(Arc<dyn Fn(&ArrayRef) -> bool + Send + Sync>);

impl Absent {
    /// `is_absent` may return true only if that is certain: rows are skipped because of it.
    pub fn new(is_absent: impl Fn(&ArrayRef) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_absent))
    }

    pub(crate) fn says(&self, value: &ArrayRef) -> bool {
        (self.0)(value)
    }
}

impl fmt::Debug for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Absent")
    }
}
