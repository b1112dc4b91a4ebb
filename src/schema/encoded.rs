//! Columns that are encoded only in transit: dictionary- or run-end-encoded columns that represent
//! plain ones.
//!
//! A Parquet reader may pass on a column with the dictionary or run-end encoding of the file, to
//! save bytes in pipes. The field then has a mark in its metadata, so that the plain column is
//! written again at the end of the pipe. Encoded columns without the mark are intentional and stay.
//! Only columns are marked, never fields inside them.

use super::expand::expand;
use super::nested_arrays::convert_columns;
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::sync::Arc;

/// The key of the mark in a field's metadata. The value names the encoding; the plain type is the
/// type of its values.
const MARK: &str = "arrow-pipes:encoded";

/// The encoding of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoding {
    /// Dictionary-encoded with keys of this type.
    Dictionary(DataType),
    /// Run-end encoded with run ends of type int32.
    Runs,
}

/// The marked field of the encoded column for a plain one.
pub fn encoded_field(plain: &Field, encoding: &Encoding) -> Field {
    let values = plain.data_type().clone();
    let (data_type, word) = match encoding {
        Encoding::Dictionary(key) => {
            (DataType::Dictionary(Box::new(key.clone()), Box::new(values)), "dictionary")
        }
        // Arrow's kernels make run-end-encoded arrays with fields of these names, and nullable
        // values.
        Encoding::Runs => (
            DataType::RunEndEncoded(
                Arc::new(Field::new("run_ends", DataType::Int32, false)),
                Arc::new(Field::new("values", values, true)),
            ),
            "runs",
        ),
    };
    let mut metadata = plain.metadata().clone();
    metadata.insert(MARK.to_owned(), word.to_owned());
    plain.clone().with_data_type(data_type).with_metadata(metadata)
}

/// The plain field for a marked one; `None` if it has no mark.
pub fn plain_field(field: &Field) -> Option<Field> {
    if !field.metadata().contains_key(MARK) {
        return None;
    }
    let values = match field.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        DataType::RunEndEncoded(_, values) => values.data_type(),
        // A computation kept the metadata, but not the encoding.
        plain => plain,
    };
    Some(without_mark(field.clone().with_data_type(values.clone())))
}

/// The plain fields for two of different types, if any of them is marked.
pub(super) fn plain_fields(one: &Field, other: &Field) -> Option<(Field, Field)> {
    let is_marked = |field: &Field| field.metadata().contains_key(MARK);
    let plain = |field: &Field| plain_field(field).unwrap_or_else(|| field.clone());
    (one.data_type() != other.data_type() && (is_marked(one) || is_marked(other)))
        .then(|| (plain(one), plain(other)))
}

/// The schema with plain columns instead of marked ones.
pub fn plain_schema(schema: &SchemaRef) -> SchemaRef {
    if !schema.fields().iter().any(|field| field.metadata().contains_key(MARK)) {
        return schema.clone();
    }
    let plain = |field: &FieldRef| plain_field(field).map_or_else(|| field.clone(), Arc::new);
    let fields: Vec<FieldRef> = schema.fields().iter().map(plain).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Converts a batch to its plain schema.
///
/// # Errors
/// Values that Arrow cannot copy.
pub fn plain_batch(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = plain_schema(batch.schema_ref());
    if Arc::ptr_eq(&schema, batch.schema_ref()) {
        return Ok(batch.clone());
    }
    convert_columns(batch, &schema, |column, _| expand(column))
        .map_err(|cause| Error::failed(format!("cannot write plain values: {cause}")))
}

/// The field without the mark, which its type no longer needs.
pub(super) fn without_mark(field: Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.remove(MARK);
    field.with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Array, ArrayRef, AsArray, DictionaryArray, Int32Array, Int64Array, RunArray,
    };
    use arrow::datatypes::{Int8Type, Int64Type};

    #[test]
    fn only_marked_columns_become_plain() {
        let plain = Field::new("a", DataType::Utf8, false)
            .with_metadata([("k".to_owned(), "v".to_owned())]);
        let marked = encoded_field(&plain, &Encoding::Dictionary(DataType::Int8));
        assert_eq!(marked.metadata().len(), 2);
        let unmarked = Field::new("b", marked.data_type().clone(), false);
        let words: DictionaryArray<Int8Type> = vec!["x", "y", "x"].into_iter().collect();
        let words: ArrayRef = Arc::new(words);
        let schema = Arc::new(Schema::new(vec![marked, unmarked.clone()]));
        let batch = RecordBatch::try_new(schema, vec![words.clone(), words.clone()]).unwrap();
        let expanded = plain_batch(&batch).unwrap();
        assert_eq!(*expanded.schema(), Schema::new(vec![plain, unmarked]));
        assert_eq!(expanded.column(0).as_string::<i32>().value(2), "x");
        assert_eq!(expanded.column(1), &words);
    }

    #[test]
    fn runs_become_plain_where_they_are_cut() {
        let plain = Field::new("a", DataType::Int64, true);
        let field = encoded_field(&plain, &Encoding::Runs);
        let values = Int64Array::from(vec![Some(7), None, Some(9)]);
        let runs = RunArray::try_new(&Int32Array::from(vec![2, 3, 6]), &values).unwrap();
        assert_eq!(runs.data_type(), field.data_type());
        let schema = Arc::new(Schema::new(vec![field]));
        let batch = RecordBatch::try_new(schema, vec![Arc::new(runs)]).unwrap();
        let expanded = plain_batch(&batch.slice(1, 4)).unwrap();
        assert_eq!(expanded.schema().field(0), &plain);
        let expected = Int64Array::from(vec![Some(7), None, Some(9), Some(9)]);
        assert_eq!(expanded.column(0).as_primitive::<Int64Type>(), &expected);
    }
}
