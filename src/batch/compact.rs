//! Releases memory that the few remaining rows would keep alive.
//!
//! Views point into buffers that are written whole, however little of them is used: a filter that
//! keeps one row in a thousand would still send all the text. The same applies to the values of
//! list views, the children of dense unions and the values of dictionaries. For other types, the
//! encoder writes only the rows themselves.

use crate::schema::{batch_of, inner_arrays, inner_fields, rebuild};
use arrow::array::{
    Array, ArrayRef, AsArray, GenericByteViewArray, GenericListViewArray, OffsetSizeTrait,
    RecordBatch, UInt64Array, make_array,
};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{ByteViewType, DataType, UnionMode};
use arrow_select::dictionary::garbage_collect_any_dictionary;
use std::sync::Arc;

/// The kinds of data that are compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Data that is sent with every batch.
    Values,
    /// Also the values of dictionaries, which are sent once for many batches.
    Dictionaries,
}

/// Copies the remaining text and items if fewer than half of them are still referenced: below that,
/// copying them costs less than passing on the rest.
pub fn compact(batch: &RecordBatch) -> RecordBatch {
    compact_batch(batch, Reach::Values)
}

/// Like [`compact`], and also reduces dictionaries to the referenced values if they have more than
/// two values per row. Batches that share a dictionary then each get their own, no larger than the
/// batch.
pub fn compact_with_dictionaries(batch: &RecordBatch) -> RecordBatch {
    compact_batch(batch, Reach::Dictionaries)
}

fn compact_batch(batch: &RecordBatch, reach: Reach) -> RecordBatch {
    if !batch.columns().iter().any(|column| reach.concerns(column.data_type())) {
        return batch.clone();
    }
    let columns = batch.columns().iter().map(|column| reach.compact(column)).collect();
    // Types and lengths are those of the batch, so this cannot fail; if it did, the original batch
    // would do.
    batch_of(batch.schema_ref(), columns, batch.num_rows()).unwrap_or_else(|_| batch.clone())
}

impl Reach {
    /// Whether values of the type may have something to release.
    fn concerns(self, data_type: &DataType) -> bool {
        match data_type {
            DataType::Utf8View | DataType::BinaryView => true,
            DataType::ListView(_) | DataType::LargeListView(_) => true,
            DataType::Union(_, mode) => *mode == UnionMode::Dense,
            DataType::Dictionary(_, _) => self == Self::Dictionaries,
            DataType::RunEndEncoded(_, _) => false,
            other => inner_fields(other).iter().any(|field| self.concerns(field.data_type())),
        }
    }

    fn compact(self, column: &ArrayRef) -> ArrayRef {
        match column.data_type() {
            data_type if !self.concerns(data_type) => Arc::clone(column),
            DataType::Utf8View => compact_views(column, column.as_string_view()),
            DataType::BinaryView => compact_views(column, column.as_binary_view()),
            DataType::ListView(_) => self.list_view(column, column.as_list_view::<i32>()),
            DataType::LargeListView(_) => self.list_view(column, column.as_list_view::<i64>()),
            DataType::Union(fields, _) => {
                let union = column.as_union();
                let items = fields.iter().map(|(id, _)| union.child(id).len()).sum();
                if 2 * column.len() < items { copied(column) } else { Arc::clone(column) }
            }
            DataType::Dictionary(_, _) => {
                let dictionary = column.as_any_dictionary();
                if dictionary.values().len() <= 2 * column.len() {
                    return Arc::clone(column);
                }
                garbage_collect_any_dictionary(dictionary).unwrap_or_else(|_| Arc::clone(column))
            }
            DataType::List(_) => self.list(column, column.as_list::<i32>().offsets()),
            DataType::LargeList(_) => self.list(column, column.as_list::<i64>().offsets()),
            DataType::Map(_, _) => self.list(column, column.as_map().offsets()),
            _ => {
                let compacted = |child: &ArrayRef, _: &DataType| Ok(self.compact(child));
                rebuild(column, column.data_type(), compacted)
                    .unwrap_or_else(|_| Arc::clone(column))
            }
        }
    }

    /// A slice of a list still has all values; those before and after it are dropped.
    fn list<O: OffsetSizeTrait>(self, column: &ArrayRef, offsets: &OffsetBuffer<O>) -> ArrayRef {
        let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
        let moved: Vec<O> = offsets.iter().map(|offset| *offset - first).collect();
        let (first, items) = (first.as_usize(), (last - first).as_usize());
        let inner = inner_arrays(column);
        let values = inner.iter().map(|inner| self.compact(&inner.slice(first, items)).into_data());
        let list = column.to_data().into_builder().buffers(vec![Buffer::from_vec(moved)]);
        let list = list.child_data(values.collect()).build();
        list.map_or_else(|_| Arc::clone(column), make_array)
    }

    /// Drops items that no list refers to, if they are more than half.
    fn list_view<O: OffsetSizeTrait>(
        self,
        column: &ArrayRef,
        list: &GenericListViewArray<O>,
    ) -> ArrayRef {
        // The items of a null are irrelevant.
        let size =
            |row: usize| if list.is_valid(row) { list.value_size(row).as_usize() } else { 0 };
        let items: usize = (0..list.len()).map(size).sum();
        let is_sparse = 2 * items < list.values().len();
        if !is_sparse && !self.concerns(list.values().data_type()) {
            return Arc::clone(column);
        }
        let mut compacted = column.to_data().into_builder();
        let mut values = Arc::clone(list.values());
        if is_sparse {
            let sizes: Vec<O> = (0..list.len()).map(|row| O::usize_as(size(row))).collect();
            let mut offsets = vec![O::usize_as(0); list.len()];
            let mut kept: Vec<u64> = Vec::with_capacity(items);
            // From front to back, so that items that several lists share are copied once: a large
            // one may be shared by all lists.
            let mut rows: Vec<usize> = (0..list.len()).filter(|row| size(*row) > 0).collect();
            rows.sort_by_key(|row| list.value_offset(*row));
            let mut copied_end = 0;
            for row in rows {
                let first = list.value_offset(row).as_usize() as u64;
                let end = first + size(row) as u64;
                kept.extend(first.max(copied_end)..end.max(copied_end));
                copied_end = end.max(copied_end);
                offsets[row] = O::usize_as(kept.len() - (copied_end - first) as usize);
            }
            let Ok(used) = take(&values, &UInt64Array::from(kept), None) else {
                return Arc::clone(column);
            };
            values = used;
            compacted = compacted.buffers(vec![Buffer::from_vec(offsets), Buffer::from_vec(sizes)]);
        }
        let compacted = compacted.child_data(vec![self.compact(&values).into_data()]).build();
        compacted.map_or_else(|_| Arc::clone(column), make_array)
    }
}

/// The same rows in newly allocated memory, if Arrow can copy the type.
fn copied(column: &ArrayRef) -> ArrayRef {
    let rows = UInt64Array::from_iter_values(0..column.len() as u64);
    take(column, &rows, None).unwrap_or_else(|_| Arc::clone(column))
}

fn compact_views<T: ByteViewType>(column: &ArrayRef, views: &GenericByteViewArray<T>) -> ArrayRef {
    let held_bytes: usize = views.data_buffers().iter().map(|buffer| buffer.len()).sum();
    if held_bytes == 0 || held_bytes < 2 * views.total_buffer_bytes_used() {
        return column.clone();
    }
    Arc::new(views.gc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{DictionaryArray, Int64Array, ListViewArray, StringViewArray};
    use arrow::buffer::ScalarBuffer;
    use arrow::datatypes::{Field, Int32Type, Int64Type};

    #[test]
    fn text_that_nobody_points_at_is_dropped() {
        let texts: Vec<String> =
            (0..1000).map(|n| format!("a text of more than twelve bytes {n}")).collect();
        let column: ArrayRef = Arc::new(StringViewArray::from_iter_values(&texts));
        let batch = RecordBatch::try_from_iter([("text", column)]).unwrap();
        let held = |batch: &RecordBatch| -> usize {
            batch.column(0).as_string_view().data_buffers().iter().map(|buffer| buffer.len()).sum()
        };
        let few = compact(&batch.slice(500, 3));
        assert!(held(&few) < 200);
        assert_eq!(few.column(0).as_string_view().value(2), texts[502]);
        assert_eq!(held(&compact(&batch)), held(&batch));
    }

    #[test]
    fn items_that_no_list_points_at_are_dropped() {
        let field = Arc::new(Field::new_list_field(DataType::Int64, true));
        let items: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let offsets = ScalarBuffer::from(vec![990_i32, 0, 5, 7]);
        let sizes = ScalarBuffer::from(vec![3_i32, 900, 0, 2]);
        let nulls = Some(vec![true, false, true, true].into());
        let lists = ListViewArray::new(field, offsets, sizes, items, nulls);
        let batch = RecordBatch::try_from_iter([("lists", Arc::new(lists) as ArrayRef)]).unwrap();
        let compacted = compact(&batch);
        assert_eq!(compacted, batch);
        let lists = compacted.column(0).as_list_view::<i32>();
        let items = lists.values().as_primitive::<Int64Type>();
        assert_eq!(items.values(), &[7, 8, 990, 991, 992]);
    }

    #[test]
    fn items_that_several_lists_share_are_copied_once() {
        let field = Arc::new(Field::new_list_field(DataType::Int64, true));
        let items: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let offsets = ScalarBuffer::from(vec![500_i32, 503, 498, 501, 0, 504, 900]);
        let sizes = ScalarBuffer::from(vec![5_i32, 4, 3, 1, 0, 1, 2]);
        let lists = ListViewArray::new(field, offsets, sizes, items, None);
        let batch = RecordBatch::try_from_iter([("lists", Arc::new(lists) as ArrayRef)]).unwrap();
        let compacted = compact(&batch);
        assert_eq!(compacted, batch);
        let lists = compacted.column(0).as_list_view::<i32>();
        let items = lists.values().as_primitive::<Int64Type>();
        let expected: Vec<i64> = (498..507).chain(900..902).collect();
        assert_eq!(items.values(), expected.as_slice());
    }

    #[test]
    fn a_dictionary_larger_than_its_batch_is_cut_if_asked_for() {
        let words: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let words: DictionaryArray<Int32Type> = words.iter().map(String::as_str).collect();
        let batch = RecordBatch::try_from_iter([("word", Arc::new(words) as ArrayRef)]).unwrap();
        let few = batch.slice(500, 3);
        let values = |batch: &RecordBatch| batch.column(0).as_any_dictionary().values().len();
        assert_eq!((values(&compact(&few)), values(&compact_with_dictionaries(&few))), (1000, 3));
        assert_eq!(compact_with_dictionaries(&few), few);
        assert_eq!(values(&compact_with_dictionaries(&batch)), 1000);
    }
}
