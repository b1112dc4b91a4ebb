//! Checks the types of a schema before they are used: arrow-rs takes types that no array can have,
//! and panics when the first batch arrives.

use crate::error::{Error, Result};
use crate::schema::inner_fields;
use crate::text::escaped;
use arrow::datatypes::{DataType, FieldRef, Schema};

/// Checks the types of all columns.
///
/// # Errors
/// A type that no array can have, with the path of its column.
pub(super) fn check_types(schema: &Schema) -> Result<()> {
    schema.fields().iter().try_for_each(|field| check_field(field, ""))
}

fn check_field(field: &FieldRef, above: &str) -> Result<()> {
    let path = format!("{above}{}", field.name());
    check_type(field.data_type()).map_err(|why| {
        Error::failed(format!("damaged schema: column \"{}\": {why}", escaped(&path)))
    })?;
    let mut data_type = field.data_type();
    while let DataType::Dictionary(_, values) = data_type {
        check_type(values).map_err(|why| {
            Error::failed(format!("damaged schema: column \"{}\": {why}", escaped(&path)))
        })?;
        data_type = values;
    }
    let below = format!("{path}.");
    inner_fields(data_type).into_iter().try_for_each(|inner| check_field(inner, &below))
}

fn check_type(data_type: &DataType) -> Result<(), String> {
    use DataType as T;
    let precision = |precision: &u8, most: u8| {
        if (1..=most).contains(precision) {
            return Ok(());
        }
        Err(format!("a decimal of this width has 1 to {most} digits, not {precision}"))
    };
    match data_type {
        T::FixedSizeBinary(width) if *width < 0 => Err(format!("its values have {width} bytes")),
        T::FixedSizeList(_, size) if *size < 0 => Err(format!("its lists have {size} elements")),
        T::RunEndEncoded(ends, _)
            if !matches!(ends.data_type(), T::Int16 | T::Int32 | T::Int64) =>
        {
            Err(format!("run ends are int16, int32 or int64, not {}", ends.data_type()))
        }
        T::Map(entries, _) => match entries.data_type() {
            T::Struct(fields) if fields.len() == 2 => Ok(()),
            other => Err(format!("the entries of a map are a key and a value, not {other}")),
        },
        T::Decimal32(digits, _) => precision(digits, 9),
        T::Decimal64(digits, _) => precision(digits, 18),
        T::Decimal128(digits, _) => precision(digits, 38),
        T::Decimal256(digits, _) => precision(digits, 76),
        T::Union(fields, _) => match fields.iter().find(|(id, _)| *id < 0) {
            Some((id, _)) => Err(format!("a union has the type id {id}, which is negative")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
