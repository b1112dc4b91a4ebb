//! Dictionary- and run-end-encodes plain columns exactly: values are equal if their bits are.

use super::groups::runs::{changes, starts};
use super::numbering::Numbering;
use crate::error::{Error, Result};
use crate::schema::{batch_of, cast_exactly};
use arrow::array::{
    Array, ArrayRef, Int32Array, RecordBatch, RunArray, UInt32Array, UInt64Array, make_array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use std::sync::Arc;

/// Encodes the columns that are dictionary- or run-end-encoded in the schema.
///
/// # Errors
/// More distinct values than keys.
pub fn encode(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        let encoded = match field.data_type() {
            as_it_is if as_it_is == column.data_type() => Ok(column.clone()),
            DataType::RunEndEncoded(_, _) => runs_of(column),
            DataType::Dictionary(key, _) => dictionary_of(column, key),
            _ => Ok(column.clone()),
        };
        encoded.map_err(|e| Error::failed(format!("cannot encode \"{}\": {e}", field.name())))
    });
    batch_of(schema, columns.collect::<Result<_>>()?, batch.num_rows())
        .map_err(|e| Error::failed(format!("cannot encode columns: {e}")))
}

/// The first row of each run of equal values in a column that is not nested.
///
/// # Errors
/// A type that Arrow cannot compare.
pub fn run_starts(column: &ArrayRef) -> Result<Vec<usize>, ArrowError> {
    Ok(starts(&changes(std::slice::from_ref(column), column.len())?, column.len()))
}

/// Run-end-encodes a column, with run ends of type int32.
///
/// # Errors
/// A type that Arrow cannot compare; more than 2^31 rows.
pub fn runs_of(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let starts = run_starts(column)?;
    let ends = starts.iter().skip(1).copied().chain((!column.is_empty()).then_some(column.len()));
    let ends = ends.map(|end| i32::try_from(end).map_err(|_| ArrowError::RunEndIndexOverflowError));
    let ends: Int32Array = ends.collect::<Result<Vec<_>, _>>()?.into();
    let starts = UInt64Array::from_iter_values(starts.into_iter().map(|start| start as u64));
    Ok(Arc::new(RunArray::try_new(&ends, &take(column, &starts, None)?)?))
}

/// Dictionary-encodes a column with its distinct values.
///
/// # Errors
/// A type that Arrow cannot compare; more distinct values than keys of the type can number.
pub fn dictionary_of(column: &ArrayRef, key: &DataType) -> Result<ArrayRef, ArrowError> {
    let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(column))?;
    let mut numbering = Numbering::default();
    let (mut keys, mut firsts) = (Vec::with_capacity(column.len()), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        if column.is_null(place) {
            keys.push(None);
            continue;
        }
        let (number, is_new) = numbering
            .insert(numbering.key(0, row.data()))
            .map_err(|error| ArrowError::ComputeError(error.to_string()))?;
        if is_new {
            firsts.push(place as u64);
        }
        keys.push(Some(number));
    }
    let values = take(column, &UInt64Array::from(firsts), None)?;
    with_keys(&UInt32Array::from(keys), key, &values)
}

/// A dictionary array of these values; the keys are positions among them.
///
/// # Errors
/// A key that the type cannot represent, or that is beyond the values.
pub fn with_keys(
    keys: &UInt32Array,
    key: &DataType,
    values: &ArrayRef,
) -> Result<ArrayRef, ArrowError> {
    let keys = cast_exactly(keys, key)?;
    let data_type =
        DataType::Dictionary(Box::new(key.clone()), Box::new(values.data_type().clone()));
    let data = keys.to_data().into_builder().data_type(data_type);
    Ok(make_array(data.add_child_data(values.to_data()).build()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::expand;
    use arrow::array::{AsArray, Float64Array, StringArray};
    use arrow::datatypes::Int8Type;

    #[test]
    fn values_keep_their_bits() {
        let odd = f64::from_bits(f64::NAN.to_bits() + 1);
        let values = [Some(0.0), Some(-0.0), Some(-0.0), None, None, Some(f64::NAN), Some(odd)];
        let column: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        let bits = |array: &ArrayRef| -> Vec<Option<u64>> {
            array
                .as_primitive::<arrow::datatypes::Float64Type>()
                .iter()
                .map(|value| value.map(f64::to_bits))
                .collect()
        };
        let runs = runs_of(&column).unwrap();
        assert_eq!(
            runs.as_run::<arrow::datatypes::Int32Type>().run_ends().values(),
            &[1, 3, 5, 6, 7]
        );
        let words = dictionary_of(&column, &DataType::Int8).unwrap();
        assert_eq!(words.as_dictionary::<Int8Type>().values().len(), 4);
        for encoded in [runs, words] {
            assert_eq!(bits(&expand(&encoded).unwrap()), bits(&column));
        }
    }

    #[test]
    fn too_many_values_for_their_keys_are_an_error() {
        let column: ArrayRef =
            Arc::new(StringArray::from_iter_values((0..129).map(|n| n.to_string())));
        assert!(dictionary_of(&column, &DataType::Int8).is_err());
        assert!(dictionary_of(&column, &DataType::UInt8).is_ok());
        assert!(dictionary_of(&column.slice(1, 128), &DataType::Int8).is_ok());
    }

    #[test]
    fn no_rows_are_no_runs() {
        let column = arrow::array::new_empty_array(&DataType::Utf8);
        assert_eq!(runs_of(&column).unwrap().len(), 0);
        assert_eq!(dictionary_of(&column, &DataType::Int8).unwrap().len(), 0);
    }
}
