//! Builders for columns of inferred types: a value must have a form that inference accepts for the
//! type, so that a key such as `007` does not become a number because it came after the sample.

use super::conversion_error::ConversionError;
use super::parse_number::{decimal, float, integer};
use super::value_builder::{ValueBuilder, made, primitive, values};
use crate::error::Result;
use crate::options::BinaryText;
use arrow::array::BooleanBuilder;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type};

/// An empty builder for an inferred type; `None` for types with child fields.
///
/// # Errors
/// Those of [`values`].
pub(crate) fn inferred_values(
    data_type: &DataType,
    binary: BinaryText,
) -> Result<Option<Box<dyn ValueBuilder>>> {
    use DataType as D;
    let of = data_type;
    Ok(Some(match data_type {
        D::Boolean => made(
            BooleanBuilder::new(),
            |b, text| word(text).map(|value| b.append_value(value)),
            BooleanBuilder::append_null,
        ),
        D::Int64 => primitive::<Int64Type, _>(of, |text| whole(text, integer)),
        D::UInt64 => primitive::<UInt64Type, _>(of, |text| whole(text, integer)),
        D::Decimal128(digits, 0) => {
            let digits = *digits;
            primitive::<Decimal128Type, _>(of, move |text| {
                let read = |text: &str| {
                    decimal(text, digits, 0)?.to_i128().ok_or(ConversionError::OutOfRange)
                };
                if text.contains(['.', 'e', 'E']) {
                    read(text).and(Err(ConversionError::OtherForm))
                } else {
                    whole(text, read)
                }
            })
        }
        D::Float64 => primitive::<Float64Type, _>(of, |text| {
            let value = float(text)?;
            if is_padded(text) {
                Err(ConversionError::OtherForm)
            } else if is_rounded(text, value) {
                Err(ConversionError::Rounded)
            } else {
                Ok(value)
            }
        }),
        other => return values(other, binary),
    }))
}

/// Reads a word that inference takes for a boolean; `1` and `t` may mean something else.
fn word(text: &str) -> Result<bool, ConversionError> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err(ConversionError::Malformed),
    }
}

/// Reads a whole number whose usual form is the given text.
fn whole<N>(
    text: &str,
    read: impl Fn(&str) -> Result<N, ConversionError>,
) -> Result<N, ConversionError> {
    let value = read(text)?;
    // An integer has no negative zero.
    if is_padded(text) || text == "-0" { Err(ConversionError::OtherForm) } else { Ok(value) }
}

/// Whether an integer is not the float nearest to it. All integers of up to 15 digits are.
fn is_rounded(text: &str, value: f64) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 15
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && format!("{value:.0}") != text
}

/// Whether a number begins with a plus sign or a redundant zero.
fn is_padded(number: &str) -> bool {
    match number.as_bytes() {
        [b'+', ..] => true,
        [b'0', next, ..] | [b'-', b'0', next, ..] => next.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::parse_schema;

    #[test]
    fn values_fit_in_the_form_that_inference_takes() {
        for (type_name, text, fits) in [
            ("int64", "0", Ok(())),
            ("int64", "-10", Ok(())),
            ("int64", "007", Err(ConversionError::OtherForm)),
            ("int64", "-07", Err(ConversionError::OtherForm)),
            ("int64", "+7", Err(ConversionError::OtherForm)),
            ("int64", "-0", Err(ConversionError::OtherForm)),
            ("int64", "007x", Err(ConversionError::Malformed)),
            ("int64", "1.5", Err(ConversionError::Malformed)),
            ("uint64", "00", Err(ConversionError::OtherForm)),
            ("decimal128(20, 0)", "-12", Ok(())),
            ("decimal128(20, 0)", "012", Err(ConversionError::OtherForm)),
            ("decimal128(20, 0)", "12.0", Err(ConversionError::OtherForm)),
            ("float64", "0.5", Ok(())),
            ("float64", "-0", Ok(())),
            ("float64", "1e3", Ok(())),
            ("float64", "NaN", Ok(())),
            ("float64", "-9007199254740992", Ok(())),
            ("float64", "-9007199254740993", Err(ConversionError::Rounded)),
            ("float64", "9007199254740993.0", Ok(())),
            ("float64", "1000000000000000000000000", Err(ConversionError::Rounded)),
            ("float64", "100000000000000000000", Ok(())),
            ("float64", "00.5", Err(ConversionError::OtherForm)),
            ("float64", "+0.5", Err(ConversionError::OtherForm)),
            ("bool", "True", Ok(())),
            ("bool", "1", Err(ConversionError::Malformed)),
            ("bool", "t", Err(ConversionError::Malformed)),
            ("utf8", "007", Ok(())),
        ] {
            let schema = parse_schema(&format!("a {type_name}")).unwrap();
            let column = inferred_values(schema.field(0).data_type(), BinaryText::Base64);
            let mut column = column.unwrap().unwrap();
            assert_eq!(column.append(text), fits, "{type_name} {text}");
            assert_eq!(column.finish().data_type(), schema.field(0).data_type());
        }
    }
}
