//! The values of arrays in the form that is hashed: equal values have equal forms, in every encoding
//! and in every width of offsets.

use super::failure::failed;
use crate::batch::{OrderNumbers, canonical};
use crate::error::{Result, guard};
use crate::schema::{OrderColumn, expand, plain_type};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::row::{RowConverter, SortField};
/// A value to be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashed<'a> {
    /// A number, as unsigned.
    Number(u64),
    /// Text, bytes, or an encoded value of another type.
    Bytes(&'a [u8]),
}

/// The way to hash the values of a type.
#[derive(Debug)]
pub struct Hashes(Form);

#[derive(Debug)]
enum Form {
    Numbers(OrderNumbers),
    Bytes,
    Rows(RowConverter),
}

impl Hashes {
    /// The way for a type, encoded or not.
    ///
    /// # Errors
    /// A type whose values cannot be compared.
    pub fn try_new(data_type: &DataType) -> Result<Self> {
        let plain = plain_type(data_type);
        let is_short = plain.primitive_width().is_some_and(|width| width <= size_of::<u64>());
        if is_short || *plain == DataType::Boolean {
            let schema = Schema::new(vec![Field::new("", plain.clone(), true)]);
            if let Some(numbers) = OrderNumbers::of_columns(&schema, &[first_column()]) {
                return Ok(Self(Form::Numbers(numbers)));
            }
        }
        if is_bytes(plain) {
            return Ok(Self(Form::Bytes));
        }
        let empty = canonical(&arrow::array::new_empty_array(plain)).map_err(failed)?;
        let converter = RowConverter::new(vec![SortField::new(empty.data_type().clone())]);
        Ok(Self(Form::Rows(converter.map_err(failed)?)))
    }

    /// Calls `use_value` with the row of each value that is not null.
    ///
    /// # Errors
    /// Values that cannot be encoded.
    pub fn each(
        &self,
        array: &ArrayRef,
        mut use_value: impl FnMut(usize, Hashed<'_>),
    ) -> Result<()> {
        let array = expand(array).map_err(failed)?;
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let is_value = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        match &self.0 {
            Form::Numbers(numbers) => {
                let numbers = numbers.numbers(std::slice::from_ref(&array))?.values;
                for (row, number) in numbers.into_iter().enumerate() {
                    if is_value(row) {
                        use_value(row, Hashed::Number(number));
                    }
                }
            }
            Form::Bytes => each_bytes(&array, &mut |row, bytes| {
                if is_value(row) {
                    use_value(row, Hashed::Bytes(bytes));
                }
            }),
            Form::Rows(converter) => {
                let rows = guard("cannot hash values", || {
                    converter.convert_columns(&[canonical(&array).map_err(failed)?]).map_err(failed)
                })?;
                for (row, bytes) in rows.iter().enumerate() {
                    if is_value(row) {
                        use_value(row, Hashed::Bytes(bytes.data()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn first_column() -> OrderColumn {
    OrderColumn { path: vec![0], name: String::new(), descending: false, nulls_first: false }
}

fn is_bytes(data_type: &DataType) -> bool {
    data_type.is_string()
        || data_type.is_binary()
        || matches!(data_type, DataType::FixedSizeBinary(_))
}

/// Calls `use_bytes` with the row of each text or value of bytes, null or not.
pub fn each_bytes(array: &ArrayRef, use_bytes: &mut dyn FnMut(usize, &[u8])) {
    macro_rules! all {
        ($array:expr, $bytes:expr) => {
            (0..array.len()).for_each(|row| use_bytes(row, $bytes($array.value(row))))
        };
    }
    fn text(text: &str) -> &[u8] {
        text.as_bytes()
    }
    fn same(bytes: &[u8]) -> &[u8] {
        bytes
    }
    match array.data_type() {
        DataType::Utf8 => all!(array.as_string::<i32>(), text),
        DataType::LargeUtf8 => all!(array.as_string::<i64>(), text),
        DataType::Utf8View => all!(array.as_string_view(), text),
        DataType::Binary => all!(array.as_binary::<i32>(), same),
        DataType::LargeBinary => all!(array.as_binary::<i64>(), same),
        DataType::BinaryView => all!(array.as_binary_view(), same),
        DataType::FixedSizeBinary(_) => all!(array.as_fixed_size_binary(), same),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{DictionaryArray, Float32Array, Int64Array, ListArray, StringArray};
    use arrow::compute::cast;
    use arrow::datatypes::{Int32Type, Int64Type};
    use std::sync::Arc;

    fn hashed(array: ArrayRef) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        let hashes = Hashes::try_new(array.data_type()).unwrap();
        hashes.each(&array, |row, value| all.push((row, format!("{value:?}")))).unwrap();
        all
    }

    #[test]
    fn equal_values_are_hashed_as_the_same() {
        let texts = vec![Some("a"), None, Some("bc")];
        let plain: ArrayRef = Arc::new(StringArray::from(texts.clone()));
        let expected = hashed(plain.clone());
        assert_eq!(expected.len(), 2);
        assert_eq!(
            hashed(Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>())),
            expected
        );
        for other in [DataType::LargeUtf8, DataType::Utf8View] {
            assert_eq!(hashed(cast(&plain, &other).unwrap()), expected);
        }
        let floats = hashed(Arc::new(Float32Array::from(vec![0.0, -0.0, f32::NAN, -f32::NAN])));
        assert!(floats[0].1 == floats[1].1 && floats[2].1 == floats[3].1);
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1)]),
            None,
            Some(vec![Some(1)]),
        ]);
        let lists = hashed(Arc::new(lists));
        assert!(lists.len() == 2 && lists[0].1 == lists[1].1);
        assert_eq!(hashed(Arc::new(Int64Array::from(vec![5]))).len(), 1);
    }
}
