//! The encoding of a column that is read.

use super::column_builder::ColumnBuilder;
use super::dictionary_builder::DictionaryBuilder;
use super::plain_builder::PlainBuilder;
use super::run_end_builder::RunEndBuilder;
use arrow::datatypes::{DataType, Int8Type, Int16Type, Int32Type};

/// The encoding in which a column is output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputEncoding {
    /// Plain values.
    Plain,
    /// Run-end encoded.
    Runs,
    /// A dictionary with keys of this type: int8, int16 or int32.
    Dictionary(DataType),
}

impl OutputEncoding {
    /// Whether a column of the type is decoded faster here than by the `parquet` crate, or only
    /// here.
    pub(crate) fn suits(&self, data_type: &DataType) -> bool {
        match self {
            Self::Plain => PlainBuilder::<u64>::suits(data_type),
            Self::Runs | Self::Dictionary(_) => true,
        }
    }

    pub(crate) fn output(&self, data_type: &DataType) -> Box<dyn ColumnBuilder> {
        match self {
            Self::Plain if data_type.primitive_width() == Some(4) => {
                Box::new(PlainBuilder::<u32>::new(data_type))
            }
            Self::Plain => Box::new(PlainBuilder::<u64>::new(data_type)),
            Self::Runs => Box::new(RunEndBuilder::new(data_type)),
            Self::Dictionary(DataType::Int8) => {
                Box::new(DictionaryBuilder::<Int8Type>::new(data_type))
            }
            Self::Dictionary(DataType::Int16) => {
                Box::new(DictionaryBuilder::<Int16Type>::new(data_type))
            }
            Self::Dictionary(_) => Box::new(DictionaryBuilder::<Int32Type>::new(data_type)),
        }
    }
}
