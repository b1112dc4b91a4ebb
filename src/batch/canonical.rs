//! Gives equal values one representation, so that keys made of their bytes are equal, too.
//!
//! All NaNs get the same bits and -0 loses its sign. Dictionary- and run-end-encoded values are
//! decoded, because their keys and run ends differ from batch to batch. This applies at any depth.

use crate::error::Error;
use crate::schema::{
    expand, holds, inner_arrays, inner_fields, is_alike, map_fields, rebuild, with_inner_arrays,
};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, make_array};
use arrow::compute::cast;
use arrow::datatypes::{ArrowNativeTypeOp, DataType, Field, Float16Type, Float32Type, Float64Type};
use arrow::error::ArrowError;
use std::sync::Arc;

type Result<T> = std::result::Result<T, ArrowError>;

/// Returns the same values in their canonical representation. The type changes only where an
/// encoding is decoded (and a map becomes the list that it is).
pub(crate) fn canonical(array: &ArrayRef) -> Result<ArrayRef> {
    if is_canonical(array.data_type()) {
        return Ok(Arc::clone(array));
    }
    Ok(match array.data_type() {
        DataType::Float16 => {
            floats::<Float16Type>(array, <Float16Type as ArrowPrimitiveType>::Native::NAN)
        }
        DataType::Float32 => floats::<Float32Type>(array, f32::NAN),
        DataType::Float64 => floats::<Float64Type>(array, f64::NAN),
        DataType::Dictionary(_, _) | DataType::RunEndEncoded(_, _) => canonical(&expand(array)?)?,
        DataType::Map(entries, _) => {
            let entries = DataType::List(Arc::clone(entries));
            let list = array.to_data().into_builder().data_type(entries).build()?;
            canonical(&make_array(list))?
        }
        nested if !inner_fields(nested).is_empty() => {
            let inner = inner_arrays(array).iter().map(canonical).collect::<Result<Vec<_>>>()?;
            // Nullable, because a decoded dictionary may contain nulls that its keys did not show.
            let nullable = map_fields(nested, |field| {
                Arc::new(Field::new(field.name(), field.data_type().clone(), true))
            });
            with_inner_arrays(array, &nullable, inner)?
        }
        other => {
            let cause = format!("values of type {other} cannot be compared");
            return Err(ArrowError::NotYetImplemented(cause));
        }
    })
}

/// The same values in a type whose canonical representation they have, in another one if it is cast
/// to it.
///
/// # Errors
/// Values that the type cannot hold.
pub(crate) fn restored(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    match (array.data_type(), to) {
        (same, to) if same == to => Ok(Arc::clone(array)),
        (DataType::List(_), DataType::Map(..)) => rebuild(array, to, restored),
        (nested, to) if is_alike(nested, to) => rebuild(array, to, restored),
        (_, DataType::Dictionary(_, values)) => cast(&restored(array, values)?, to),
        (_, DataType::RunEndEncoded(_, values)) => cast(&restored(array, values.data_type())?, to),
        _ => cast(array, to),
    }
}

/// Whether equal values of the type always have equal bytes.
fn is_canonical(data_type: &DataType) -> bool {
    use DataType as T;
    !holds(data_type, |inner| {
        inner.is_floating() || matches!(inner, T::Dictionary(..) | T::RunEndEncoded(..))
    })
}

fn floats<T: ArrowPrimitiveType>(array: &ArrayRef, nan: T::Native) -> ArrayRef
where
    T::Native: ArrowNativeTypeOp,
{
    let zero = T::Native::ZERO;
    let canonical: PrimitiveArray<T> = array.as_primitive::<T>().unary(|value| {
        // By IEEE 754, NaN differs from itself and -0 equals 0.
        #[allow(clippy::eq_op)]
        if value != value {
            nan
        } else if value == zero {
            zero
        } else {
            value
        }
    });
    Arc::new(canonical)
}

pub(super) fn cannot_compare(cause: ArrowError) -> Error {
    Error::failed(format!("cannot compare rows: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{DictionaryArray, Float64Array, MapBuilder, StringBuilder, StructArray};
    use arrow::array::{Float64Builder, Int32Array, UnionArray};
    use arrow::datatypes::{Int8Type, UnionFields};

    fn comes_back(array: ArrayRef) {
        let back = restored(&canonical(&array).unwrap(), array.data_type()).unwrap();
        assert_eq!(back.data_type(), array.data_type());
        assert_eq!(&back, &array);
    }

    #[test]
    fn canonical_values_are_restored_to_their_types() {
        let mut map = MapBuilder::new(None, StringBuilder::new(), Float64Builder::new());
        map.keys().append_value("a");
        map.values().append_value(1.5);
        map.append(true).unwrap();
        map.append(false).unwrap();
        let map: ArrayRef = Arc::new(map.finish());
        comes_back(Arc::clone(&map));
        let words: DictionaryArray<Int8Type> = [Some("x"), None].into_iter().collect();
        let floats = Arc::new(Float64Array::from(vec![1.0, f64::NAN]));
        let fields = vec![
            (Arc::new(Field::new("map", map.data_type().clone(), true)), map),
            (Arc::new(Field::new("f", DataType::Float64, false)), Arc::clone(&floats) as ArrayRef),
            (Arc::new(Field::new("w", words.data_type().clone(), true)), Arc::new(words)),
        ];
        comes_back(Arc::new(StructArray::from(fields)));
        let fields =
            [Field::new("f", DataType::Float64, false), Field::new("i", DataType::Int32, true)];
        let fields = UnionFields::try_new([5, 7], fields).unwrap();
        let children: Vec<ArrayRef> = vec![floats, Arc::new(Int32Array::from(vec![1, 2]))];
        let union = UnionArray::try_new(fields, vec![5, 7].into(), None, children).unwrap();
        comes_back(Arc::new(union));
    }
}
