//! The output of runs, indices and values: an array in the requested encoding.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use parquet::errors::{ParquetError, Result};

use super::keys::Keys;
use super::runs::Runs;
use super::values::Filled;

/// The encoding in which a column is output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::parquet_file) enum Shape {
    /// Plain values.
    Plain,
    /// Run-end encoded.
    Runs,
    /// A dictionary with keys of this type.
    Dictionary(DataType),
}

/// Receives rows in order, and builds an array from them.
pub(super) trait CodedOutput: Send {
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

impl Shape {
    /// Whether a column of the type is decoded faster here than by the `parquet` crate, or only
    /// here.
    pub(in crate::parquet_file) fn suits(&self, data_type: &DataType) -> bool {
        match self {
            Self::Plain => Filled::<u64>::suits(data_type),
            Self::Runs | Self::Dictionary(_) => true,
        }
    }

    pub(super) fn output(&self, data_type: &DataType) -> Box<dyn CodedOutput> {
        match self {
            Self::Plain if data_type.primitive_width() == Some(4) => {
                Box::new(Filled::<u32>::new(data_type))
            }
            Self::Plain => Box::new(Filled::<u64>::new(data_type)),
            Self::Runs => Box::new(Runs::new(data_type)),
            Self::Dictionary(key) => Box::new(Keys::new(key, data_type)),
        }
    }
}

/// Refuses indices that a dictionary of this many values does not have: the page is damaged.
pub(super) fn check(indices: &[u32], values: usize) -> Result<()> {
    match indices.iter().max() {
        Some(most) if values <= *most as usize => Err(ParquetError::General(format!(
            "damaged page: index {most} of a dictionary of {values} values"
        ))),
        _ => Ok(()),
    }
}
