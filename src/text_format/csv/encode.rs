//! Encoders of column values as text, exact and unquoted.

use crate::error::{Error, Result};
use crate::options::BinaryText;
use crate::schema::plain_type;
use crate::text_format::binary_text::binary_texts;
use crate::text_format::json::encode::Encoding;
use crate::text_format::temporal::temporal_texts;
use arrow::array::{Array, AsArray, downcast_integer};
use arrow::datatypes::{
    DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, FieldRef, Float16Type,
    Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};
use std::io::Write;

/// Appends the text of a row's value, which must not be null.
pub(super) type Encode<'a> = Box<dyn FnMut(usize, &mut Vec<u8>) -> Result<()> + 'a>;

macro_rules! numbers {
    ($type:ty, $array:expr, $form:literal) => {{
        let values = $array.as_primitive::<$type>().values();
        boxed(move |row, text| {
            // Writing into memory cannot fail.
            let _infallible = write!(text, $form, values[row]);
        })
    }};
}

macro_rules! decimals {
    ($array:expr, $type:ty) => {{
        let values = $array.as_primitive::<$type>();
        boxed(move |row, text| text.extend_from_slice(values.value_as_string(row).as_bytes()))
    }};
}

macro_rules! texts {
    ($values:expr) => {{
        let values = $values;
        boxed(move |row, text| text.extend_from_slice(values.value(row).as_bytes()))
    }};
}

/// Returns the encoder of an array.
///
/// # Errors
/// Unions; an unknown time zone. The caller adds the column.
pub(super) fn encode<'a>(
    field: &'a FieldRef,
    array: &'a dyn Array,
    binary: BinaryText,
    json: &'a Encoding,
) -> Result<Encode<'a>> {
    use DataType as D;
    macro_rules! runs {
        ($type:ty) => {{
            let runs = array.as_run::<$type>();
            let mut value = encode(field, runs.values().as_ref(), binary, json)?;
            Box::new(move |row, text| value(runs.get_physical_index(row), text))
        }};
    }
    Ok(downcast_integer! {
        array.data_type() => (numbers, array, "{}"),
        D::Null => boxed(|_, _| {}),
        D::Boolean => {
            let values = array.as_boolean();
            boxed(move |row, text| {
                text.extend_from_slice(if values.value(row) { b"true" } else { b"false" });
            })
        }
        // The debug form is the shortest that round-trips: 1.0, 1e300, NaN, -inf.
        D::Float16 => numbers!(Float16Type, array, "{:?}"),
        D::Float32 => numbers!(Float32Type, array, "{:?}"),
        D::Float64 => numbers!(Float64Type, array, "{:?}"),
        D::Decimal32(..) => decimals!(array, Decimal32Type),
        D::Decimal64(..) => decimals!(array, Decimal64Type),
        D::Decimal128(..) => decimals!(array, Decimal128Type),
        D::Decimal256(..) => decimals!(array, Decimal256Type),
        D::Utf8 => texts!(array.as_string::<i32>()),
        D::LargeUtf8 => texts!(array.as_string::<i64>()),
        D::Utf8View => texts!(array.as_string_view()),
        D::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            // Without values all keys are null, and there is nothing to normalize them to.
            let keys = if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            let mut value = encode(field, dictionary.values().as_ref(), binary, json)?;
            Box::new(move |row, text| value(keys[row], text))
        }
        D::RunEndEncoded(ends, _) => match ends.data_type() {
            D::Int16 => runs!(Int16Type),
            D::Int32 => runs!(Int32Type),
            _ => runs!(Int64Type),
        },
        D::Union(..) => {
            return Err(Error::failed(
                "a union cannot be written as text, which does not say which type a value has \
                 (drop the column with stream-select)",
            ));
        }
        other if other.is_binary() => binary_texts(field, array, binary),
        other if other.is_temporal() => temporal_texts(array)?,
        // Lists, structs, maps.
        _ => {
            let mut column = json.column(field, array)?;
            Box::new(move |row, text| column.encode(row, text))
        }
    })
}

/// Whether texts of a type contain only letters, digits and the characters `+-.:`.
pub(super) fn is_plain(data_type: &DataType) -> bool {
    use DataType as D;
    match plain_type(data_type) {
        D::Null | D::Boolean => true,
        other => other.is_numeric() || other.is_temporal(),
    }
}

fn boxed<'a>(mut write: impl FnMut(usize, &mut Vec<u8>) + 'a) -> Encode<'a> {
    Box::new(move |row, text| {
        write(row, text);
        Ok(())
    })
}
