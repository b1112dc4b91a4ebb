//! Lets go of memory that a few rows left keep alive.
//!
//! Views point into buffers that are written whole whatever is left of them: a filter that keeps one
//! row in a thousand would still send all text. List views keep all their values all the same; other
//! types are cut to their rows by the encoder.

use arrow::array::{
    Array, ArrayRef, AsArray, GenericByteViewArray, GenericListArray, OffsetSizeTrait, RecordBatch,
    RecordBatchOptions, StructArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{ByteViewType, DataType};
use std::sync::Arc;

/// Copies the text that is left where less than half of the buffers is still pointed at: below
/// that, copying what is left costs less than passing on what is not needed.
pub fn compact(batch: &RecordBatch) -> RecordBatch {
    if !batch.columns().iter().any(|column| holds_views(column.data_type())) {
        return batch.clone();
    }
    let columns = batch.columns().iter().map(compact_column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    // Types and lengths are those of the batch, so this cannot fail; were it to, the batch is good.
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
        .unwrap_or_else(|_| batch.clone())
}

fn holds_views(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8View | DataType::BinaryView => true,
        DataType::List(inner) | DataType::LargeList(inner) => holds_views(inner.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| holds_views(field.data_type())),
        _ => false,
    }
}

fn compact_column(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Utf8View => compact_views(column, column.as_string_view()),
        DataType::BinaryView => compact_views(column, column.as_binary_view()),
        data_type if !holds_views(data_type) => column.clone(),
        DataType::List(_) => Arc::new(compact_list(column.as_list::<i32>())),
        DataType::LargeList(_) => Arc::new(compact_list(column.as_list::<i64>())),
        DataType::Struct(_) => compact_struct(column, column.as_struct()),
        _ => column.clone(),
    }
}

fn compact_views<T: ByteViewType>(column: &ArrayRef, views: &GenericByteViewArray<T>) -> ArrayRef {
    let held_bytes: usize = views.data_buffers().iter().map(|buffer| buffer.len()).sum();
    if held_bytes == 0 || held_bytes < 2 * views.total_buffer_bytes_used() {
        return column.clone();
    }
    Arc::new(views.gc())
}

fn compact_struct(column: &ArrayRef, whole: &StructArray) -> ArrayRef {
    let children = whole.columns().iter().map(compact_column).collect();
    match StructArray::try_new(whole.fields().clone(), children, whole.nulls().cloned()) {
        Ok(compacted) => Arc::new(compacted),
        Err(_) => column.clone(),
    }
}

/// A slice of a list holds all values; what lies before and behind it goes, and then the views.
fn compact_list<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> GenericListArray<O> {
    let (DataType::List(field) | DataType::LargeList(field)) = list.data_type() else {
        return list.clone();
    };
    let offsets = list.value_offsets();
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let values = list.values().slice(first.as_usize(), (last - first).as_usize());
    let offsets: Vec<O> = offsets.iter().map(|offset| *offset - first).collect();
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    GenericListArray::try_new(
        field.clone(),
        offsets,
        compact_column(&values),
        list.nulls().cloned(),
    )
    .unwrap_or_else(|_| list.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringViewArray;

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
}
