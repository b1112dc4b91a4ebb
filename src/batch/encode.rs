//! Dictionary- and run-end-encodes plain columns exactly: values are equal if their bits are.

use super::groups::runs::{changes, starts};
use super::numbering::Numbering;
use crate::error::{Error, Result};
use crate::schema::{batch_of, cast_exactly};
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int32Array, RecordBatch, RunArray, UInt32Array,
    UInt64Array, downcast_integer, make_array,
};
use arrow::buffer::ScalarBuffer;
use arrow::compute::take;
use arrow::datatypes::{ArrowDictionaryKeyType, DataType, Field, Int32Type, SchemaRef};
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

/// A column as a dictionary- or run-end-encoded type, of any key type, width of run ends and names
/// of the inner fields. Arrow's `cast` cannot make dictionaries of booleans, durations, intervals,
/// lists and maps.
///
/// # Errors
/// More distinct values or rows than keys or run ends can number; nulls in values declared not null.
pub fn encoded_as(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    match to {
        same if same == column.data_type() => Ok(column.clone()),
        DataType::Dictionary(key, values) => {
            let too_many = |cause: ArrowError| match cause {
                ArrowError::CastError(_) => ArrowError::InvalidArgumentError(format!(
                    "more distinct values than {key} keys can number; use wider keys"
                )),
                other => other,
            };
            dictionary_of(&encoded_as(column, values)?, key).map_err(too_many)
        }
        DataType::RunEndEncoded(ends, values) => {
            let column = encoded_as(column, values.data_type())?;
            if !values.is_nullable() && column.logical_null_count() > 0 {
                let message = "a null, but the run-end encoded values are declared not null";
                return Err(ArrowError::InvalidArgumentError(message.to_owned()));
            }
            // Arrow makes runs with the usual names.
            let usual_ends = ends.as_ref().clone().with_name("run_ends").with_nullable(false);
            let usual_values = Field::new("values", values.data_type().clone(), true);
            let usual = DataType::RunEndEncoded(Arc::new(usual_ends), Arc::new(usual_values));
            let runs = cast_exactly(&column, &usual)?.to_data();
            Ok(make_array(runs.into_builder().data_type(to.clone()).build()?))
        }
        _ => cast_exactly(column, to),
    }
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
    fn with_keys_of<K: ArrowDictionaryKeyType>(
        keys: &dyn Array,
        values: &ArrayRef,
    ) -> Result<ArrayRef, ArrowError> {
        let keys = keys.as_primitive::<K>().clone();
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::clone(values))?))
    }
    if *key == DataType::Int32 {
        // The same bits: what is too large becomes negative, which is no key either.
        let bits = ScalarBuffer::<i32>::from(keys.values().inner().clone());
        return with_keys_of::<Int32Type>(&Int32Array::new(bits, keys.nulls().cloned()), values);
    }
    macro_rules! with_keys_of {
        ($key:ty, $keys:expr, $values:expr) => {
            with_keys_of::<$key>($keys, $values)
        };
    }
    let keys = &*cast_exactly(keys, key)?;
    downcast_integer! {
        key => (with_keys_of, keys, values),
        _ => Err(ArrowError::InvalidArgumentError(format!("dictionary keys of type {key}"))),
    }
}

/// Whether two arrays are the same values in the same memory.
pub(crate) fn are_shared(one: &ArrayRef, other: &ArrayRef) -> bool {
    Arc::ptr_eq(one, other) || one.to_data().ptr_eq(&other.to_data())
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
        let narrow = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
        let message = encoded_as(&column, &narrow).unwrap_err().to_string();
        assert!(
            message.ends_with("more distinct values than Int8 keys can number; use wider keys")
        );
    }

    #[test]
    fn every_type_can_be_encoded() {
        use arrow::array::{BooleanArray, DurationSecondArray, IntervalYearMonthArray, ListArray};
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(true)]));
        let lengths: ArrayRef = Arc::new(DurationSecondArray::from(vec![Some(1), None, Some(1)]));
        let months: ArrayRef = Arc::new(IntervalYearMonthArray::from(vec![Some(1), None, Some(1)]));
        let list = || Some(vec![Some(1), None]);
        let lists: ArrayRef =
            Arc::new(ListArray::from_iter_primitive::<Int8Type, _, _>([list(), None, list()]));
        for column in [flags, lengths, months, lists] {
            let values = column.data_type();
            let words = DataType::Dictionary(Box::new(DataType::UInt16), Box::new(values.clone()));
            let runs = DataType::RunEndEncoded(
                Arc::new(Field::new("ends", DataType::Int64, false)),
                Arc::new(Field::new("v", values.clone(), true)),
            );
            for to in [words, runs] {
                let encoded = encoded_as(&column, &to).unwrap();
                assert_eq!(encoded.data_type(), &to);
                assert_eq!(&expand(&encoded).unwrap(), &column);
                if let Some(dictionary) = encoded.as_any_dictionary_opt() {
                    assert_eq!(dictionary.values().len(), 1, "{to}");
                }
            }
            let not_null = DataType::RunEndEncoded(
                Arc::new(Field::new("run_ends", DataType::Int16, false)),
                Arc::new(Field::new("values", values.clone(), false)),
            );
            assert!(encoded_as(&column, &not_null).is_err());
            assert!(encoded_as(&column.slice(0, 1), &not_null).is_ok());
        }
    }

    #[test]
    fn no_rows_are_no_runs() {
        let column = arrow::array::new_empty_array(&DataType::Utf8);
        assert_eq!(runs_of(&column).unwrap().len(), 0);
        assert_eq!(dictionary_of(&column, &DataType::Int8).unwrap().len(), 0);
    }
}
