//! The number of bytes that the values of an array occupy. For a slice, only the slice is counted,
//! which is what the encoder writes.

use crate::schema::inner_arrays;
use arrow::array::{
    Array, ArrayRef, AsArray, GenericByteViewArray, GenericListArray, GenericListViewArray,
    OffsetSizeTrait, RecordBatch,
};
use arrow::datatypes::{ByteViewType, DataType, UnionMode};

/// The memory that a vector which only grows takes. Blocks of this size are mapped one by one
/// (`io::heap`) and are moved without a copy, so that the pages after the last value were never touched:
/// they take nothing until values come there. What is left of smaller blocks may be in use again.
pub(crate) fn vector_bytes<T>(vector: &Vec<T>) -> usize {
    const MAPPED: usize = 32 << 20;
    let all = vector.capacity() * size_of::<T>();
    if all < MAPPED { all } else { size_of_val(&**vector) }
}

/// The memory of a block of this many bytes, with what the allocator of glibc adds to it: a header, and
/// the rest of a step.
pub(crate) fn block_bytes(bytes: usize) -> usize {
    const HEADER: usize = 8;
    const STEP: usize = 16;
    if bytes == 0 { 0 } else { (bytes + HEADER).next_multiple_of(STEP).max(2 * STEP) }
}

/// The number of bytes of all columns. The values of dictionaries are not counted, because they are
/// sent once for many batches.
pub(crate) fn batch_bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(array_bytes).sum()
}

/// The number of bytes of all columns and of the values of their dictionaries.
pub(crate) fn bytes_with_dictionaries(batch: &RecordBatch) -> usize {
    fn dictionary_bytes(array: &ArrayRef) -> usize {
        let own = match array.as_any_dictionary_opt() {
            Some(dictionary) => array_bytes(dictionary.values()),
            None => 0,
        };
        own + inner_arrays(array).iter().map(dictionary_bytes).sum::<usize>()
    }
    batch_bytes(batch) + batch.columns().iter().map(dictionary_bytes).sum::<usize>()
}

pub(crate) fn array_bytes(array: impl AsRef<dyn Array>) -> usize {
    let array = array.as_ref();
    let rows = array.len();
    let validity = if array.nulls().is_some() { rows.div_ceil(8) } else { 0 };
    let values = match array.data_type() {
        DataType::Null => 0,
        DataType::Boolean => rows.div_ceil(8),
        DataType::Utf8 => text_bytes(array.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => text_bytes(array.as_string::<i64>().value_offsets()),
        DataType::Binary => text_bytes(array.as_binary::<i32>().value_offsets()),
        DataType::LargeBinary => text_bytes(array.as_binary::<i64>().value_offsets()),
        DataType::Utf8View => 16 * rows + view_bytes(array.as_string_view()),
        DataType::BinaryView => 16 * rows + view_bytes(array.as_binary_view()),
        DataType::FixedSizeBinary(width) => rows * *width as usize,
        DataType::Dictionary(key, _) => rows * key.primitive_width().unwrap_or(8),
        DataType::List(_) => list_bytes(array.as_list::<i32>()),
        DataType::LargeList(_) => list_bytes(array.as_list::<i64>()),
        DataType::Map(_, _) => {
            let map = array.as_map();
            let (first, last) = ends(map.value_offsets());
            let entries: &dyn Array = map.entries();
            4 * rows + array_bytes(entries.slice(first, last - first))
        }
        DataType::ListView(_) => 8 * rows + item_bytes(array.as_list_view::<i32>()),
        DataType::LargeListView(_) => 16 * rows + item_bytes(array.as_list_view::<i64>()),
        DataType::FixedSizeList(_, _) => array_bytes(array.as_fixed_size_list().values()),
        DataType::Struct(_) => array.as_struct().columns().iter().map(array_bytes).sum(),
        DataType::Union(fields, mode) => {
            let union = array.as_union();
            let (mut items, mut bytes) = (0, 0);
            for child in fields.iter().map(|(id, _)| union.child(id)) {
                items += child.len();
                bytes += array_bytes(child);
            }
            match mode {
                UnionMode::Sparse => rows + bytes,
                // The children of a slice are whole.
                UnionMode::Dense => 5 * rows + share(bytes, rows, items),
            }
        }
        // A run counts like a row: few runs add little.
        DataType::RunEndEncoded(_, _) => array.get_buffer_memory_size().min(64 * rows),
        other => rows * other.primitive_width().unwrap_or(16),
    };
    validity + values
}

fn text_bytes<O: OffsetSizeTrait>(offsets: &[O]) -> usize {
    let (first, last) = ends(offsets);
    size_of_val(offsets) + last - first
}

/// Rows may share bytes, which are written once.
fn view_bytes<T: ByteViewType>(views: &GenericByteViewArray<T>) -> usize {
    let held: usize = views.data_buffers().iter().map(|buffer| buffer.len()).sum();
    held.min(views.total_buffer_bytes_used())
}

fn list_bytes<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> usize {
    let (first, last) = ends(list.value_offsets());
    size_of_val(list.value_offsets()) + array_bytes(list.values().slice(first, last - first))
}

fn item_bytes<O: OffsetSizeTrait>(list: &GenericListViewArray<O>) -> usize {
    let items = list.sizes().iter().map(|size| size.as_usize()).sum();
    let held = array_bytes(list.values());
    held.min(share(held, items, list.values().len()))
}

fn ends<O: OffsetSizeTrait>(offsets: &[O]) -> (usize, usize) {
    match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (first.as_usize(), last.as_usize()),
        _ => (0, 0),
    }
}

/// The bytes of some of all items, as if all had the same size.
fn share(bytes: usize, items: usize, all: usize) -> usize {
    (bytes as u128 * items as u128 / all.max(1) as u128) as usize
}
