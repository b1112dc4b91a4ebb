//! Decimals whose annotation claims more digits than their physical type has: the stored integers,
//! with the claimed scale.
//!
//! Source: LogicalTypes.md, DECIMAL: a two's complement integer, in big-endian bytes.

use super::value_error::ValueError;
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array};
use arrow::datatypes::{DataType, Int32Type, Int64Type, i256};
use std::sync::Arc;

/// Converts integers or bytes to decimals of a type.
///
/// # Errors
/// A value of more than 32 bytes.
pub(crate) fn decimals(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ValueError> {
    let values: Vec<Option<i256>> = match array.data_type() {
        DataType::Int32 => {
            let values = array.as_primitive::<Int32Type>().iter();
            values.map(|value| value.map(|value| i256::from_i128(value.into()))).collect()
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().iter();
            values.map(|value| value.map(|value| i256::from_i128(value.into()))).collect()
        }
        DataType::FixedSizeBinary(_) => of_bytes(array.as_fixed_size_binary().iter())?,
        _ => of_bytes(array.as_binary::<i32>().iter())?,
    };
    let whole = |error: arrow::error::ArrowError| ValueError::new(0, error.to_string());
    match to {
        DataType::Decimal256(digits, scale) => {
            let decimals: Decimal256Array = values.into_iter().collect();
            let decimals = decimals.with_precision_and_scale(*digits, *scale).map_err(whole)?;
            Ok(Arc::new(decimals))
        }
        DataType::Decimal128(digits, scale) => {
            let narrow = values.into_iter().enumerate().map(|(place, value)| {
                let why = || ValueError::new(place, "a decimal has too many digits".to_owned());
                value.map(|value| value.to_i128().ok_or_else(why)).transpose()
            });
            let decimals = narrow.collect::<Result<Decimal128Array, _>>()?;
            Ok(Arc::new(decimals.with_precision_and_scale(*digits, *scale).map_err(whole)?))
        }
        other => Err(ValueError::new(0, format!("{other} is not a decimal type"))),
    }
}

fn of_bytes<'a>(
    values: impl Iterator<Item = Option<&'a [u8]>>,
) -> Result<Vec<Option<i256>>, ValueError> {
    let values = values.enumerate().map(|(place, value)| {
        let Some(value) = value else { return Ok(None) };
        let sign = if value.first().is_some_and(|byte| 0x80 <= *byte) { 0xff } else { 0 };
        let mut bytes = [sign; 32];
        let start = 32_usize
            .checked_sub(value.len())
            .ok_or_else(|| ValueError::new(place, format!("a decimal of {} bytes", value.len())))?;
        bytes[start..].copy_from_slice(value);
        Ok(Some(i256::from_be_bytes(bytes)))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BinaryArray, Int32Array};
    use arrow::datatypes::Decimal128Type;

    #[test]
    fn integers_and_bytes_keep_their_sign() {
        let to = DataType::Decimal128(18, 2);
        let bytes: ArrayRef = Arc::new(BinaryArray::from_opt_vec(vec![
            Some(&[0xff, 0x85]),
            None,
            Some(&[0x01, 0x00]),
        ]));
        let decimals = decimals(&bytes, &to).ok().unwrap();
        let values: Vec<_> = decimals.as_primitive::<Decimal128Type>().iter().collect();
        assert_eq!(values, [Some(-123), None, Some(256)]);
        let ints: ArrayRef = Arc::new(Int32Array::from(vec![-7]));
        let decimals = super::decimals(&ints, &to).ok().unwrap();
        assert_eq!(decimals.as_primitive::<Decimal128Type>().value(0), -7);
    }
}
