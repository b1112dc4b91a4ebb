//! The elements of each buffer of a batch, and how they are swapped.
//!
//! Follows "Buffer Listing for Each Layout" in the Arrow columnar format.

use crate::schema::inner_fields;
use arrow::datatypes::{DataType, Fields, IntervalUnit, UnionMode};
use arrow_ipc::{MetadataVersion, RecordBatch};

/// The contents of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Element {
    /// Single bytes or bits, which have no order.
    Bytes,
    /// Numbers of this many bytes.
    Words(usize),
    /// Months and days of 4 bytes each, and nanoseconds of 8.
    MonthDayNano,
    /// A length; then 12 bytes, or a prefix of 4 bytes, the number of a buffer, and an offset.
    View,
    /// A buffer that is not decoded.
    Unused,
}

/// A view of at most this many bytes contains them.
const MOST_INLINED: i32 = 12;

impl Element {
    /// Swaps the elements in a buffer. Bytes after the last complete element are padding.
    pub(super) fn swap(self, bytes: &mut [u8]) {
        match self {
            Self::Bytes | Self::Unused => {}
            Self::Words(2) => swap_words::<2>(bytes),
            Self::Words(4) => swap_words::<4>(bytes),
            Self::Words(8) => swap_words::<8>(bytes),
            Self::Words(width) => bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse),
            Self::MonthDayNano => {
                for value in bytes.as_chunks_mut::<16>().0 {
                    swap_words::<4>(&mut value[..8]);
                    swap_words::<8>(&mut value[8..]);
                }
            }
            Self::View => {
                for view in bytes.as_chunks_mut::<16>().0 {
                    swap_words::<4>(&mut view[..4]);
                    let length = view.first_chunk().copied().map_or(0, i32::from_ne_bytes);
                    if length > MOST_INLINED {
                        swap_words::<4>(&mut view[8..]);
                    }
                }
            }
        }
    }
}

fn swap_words<const WIDTH: usize>(bytes: &mut [u8]) {
    bytes.as_chunks_mut::<WIDTH>().0.iter_mut().for_each(|word| word.reverse());
}

/// The elements of each buffer of a batch, in order, for no more buffers than it has. With
/// `columns`, the buffers of other columns are unused.
pub(super) fn elements(
    batch: &RecordBatch<'_>,
    fields: &Fields,
    columns: Option<&[usize]>,
    version: MetadataVersion,
) -> Vec<Element> {
    let mut walk = Walk {
        elements: Vec::new(),
        most: batch.buffers().map_or(0, |buffers| buffers.len()),
        variadic: batch.variadicBufferCounts().into_iter().flatten(),
        version,
    };
    let mut is_used = vec![columns.is_none(); fields.len()];
    for column in columns.into_iter().flatten() {
        is_used[*column] = true;
    }
    for (field, is_used) in fields.iter().zip(is_used) {
        let start = walk.elements.len();
        walk.add(field.data_type());
        if !is_used {
            walk.elements[start..].fill(Element::Unused);
        }
    }
    walk.elements
}

struct Walk<I> {
    elements: Vec<Element>,
    /// The number of buffers of the batch.
    most: usize,
    /// The number of data buffers of each array of views.
    variadic: I,
    version: MetadataVersion,
}

impl<I: Iterator<Item = i64>> Walk<I> {
    /// Adds the buffers of an array of this type, and of the arrays inside it.
    fn add(&mut self, data_type: &DataType) {
        let has_validity = match data_type {
            DataType::Null | DataType::RunEndEncoded(..) => false,
            DataType::Union(..) => self.version < MetadataVersion::V5,
            _ => true,
        };
        self.elements.extend(has_validity.then_some(Element::Bytes));
        self.elements.extend_from_slice(after_validity(data_type));
        if matches!(data_type, DataType::Utf8View | DataType::BinaryView) {
            let count = self.variadic.next().and_then(|count| usize::try_from(count).ok());
            let left = self.most.saturating_sub(self.elements.len());
            let count = count.unwrap_or(0).min(left);
            self.elements.extend(std::iter::repeat_n(Element::Bytes, count));
        }
        for field in inner_fields(data_type) {
            self.add(field.data_type());
        }
    }
}

/// The other buffers of an array of this type, except for the data of views.
fn after_validity(data_type: &DataType) -> &'static [Element] {
    use DataType as T;
    use Element::{Bytes, MonthDayNano, View, Words};
    match data_type {
        T::Null | T::RunEndEncoded(..) | T::Struct(_) | T::FixedSizeList(..) => &[],
        T::Boolean | T::Int8 | T::UInt8 | T::FixedSizeBinary(_) => &[Bytes],
        T::Int16 | T::UInt16 | T::Float16 => &[Words(2)],
        T::Int32 | T::UInt32 | T::Float32 | T::Date32 | T::Time32(_) => &[Words(4)],
        // Days and milliseconds are of 4 bytes each.
        T::Interval(IntervalUnit::YearMonth | IntervalUnit::DayTime) => &[Words(4)],
        T::Interval(IntervalUnit::MonthDayNano) => &[MonthDayNano],
        T::Int64 | T::UInt64 | T::Float64 | T::Date64 | T::Time64(_) => &[Words(8)],
        T::Timestamp(..) | T::Duration(_) => &[Words(8)],
        T::Decimal32(..) => &[Words(4)],
        T::Decimal64(..) => &[Words(8)],
        T::Decimal128(..) => &[Words(16)],
        T::Decimal256(..) => &[Words(32)],
        T::Utf8 | T::Binary => &[Words(4), Bytes],
        T::LargeUtf8 | T::LargeBinary => &[Words(8), Bytes],
        T::Utf8View | T::BinaryView => &[View],
        T::List(_) | T::Map(..) => &[Words(4)],
        T::LargeList(_) => &[Words(8)],
        T::ListView(_) => &[Words(4), Words(4)],
        T::LargeListView(_) => &[Words(8), Words(8)],
        T::Union(_, UnionMode::Sparse) => &[Bytes],
        T::Union(_, UnionMode::Dense) => &[Bytes, Words(4)],
        T::Dictionary(keys, _) => after_validity(keys),
    }
}
