//! The kinds of columns, by the types of their values.

use super::failure::failed;
use super::found::ColumnSummary;
use super::lengths::ListLengths;
use super::measure::Measure;
use super::numbers::Numbers;
use super::texts::Texts;
use super::values::Values;
use crate::error::Result;
use crate::sketch::Pick;
use arrow::array::AsArray;
use arrow::datatypes::{self as t, DataType, TimeUnit};

/// The measure of values of a type that is not encoded; none for types of which only nulls and
/// distinct values are known.
pub(super) fn measure(data_type: &DataType) -> Option<Box<dyn Measure>> {
    use DataType as T;
    macro_rules! numbers {
        ($type:ty) => {
            Box::new(Numbers::<$type>::new(data_type)) as Box<dyn Measure>
        };
    }
    Some(match data_type {
        T::Boolean => Box::new(Booleans::default()),
        T::Int8 => numbers!(t::Int8Type),
        T::Int16 => numbers!(t::Int16Type),
        T::Int32 => numbers!(t::Int32Type),
        T::Int64 => numbers!(t::Int64Type),
        T::UInt8 => numbers!(t::UInt8Type),
        T::UInt16 => numbers!(t::UInt16Type),
        T::UInt32 => numbers!(t::UInt32Type),
        T::UInt64 => numbers!(t::UInt64Type),
        T::Float32 => numbers!(t::Float32Type),
        T::Float64 => numbers!(t::Float64Type),
        T::Decimal32(..) => numbers!(t::Decimal32Type),
        T::Decimal64(..) => numbers!(t::Decimal64Type),
        T::Decimal128(..) => numbers!(t::Decimal128Type),
        T::Decimal256(..) => numbers!(t::Decimal256Type),
        T::Date32 => numbers!(t::Date32Type),
        T::Date64 => numbers!(t::Date64Type),
        T::Time32(TimeUnit::Second) => numbers!(t::Time32SecondType),
        T::Time32(_) => numbers!(t::Time32MillisecondType),
        T::Time64(TimeUnit::Microsecond) => numbers!(t::Time64MicrosecondType),
        T::Time64(_) => numbers!(t::Time64NanosecondType),
        T::Timestamp(TimeUnit::Second, _) => numbers!(t::TimestampSecondType),
        T::Timestamp(TimeUnit::Millisecond, _) => numbers!(t::TimestampMillisecondType),
        T::Timestamp(TimeUnit::Microsecond, _) => numbers!(t::TimestampMicrosecondType),
        T::Timestamp(TimeUnit::Nanosecond, _) => numbers!(t::TimestampNanosecondType),
        T::Duration(TimeUnit::Second) => numbers!(t::DurationSecondType),
        T::Duration(TimeUnit::Millisecond) => numbers!(t::DurationMillisecondType),
        T::Duration(TimeUnit::Microsecond) => numbers!(t::DurationMicrosecondType),
        T::Duration(TimeUnit::Nanosecond) => numbers!(t::DurationNanosecondType),
        text if text.is_string() => Box::new(Texts::new(text)),
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => {
            Box::new(Texts::new(data_type))
        }
        T::List(_)
        | T::LargeList(_)
        | T::ListView(_)
        | T::LargeListView(_)
        | T::FixedSizeList(..)
        | T::Map(..) => Box::new(ListLengths::default()),
        _ => return None,
    })
}

/// True and false.
#[derive(Debug, Default)]
struct Booleans {
    trues: u64,
}

impl Measure for Booleans {
    fn add(&mut self, values: &Values, _: &[Pick]) -> Result<()> {
        let booleans = values.array.as_boolean_opt().ok_or_else(|| failed("no booleans"))?;
        let weights = booleans.values().iter().zip(values.weights());
        self.trues += weights.filter(|(is_true, _)| *is_true).map(|(_, rows)| rows).sum::<u64>();
        Ok(())
    }

    fn finish(&self, found: &mut ColumnSummary) -> Result<()> {
        found.trues = Some(self.trues);
        Ok(())
    }
}
