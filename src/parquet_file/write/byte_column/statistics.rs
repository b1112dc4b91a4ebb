//! The statistics of a column chunk in the footer.

use super::bounds::Stored;
use parquet::basic::{SortOrder, Type as PhysicalType};
use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::schema::types::ColumnDescriptor;

/// The statistics of a column with a min and max, nulls and NaNs.
pub(super) fn statistics_of(
    column: &ColumnDescriptor,
    stored: Option<Stored>,
    nulls: usize,
    nans: usize,
) -> Statistics {
    let (nulls, nans) = (nulls as u64, Some(nans as u64));
    let long = |bytes: Vec<u8>| i64::from_le_bytes(bytes.try_into().unwrap_or_default());
    let short = |bytes: Vec<u8>| i32::from_le_bytes(bytes.try_into().unwrap_or_default());
    // Readers from before 2018 look for the min and max of signed numbers in other fields.
    let is_old = column.sort_order() == SortOrder::SIGNED;
    match column.physical_type() {
        PhysicalType::BOOLEAN => {
            Statistics::Boolean(statistics(stored, nulls, |bytes| bytes == [1]))
        }
        PhysicalType::INT32 => Statistics::Int32(
            statistics(stored, nulls, short).with_backwards_compatible_min_max(is_old),
        ),
        PhysicalType::INT64 => Statistics::Int64(
            statistics(stored, nulls, long).with_backwards_compatible_min_max(is_old),
        ),
        PhysicalType::FLOAT => {
            let float = |bytes| f32::from_bits(short(bytes).cast_unsigned());
            Statistics::Float(statistics(stored, nulls, float).with_nan_count(nans))
        }
        PhysicalType::DOUBLE => {
            let float = |bytes| f64::from_bits(long(bytes).cast_unsigned());
            Statistics::Double(statistics(stored, nulls, float).with_nan_count(nans))
        }
        _ => Statistics::ByteArray(statistics(stored, nulls, ByteArray::from)),
    }
}

fn statistics<T>(
    stored: Option<Stored>,
    nulls: u64,
    value: impl Fn(Vec<u8>) -> T,
) -> ValueStatistics<T> {
    match stored {
        Some(Stored { min: (min, min_is_exact), max: (max, max_is_exact) }) => {
            ValueStatistics::new(Some(value(min)), Some(value(max)), None, Some(nulls), false)
                .with_min_is_exact(min_is_exact)
                .with_max_is_exact(max_is_exact)
        }
        None => ValueStatistics::new(None, None, None, Some(nulls), false),
    }
}
