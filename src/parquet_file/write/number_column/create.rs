//! The encoder of a column from the crate's settings, if the column is encoded here.

use super::super::byte_column::{Codec, Limits, NumberOrder, Pages, PlainValues};
use super::super::column_chunk::PageBuffer;
use super::column::{NumberColumn, Page};
use super::delta::Delta;
use super::dictionary::Dictionary;
use super::number::Number;
use arrow::datatypes::{DataType, TimeUnit};
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::ColumnDescPtr;

impl<N: Number> NumberColumn<N> {
    /// The encoder of a leaf column with values of this Arrow type; `None` if only the crate can
    /// encode it.
    pub(crate) fn try_new(
        column: &ColumnDescPtr,
        data_type: &DataType,
        properties: &WriterPropertiesPtr,
        buffer: &PageBuffer,
    ) -> Option<Self> {
        let path = column.path();
        let encoding = properties.encoding(path).unwrap_or(Encoding::PLAIN);
        let order = NumberOrder::of(column)?;
        let is_supported = is_stored_as(data_type, column.physical_type(), size_of::<N>())
            && (encoding == Encoding::PLAIN
                || encoding == Encoding::DELTA_BINARY_PACKED && !order.is_of_floats())
            && properties.bloom_filter_properties(path).is_none()
            // Values are copied as they are in memory.
            && cfg!(target_endian = "little");
        let codec = Codec::of_flat(column, properties).filter(|_| is_supported)?;
        Some(Self {
            pages: Pages::new(column.clone(), properties.clone(), codec, buffer.clone()),
            page: Page::default(),
            values: PlainValues::default(),
            delta: (encoding == Encoding::DELTA_BINARY_PACKED).then(Delta::new),
            dictionary: properties.dictionary_enabled(path).then(Dictionary::new),
            order,
            is_nullable: column.max_def_level() > 0,
            limits: Limits::of(properties, path),
            body: Vec::new(),
            valid: Vec::new(),
        })
    }
}

/// Whether the values of an Arrow type are stored as they are, in `width` bytes.
fn is_stored_as(data_type: &DataType, physical_type: PhysicalType, width: usize) -> bool {
    use DataType as T;
    let (is_short, is_long) = (
        matches!(data_type, T::Int32 | T::UInt32 | T::Date32 | T::Time32(TimeUnit::Millisecond)),
        matches!(
            data_type,
            T::Int64
                | T::UInt64
                | T::Time64(_)
                | T::Timestamp(
                    TimeUnit::Millisecond | TimeUnit::Microsecond | TimeUnit::Nanosecond,
                    _
                )
        ),
    );
    match physical_type {
        PhysicalType::INT32 => is_short && width == 4,
        PhysicalType::INT64 => is_long && width == 8,
        PhysicalType::FLOAT => *data_type == T::Float32 && width == 4,
        PhysicalType::DOUBLE => *data_type == T::Float64 && width == 8,
        _ => false,
    }
}
