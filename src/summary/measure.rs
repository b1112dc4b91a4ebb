//! The interface of the kinds of columns.

use super::found::ColumnSummary;
use super::values::Values;
use crate::error::Result;
use crate::sketch::Pick;
use std::fmt::Debug;

/// The facts that are measured of the values of a column.
pub(super) trait Measure: Debug + Send {
    /// Adds values, some rows of which were picked for sketches. Numbers come row by row.
    ///
    /// # Errors
    /// Values that Arrow cannot copy.
    fn add(&mut self, values: &Values, picks: &[Pick]) -> Result<()>;

    /// Adds to the summary what was found.
    ///
    /// # Errors
    /// None in practice: the values had the type of the column.
    fn finish(&self, found: &mut ColumnSummary) -> Result<()>;
}
