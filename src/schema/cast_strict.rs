//! Converts batches to a schema that equals theirs except for nullability, metadata, names of inner
//! fields, and names of the same time zone. Values are never changed.

use super::{convert_columns, expand, is_alike, rebuild};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Converts a batch to `schema`, which came from [`crate::schema::merge_strict`]: only names of inner
/// fields, nullability and metadata change; values are not touched.
///
/// # Errors
/// A batch whose schema was not one of those united.
pub fn cast_strict(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    // The usual case costs one comparison of pointers or of types.
    if Arc::ptr_eq(batch.schema_ref(), schema) || batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    convert_columns(batch, schema, retype)
        .map_err(|error| Error::failed(format!("cannot read as one schema: {error}")))
}

/// The same values with a type that differs only in inner names, nullability or metadata.
fn retype(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType as T;
    match (array.data_type(), to) {
        (from, to) if from == to => Ok(array.clone()),
        // The same instants in the same zone with another name.
        (T::Timestamp(unit, Some(_)), T::Timestamp(to_unit, Some(_))) if unit == to_unit => {
            cast_exactly(array, to)
        }
        (T::Dictionary(_, values), plain) if values.as_ref() == plain => expand(array),
        (T::RunEndEncoded(_, values), plain) if values.data_type() == plain => expand(array),
        // Encodes a plain or differently encoded column to match a marked column in the schema.
        (_, T::Dictionary(..) | T::RunEndEncoded(..)) => cast_exactly(&expand(array)?, to),
        (from, to) if is_alike(from, to) => rebuild(array, to, retype),
        // Any other difference is refused when the batch is constructed.
        _ => Ok(array.clone()),
    }
}

/// Casts an array; a value that does not fit is an error, not a null.
///
/// # Errors
/// A value that does not fit; types that Arrow cannot cast.
pub(crate) fn cast_exactly(array: &dyn Array, to: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, to, &CastOptions { safe: false, ..Default::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::merge_strict;
    use arrow::array::{AsArray, Int64Array, ListArray, RecordBatchOptions, TimestampSecondArray};
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::{Field, Schema, TimeUnit};

    fn int(name: &str, nullable: bool) -> Field {
        Field::new(name, DataType::Int64, nullable)
    }

    #[test]
    fn a_batch_conforms_without_touching_its_values() {
        let list = |inner: &str, nullable| {
            let field = Field::new_list("l", int(inner, nullable), nullable);
            Arc::new(Schema::new(vec![field]))
        };
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let offsets = OffsetBuffer::new(vec![0, 1, 3].into());
        let field = Arc::new(int("element", false));
        let column = ListArray::try_new(field, offsets, values.clone(), None).unwrap();
        let batch = RecordBatch::try_new(list("element", false), vec![Arc::new(column)]).unwrap();
        let wide = list("item", true);
        let conformed = cast_strict(&batch, &wide).unwrap();
        assert_eq!(conformed.schema(), wide);
        assert_eq!(conformed.column(0).as_list::<i32>().values(), &values);
    }

    #[test]
    fn rows_without_columns_stay_rows() {
        let options = RecordBatchOptions::new().with_row_count(Some(3));
        let empty = Arc::new(Schema::empty());
        let batch = RecordBatch::try_new_with_options(empty, vec![], &options).unwrap();
        let metadata = [("k".to_owned(), "v".to_owned())];
        let named = Arc::new(Schema::new_with_metadata(Vec::<Field>::new(), metadata));
        assert_eq!(cast_strict(&batch, &named).unwrap().num_rows(), 3);
    }

    #[test]
    fn names_of_one_zone_are_one_type() {
        let at = |zone: &str| DataType::Timestamp(TimeUnit::Second, Some(zone.into()));
        let dictionary =
            |zone: &str| DataType::Dictionary(Box::new(DataType::Int8), Box::new(at(zone)));
        let all = |zone: &str| {
            let list = Field::new_list("l", Field::new("item", at(zone), true), true);
            Arc::new(Schema::new(vec![
                Field::new("t", at(zone), true),
                list,
                Field::new("d", dictionary(zone), true),
            ]))
        };
        let (first, other) = (all("Etc/UTC"), all("+00:00"));
        assert_eq!(merge_strict(&first, &other).as_ref(), Ok(first.as_ref()));
        let stamps = TimestampSecondArray::from(vec![Some(7), None]).with_timezone("+00:00");
        let stamps: ArrayRef = Arc::new(stamps);
        let offsets = OffsetBuffer::new(vec![0, 1, 2].into());
        let item = Arc::new(Field::new("item", at("+00:00"), true));
        let list = ListArray::try_new(item, offsets, stamps.clone(), None).unwrap();
        let encoded = cast_exactly(&stamps, &dictionary("+00:00")).unwrap();
        let batch = RecordBatch::try_new(other, vec![stamps, Arc::new(list), encoded]).unwrap();
        let conformed = cast_strict(&batch, &first).unwrap();
        assert_eq!(conformed.schema(), first);
        let seconds = |array: &ArrayRef| cast_exactly(array, &DataType::Int64).unwrap();
        assert_eq!(seconds(conformed.column(0)).as_ref(), &Int64Array::from(vec![Some(7), None]));
        assert_eq!(seconds(conformed.column(2)).as_ref(), &Int64Array::from(vec![Some(7), None]));
    }
}
