//! Finds the column that makes a schema unreadable, and why.

use crate::error::{Error, Result, guard};
use crate::text::escaped;
use arrow::datatypes::Field as ArrowField;
use arrow_ipc::{Field, Schema, Type};

/// The error for the first column whose type is unknown; `None` if there is another cause.
pub(super) fn unreadable_column(schema: Schema<'_>) -> Option<Error> {
    let mut fields = schema.fields()?.iter();
    fields.find_map(|field| unreadable(field, ""))
}

fn unreadable(field: Field<'_>, above: &str) -> Option<Error> {
    let path = format!("{above}{}", field.name().unwrap_or_default());
    let below = format!("{path}.");
    let mut children = field.children().into_iter().flatten();
    if let Some(error) = children.find_map(|child| unreadable(child, &below)) {
        return Some(error);
    }
    let named = |why: String| Error::failed(format!("column \"{}\": {why}", escaped(&path)));
    if let Some(integer) = field.type_as_int().filter(|_| field.type_type() == Type::Int)
        && !matches!(integer.bitWidth(), 8 | 16 | 32 | 64)
    {
        let sign = if integer.is_signed() { "" } else { "u" };
        let way_out = match integer.bitWidth() {
            128 => " (in Polars cast it to Decimal(38, 0) before writing)",
            _ => "",
        };
        return Some(named(format!(
            "{sign}int{} is not a type of the Arrow format{way_out}",
            integer.bitWidth()
        )));
    }
    let read: Result<ArrowField> = guard("its type cannot be read", || Ok(field.into()));
    read.err().map(|error| named(error.to_string()))
}
