//! The output of runs, indices and values: an array in the requested encoding.

use arrow::array::ArrayRef;
use parquet::errors::{ParquetError, Result};

/// Receives rows in order, and builds an array from them.
pub(crate) trait ColumnBuilder: Send {
    /// Sets the dictionary for all following indices.
    fn set_dictionary(&mut self, values: ArrayRef);

    /// Adds one dictionary value, repeated this many times.
    fn run(&mut self, index: u32, rows: usize) -> Result<()>;

    /// Adds dictionary values.
    fn indices(&mut self, indices: &[u32]) -> Result<()>;

    /// Adds this number of nulls.
    fn nulls(&mut self, rows: usize) -> Result<()>;

    /// Adds values without a dictionary.
    fn array(&mut self, values: &ArrayRef) -> Result<()>;

    /// Returns all rows since the last call.
    fn finish(&mut self) -> Result<ArrayRef>;
}

/// Refuses indices that a dictionary of this many values does not have: the page is damaged.
pub(crate) fn check(indices: &[u32], values: usize) -> Result<()> {
    match indices.iter().max() {
        Some(most) if values <= *most as usize => {
            Err(failed(format!("damaged page: index {most} of a dictionary of {values} values")))
        }
        _ => Ok(()),
    }
}

/// The column cannot be decoded.
pub(crate) fn failed(why: impl Into<String>) -> ParquetError {
    ParquetError::General(why.into())
}
