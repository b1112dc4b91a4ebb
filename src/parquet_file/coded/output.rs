//! What becomes of a column's runs, indices and values: an array in the shape that was asked for.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use parquet::errors::{ParquetError, Result};

use super::keys::Keys;
use super::runs::Runs;
use super::values::Filled;

/// The shape in which a column comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::parquet_file) enum Shape {
    /// Values one by one.
    Plain,
    /// Run-end encoded.
    Runs,
    /// A dictionary with keys of this type.
    Dictionary(DataType),
}

/// Takes rows as they are met, and makes an array of them.
pub(super) trait CodedOutput: Send {
    /// What indices mean from here on.
    fn set_dictionary(&mut self, values: ArrayRef);

    /// One value of the dictionary, so many times.
    fn run(&mut self, index: u32, rows: usize) -> Result<()>;

    /// Values of the dictionary.
    fn indices(&mut self, indices: &[u32]) -> Result<()>;

    /// So many nulls.
    fn nulls(&mut self, rows: usize) -> Result<()>;

    /// Values that have no dictionary.
    fn array(&mut self, values: &ArrayRef) -> Result<()>;

    /// All rows since the last time.
    fn finish(&mut self) -> Result<ArrayRef>;
}

impl Shape {
    /// Whether a column of the type is faster decoded here than by the library, or only here.
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

/// Indices that a dictionary of so many values does not have are damage.
pub(super) fn check(indices: &[u32], values: usize) -> Result<()> {
    match indices.iter().max() {
        Some(most) if values <= *most as usize => Err(ParquetError::General(format!(
            "damaged page: index {most} of a dictionary of {values} values"
        ))),
        _ => Ok(()),
    }
}
