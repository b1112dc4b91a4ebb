//! Releases memory that the few remaining rows would keep alive.
//!
//! Views point into buffers that are written whole, however little of them is used: a filter that
//! keeps one row in a thousand would still send all the text. The same applies to the values of
//! list views, the children of dense unions and the values of dictionaries. For other types, the
//! encoder writes only the rows themselves.

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, GenericByteViewArray, GenericListArray,
    GenericListViewArray, MapArray, OffsetSizeTrait, RecordBatch, RecordBatchOptions, StructArray,
    UInt64Array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
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
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    // Types and lengths are those of the batch, so this cannot fail; if it did, the original batch
    // would do.
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
        .unwrap_or_else(|_| batch.clone())
}

impl Reach {
    /// Whether values of the type may have something to release.
    fn concerns(self, data_type: &DataType) -> bool {
        match data_type {
            DataType::Utf8View | DataType::BinaryView => true,
            DataType::ListView(_) | DataType::LargeListView(_) => true,
            DataType::Union(_, mode) => *mode == UnionMode::Dense,
            DataType::Dictionary(_, _) => self == Self::Dictionaries,
            DataType::List(inner)
            | DataType::LargeList(inner)
            | DataType::FixedSizeList(inner, _)
            | DataType::Map(inner, _) => self.concerns(inner.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| self.concerns(field.data_type())),
            _ => false,
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
            DataType::List(_) => self.list(column, column.as_list::<i32>()),
            DataType::LargeList(_) => self.list(column, column.as_list::<i64>()),
            DataType::FixedSizeList(field, size) => {
                let list = column.as_fixed_size_list();
                let (values, nulls) = (self.compact(list.values()), list.nulls().cloned());
                let (field, rows) = (field.clone(), list.len());
                let made =
                    FixedSizeListArray::try_new_with_length(field, *size, values, nulls, rows);
                made.map_or_else(|_| Arc::clone(column), |list| Arc::new(list))
            }
            DataType::Map(_, _) => self.map(column, column.as_map()),
            DataType::Struct(_) => self.structure(column.as_struct()),
            _ => Arc::clone(column),
        }
    }

    fn structure(self, whole: &StructArray) -> ArrayRef {
        let children = whole.columns().iter().map(|child| self.compact(child)).collect();
        let (fields, nulls) = (whole.fields().clone(), whole.nulls().cloned());
        let made = StructArray::try_new_with_length(fields, children, nulls, whole.len());
        Arc::new(made.unwrap_or_else(|_| whole.clone()))
    }

    /// A slice of a list still has all values; those before and after it are dropped.
    fn list<O: OffsetSizeTrait>(self, column: &ArrayRef, list: &GenericListArray<O>) -> ArrayRef {
        let (DataType::List(field) | DataType::LargeList(field)) = list.data_type() else {
            return Arc::clone(column);
        };
        let (offsets, first, items) = from_zero(list.value_offsets());
        let values = self.compact(&list.values().slice(first, items));
        let made = GenericListArray::try_new(field.clone(), offsets, values, list.nulls().cloned());
        made.map_or_else(|_| Arc::clone(column), |list| Arc::new(list))
    }

    fn map(self, column: &ArrayRef, map: &MapArray) -> ArrayRef {
        let DataType::Map(field, ordered) = map.data_type() else { return Arc::clone(column) };
        let (offsets, first, items) = from_zero(map.value_offsets());
        let entries = self.structure(&map.entries().slice(first, items));
        let (entries, nulls) = (entries.as_struct().clone(), map.nulls().cloned());
        let made = MapArray::try_new(field.clone(), offsets, entries, nulls, *ordered);
        made.map_or_else(|_| Arc::clone(column), |map| Arc::new(map))
    }

    /// Drops items that no list refers to, if they are more than half.
    fn list_view<O: OffsetSizeTrait>(
        self,
        column: &ArrayRef,
        list: &GenericListViewArray<O>,
    ) -> ArrayRef {
        let (DataType::ListView(field) | DataType::LargeListView(field)) = list.data_type() else {
            return Arc::clone(column);
        };
        // The items of a null are irrelevant.
        let size =
            |row: usize| if list.is_valid(row) { list.value_size(row).as_usize() } else { 0 };
        let items: usize = (0..list.len()).map(size).sum();
        let is_sparse = 2 * items < list.values().len();
        if !is_sparse && !self.concerns(field.data_type()) {
            return Arc::clone(column);
        }
        let (offsets, sizes, values) = if is_sparse {
            let sizes: Vec<O> = (0..list.len()).map(|row| O::usize_as(size(row))).collect();
            let mut offsets = Vec::with_capacity(list.len());
            let mut kept = Vec::with_capacity(items);
            for row in 0..list.len() {
                let first = list.value_offset(row).as_usize() as u64;
                offsets.push(O::usize_as(kept.len()));
                kept.extend(first..first + size(row) as u64);
            }
            let Ok(values) = take(list.values(), &UInt64Array::from(kept), None) else {
                return Arc::clone(column);
            };
            (offsets.into(), sizes.into(), values)
        } else {
            (list.offsets().clone(), list.sizes().clone(), Arc::clone(list.values()))
        };
        let (values, nulls) = (self.compact(&values), list.nulls().cloned());
        let made = GenericListViewArray::try_new(field.clone(), offsets, sizes, values, nulls);
        made.map_or_else(|_| Arc::clone(column), |list| Arc::new(list))
    }
}

/// Returns the offsets after the items before the first are removed, the position of the first
/// item, and the number of items.
fn from_zero<O: OffsetSizeTrait>(offsets: &[O]) -> (OffsetBuffer<O>, usize, usize) {
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let moved: Vec<O> = offsets.iter().map(|offset| *offset - first).collect();
    let moved = OffsetBuffer::new(ScalarBuffer::from(moved));
    (moved, first.as_usize(), (last - first).as_usize())
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
        assert_eq!(items.values(), &[990, 991, 992, 7, 8]);
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
