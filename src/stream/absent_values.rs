//! Values that a producer left out because all rows are null: Arrow JS 14 writes none for booleans,
//! and Arrow JS 21 none of any type for a column that was made from its length alone (`makeData`).

use crate::schema::inner_fields;
use arrow::datatypes::{DataType, Fields, UnionMode};
use arrow_ipc::{FieldNode, MetadataVersion, RecordBatch};

/// A buffer without values, whose rows are all null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AbsentValues {
    /// The position of the column in the schema.
    pub(super) column: usize,
    /// The position of the buffer in the header.
    pub(super) buffer: usize,
    /// The bytes that it must have.
    pub(super) bytes: u64,
}

/// The buffers of a batch whose values were left out. The header must have been checked.
pub(super) fn absent_values(
    batch: &RecordBatch<'_>,
    fields: &Fields,
    version: MetadataVersion,
) -> Vec<AbsentValues> {
    let nodes: Vec<FieldNode> = batch.nodes().into_iter().flatten().copied().collect();
    let is_null = |node: &FieldNode| node.length() > 0 && node.length() == node.null_count();
    if !nodes.iter().any(is_null) {
        return Vec::new();
    }
    let mut walk = Walk {
        nodes: nodes.into_iter(),
        sizes: batch.buffers().into_iter().flatten().map(|buffer| buffer.length()),
        variadic: batch.variadicBufferCounts().into_iter().flatten(),
        version,
        column: 0,
        buffer: 0,
        found: Vec::new(),
    };
    for (column, field) in fields.iter().enumerate() {
        walk.column = column;
        walk.add(field.data_type());
    }
    walk.found
}

struct Walk<N, S, V> {
    nodes: N,
    /// The lengths of the buffers that are left.
    sizes: S,
    /// The number of data buffers of each array of views.
    variadic: V,
    version: MetadataVersion,
    column: usize,
    buffer: usize,
    found: Vec<AbsentValues>,
}

impl<N, S, V> Walk<N, S, V>
where
    N: Iterator<Item = FieldNode>,
    S: Iterator<Item = i64>,
    V: Iterator<Item = i64>,
{
    /// Looks at the buffers of an array of this type, and of the arrays inside it.
    fn add(&mut self, data_type: &DataType) {
        use DataType as T;
        let node = self.nodes.next().unwrap_or_default();
        let has_validity = match data_type {
            T::Null | T::RunEndEncoded(..) => false,
            T::Union(..) => self.version < MetadataVersion::V5,
            _ => true,
        };
        self.pass(usize::from(has_validity));
        let rows = node.length().unsigned_abs();
        let is_null = node.length() == node.null_count();
        for (bits, more) in value_bits(data_type) {
            let size = self.sizes.next();
            let bytes = rows.saturating_add(more).saturating_mul(bits).div_ceil(8);
            if size == Some(0) && is_null && 0 < bytes && 0 < rows {
                self.found.push(AbsentValues { column: self.column, buffer: self.buffer, bytes });
            }
            self.buffer += 1;
        }
        let others = match data_type {
            T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary => 1,
            T::Union(_, UnionMode::Sparse) => 1,
            T::Union(_, UnionMode::Dense) => 2,
            T::Utf8View | T::BinaryView => {
                let count = self.variadic.next().unwrap_or_default();
                usize::try_from(count).unwrap_or_default()
            }
            _ => 0,
        };
        self.pass(others);
        for inner in inner_fields(data_type) {
            self.add(inner.data_type());
        }
    }

    fn pass(&mut self, buffers: usize) {
        self.buffer += self.sizes.by_ref().take(buffers).count();
    }
}

/// The bits of a value in each buffer with values of fixed size, and how many more values than rows
/// it has.
fn value_bits(data_type: &DataType) -> Vec<(u64, u64)> {
    use DataType as T;
    match data_type {
        T::Boolean => vec![(1, 0)],
        T::Utf8 | T::Binary | T::List(_) | T::Map(..) => vec![(32, 1)],
        T::LargeUtf8 | T::LargeBinary | T::LargeList(_) => vec![(64, 1)],
        T::Utf8View | T::BinaryView => vec![(128, 0)],
        T::ListView(_) => vec![(32, 0); 2],
        T::LargeListView(_) => vec![(64, 0); 2],
        T::FixedSizeBinary(width) => vec![(u64::try_from(*width).unwrap_or_default() * 8, 0)],
        T::Dictionary(keys, _) => value_bits(keys),
        other => other.primitive_width().map(|width| (width as u64 * 8, 0)).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::framing::Header;
    use arrow::array::{ArrayRef, Int32Array, StringViewArray, new_null_array};
    use arrow::datatypes::Field;
    use arrow_ipc::writer::StreamWriter;
    use std::sync::Arc;

    /// The buffers that are empty in the last message of a stream of these columns.
    fn absent(columns: &[(&str, ArrayRef)]) -> Vec<AbsentValues> {
        let batch = arrow::array::RecordBatch::try_from_iter(columns.iter().cloned()).unwrap();
        let schema = batch.schema();
        let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
        let start = writer.get_ref().len();
        writer.write(&batch).unwrap();
        let message = &writer.get_ref()[start..];
        let length = i32::from_le_bytes(message[4..8].try_into().unwrap()) as usize;
        let header = Header::verified(message[8..8 + length].to_vec()).unwrap();
        let message = header.message().unwrap();
        let batch = message.header_as_record_batch().unwrap();
        absent_values(&batch, schema.fields(), message.version())
    }

    #[test]
    fn only_missing_values_of_nulls_are_absent() {
        let views: ArrayRef = Arc::new(StringViewArray::from(vec!["a text of many bytes"; 3]));
        let nulls: ArrayRef = Arc::new(Int32Array::from(vec![None; 3]));
        let item = Arc::new(Field::new("item", DataType::FixedSizeBinary(0), true));
        let empty = new_null_array(&DataType::List(item), 3);
        assert_eq!(absent(&[("v", views.clone()), ("n", nulls), ("e", empty)]), []);
        assert_eq!(absent(&[("v", views)]), []);
    }

    #[test]
    fn each_buffer_has_the_bytes_of_its_rows() {
        assert_eq!(value_bits(&DataType::Boolean), [(1, 0)]);
        assert_eq!(value_bits(&DataType::Utf8), [(32, 1)]);
        assert_eq!(value_bits(&DataType::Decimal256(9, 2)), [(256, 0)]);
        assert_eq!(value_bits(&DataType::Null), []);
    }
}
