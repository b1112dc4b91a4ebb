//! What is known of single values: that some certainly do not occur (Parquet's bloom filters).

use arrow::array::ArrayRef;
use std::fmt;
use std::sync::Arc;

/// Tells of an array of one value whether it certainly occurs nowhere among a column's values.
#[derive(Clone)]
pub struct Absent(Arc<dyn Fn(&ArrayRef) -> bool + Send + Sync>);

impl Absent {
    /// `is_absent` must be right whenever it says yes: rows are left out for it.
    pub fn new(is_absent: impl Fn(&ArrayRef) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_absent))
    }

    pub(super) fn says(&self, value: &ArrayRef) -> bool {
        (self.0)(value)
    }
}

impl fmt::Debug for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Absent")
    }
}
