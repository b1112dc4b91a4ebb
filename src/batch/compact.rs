//! Lets go of memory that a few rows left keep alive.
//!
//! Views point into buffers that are written whole whatever is left of them: a filter that keeps one
//! row in a thousand would still send all text. Other types are cut to their rows by the writer.

use arrow::array::{
    Array, ArrayRef, AsArray, GenericByteViewArray, RecordBatch, RecordBatchOptions,
};
use arrow::datatypes::{ByteViewType, DataType};
use std::sync::Arc;

/// Copies the text that is left where less than half of the buffers is still pointed at: below
/// that, copying what is left costs less than passing on what is not needed.
pub fn compact(batch: RecordBatch) -> RecordBatch {
    if !batch.columns().iter().any(|column| is_view(column.data_type())) {
        return batch;
    }
    let columns = batch.columns().iter().map(compact_column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    // Types and lengths are those of the batch, so this cannot fail; were it to, the batch is good.
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).unwrap_or(batch)
}

fn is_view(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8View | DataType::BinaryView)
}

fn compact_column(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Utf8View => compact_views(column, column.as_string_view()),
        DataType::BinaryView => compact_views(column, column.as_binary_view()),
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
        let few = compact(batch.slice(500, 3));
        assert!(held(&few) < 200);
        assert_eq!(few.column(0).as_string_view().value(2), texts[502]);
        assert_eq!(held(&compact(batch.clone())), held(&batch));
    }
}
