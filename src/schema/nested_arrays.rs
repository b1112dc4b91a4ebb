//! The walk over nested arrays: the arrays inside an array, and the array around others; the same
//! for record batches.
//!
//! Lengths, nulls and offsets stay, and buffers are shared. Arrow checks a rebuilt array as it
//! checks one that is read.

use super::nested_types::{inner_types, with_inner_types};
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use std::sync::Arc;

/// The arrays inside an array, in the order of [`inner_types`]. Those of a slice are sliced only
/// where their type requires it: structs, lists of a fixed size, sparse unions.
pub fn inner_arrays(array: &ArrayRef) -> Vec<ArrayRef> {
    array.to_data().child_data().iter().map(|child| make_array(child.clone())).collect()
}

/// The array around other inner arrays, each as long as the one that it replaces. `to` is a type
/// that is alike; its inner types become those of the arrays.
///
/// # Errors
/// Inner arrays that `to` cannot have, such as nulls in a field that is not nullable.
pub fn with_inner_arrays(
    array: &ArrayRef,
    to: &DataType,
    inner: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    let types = inner.iter().map(|child| child.data_type().clone()).collect();
    let children = inner.iter().map(|child| child.to_data()).collect();
    let data = array.to_data().into_builder().data_type(with_inner_types(to, types));
    data.child_data(children).build().map(make_array)
}

/// Converts the inner arrays of an array to the inner types of `to`, a type that is alike.
///
/// # Errors
/// An inner array that cannot be converted; those of [`with_inner_arrays`].
pub fn rebuild(
    array: &ArrayRef,
    to: &DataType,
    convert: impl Fn(&ArrayRef, &DataType) -> Result<ArrayRef, ArrowError>,
) -> Result<ArrayRef, ArrowError> {
    let inner = inner_arrays(array);
    let inner = inner.iter().zip(inner_types(to)).map(|(child, to)| convert(child, to));
    with_inner_arrays(array, to, inner.collect::<Result<_, _>>()?)
}

/// A batch of these columns; the number of rows matters if there are none.
///
/// # Errors
/// Columns that the schema cannot have.
pub fn batch_of(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

/// Converts the columns of a batch that have other types than the fields of `schema`.
///
/// # Errors
/// A column that cannot be converted; those of [`batch_of`].
pub fn convert_columns(
    batch: &RecordBatch,
    schema: &SchemaRef,
    convert: impl Fn(&ArrayRef, &DataType) -> Result<ArrayRef, ArrowError>,
) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| match field.data_type() {
        same if same == column.data_type() => Ok(Arc::clone(column)),
        other => convert(column, other),
    });
    batch_of(schema, columns.collect::<Result<_, _>>()?, batch.num_rows())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::nested_types::tests::nested_types;
    use arrow::array::{ArrayData, Int8Array, Int32Array, new_null_array};
    use arrow::buffer::Buffer;
    use arrow::compute::cast;
    use arrow::datatypes::{Field, UnionMode};
    use arrow::util::display::array_value_to_string;

    /// An array of each nested type with four rows; in most of them each row has two values.
    fn nested_arrays() -> Vec<ArrayRef> {
        nested_types(&DataType::Int8).into_iter().map(array).collect()
    }

    fn array(data_type: DataType) -> ArrayRef {
        use DataType as T;
        let numbers = || Int8Array::from(vec![1, 2, 3, 4, 5, 6, 7, 8]).into_data();
        let few = || numbers().slice(1, 4);
        let offsets = || Buffer::from(vec![0_i32, 2, 4, 6, 8]);
        let large = || Buffer::from(vec![0_i64, 2, 4, 6, 8]);
        let two = || vec![few(), numbers().slice(4, 4)];
        let (buffers, children) = match &data_type {
            T::Struct(_) => (vec![], two()),
            T::List(_) => (vec![offsets()], vec![numbers()]),
            T::LargeList(_) => (vec![large()], vec![numbers()]),
            T::ListView(_) => (vec![offsets(), Buffer::from(vec![2_i32; 4])], vec![numbers()]),
            T::LargeListView(_) => (vec![large(), Buffer::from(vec![2_i64; 4])], vec![numbers()]),
            T::FixedSizeList(..) => (vec![], vec![numbers()]),
            T::Map(entries, _) => {
                let entries = ArrayData::builder(entries.data_type().clone()).len(8);
                let entries = entries.child_data(vec![numbers(), numbers()]).build().unwrap();
                (vec![offsets()], vec![entries])
            }
            T::Union(_, UnionMode::Sparse) => (vec![Buffer::from(vec![7_i8, 3, 3, 7])], two()),
            T::Union(..) => {
                let places = Buffer::from(vec![0_i32, 0, 3, 3]);
                (vec![Buffer::from(vec![7_i8, 3, 3, 7]), places], two())
            }
            T::RunEndEncoded(..) => {
                (vec![], vec![Int32Array::from(vec![1, 3, 4]).into_data(), few().slice(0, 3)])
            }
            _ => (vec![Buffer::from(vec![2_i8, 0, 7, 1])], vec![numbers()]),
        };
        let data = ArrayData::builder(data_type).len(4).buffers(buffers).child_data(children);
        make_array(data.build().unwrap())
    }

    fn wider(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
        if *array.data_type() == DataType::Int8 {
            cast(array, to)
        } else {
            rebuild(array, to, wider)
        }
    }

    fn rows(array: &ArrayRef) -> Vec<String> {
        (0..array.len()).map(|row| array_value_to_string(array, row).unwrap()).collect()
    }

    #[test]
    fn values_are_converted_in_each_type_and_in_slices() {
        for (array, wide) in nested_arrays().into_iter().zip(nested_types(&DataType::Int64)) {
            for array in [array.clone(), array.slice(1, 2), array.slice(2, 2).slice(1, 1)] {
                let converted = wider(&array, &wide).unwrap();
                assert_eq!(converted.data_type(), &wide);
                assert_eq!(rows(&converted), rows(&array), "{wide}");
            }
        }
    }

    #[test]
    fn buffers_are_shared() {
        for array in nested_arrays() {
            let array = array.slice(1, 3);
            let same = rebuild(&array, array.data_type(), |child, _| Ok(child.clone())).unwrap();
            assert!(same.to_data().ptr_eq(&array.to_data()), "{}", array.data_type());
        }
    }

    #[test]
    fn inner_arrays_that_do_not_fit_are_refused() {
        for (array, wide) in nested_arrays().into_iter().zip(nested_types(&DataType::Int64)) {
            let shorter = |child: &ArrayRef, _: &DataType| Ok(child.slice(0, 1));
            assert!(rebuild(&array, &wide, shorter).is_err(), "{wide}");
        }
        let array = array(nested_types(&DataType::Int8)[1].clone());
        let field = Field::new("item", DataType::Int8, false);
        let nulls = |child: &ArrayRef, to: &DataType| Ok(new_null_array(to, child.len()));
        assert!(rebuild(&array, &DataType::List(Arc::new(field)), nulls).is_err());
    }
}
